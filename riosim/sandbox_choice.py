"""Which sandbox `auto` takes, and why; said aloud and kept in the manifest."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from riosim.errors import MissingDependencyError, SandboxUnavailableError
from riosim.registry import Registry

__all__ = ["SandboxChoice", "choose_sandbox"]

_PREFERENCE = ("docker", "embedded")


@dataclass(frozen=True, slots=True)
class SandboxChoice:
    """The name of a sandbox, and the reason in one sentence."""

    name: str
    why: str


def choose_sandbox(surfaces: Collection[str]) -> SandboxChoice:
    """Take Docker when an engine answers and can play, else embedded.

    Raises:
        SandboxUnavailableError: None of them can play these surfaces on this host.
    """
    registry: Registry[Any] = Registry("sandbox")
    refusals: list[str] = []
    for name in _PREFERENCE:
        if name not in registry:
            refusals.append(f"{name}: not installed")
            continue
        try:
            kind = registry[name]
        except MissingDependencyError as exc:
            refusals.append(f"{name}: {exc}")
            continue
        reason: str | None = kind.why_not()
        missing = sorted(set(surfaces) - set(kind.surfaces))
        plays_some = len(missing) < len(set(surfaces))
        if reason is None and missing and not (name == "embedded" and plays_some):
            reason = f"it has no {', '.join(missing)} surface"
        if reason is None:
            because = "; ".join(refusals)
            why = f"{name}, because {because}" if because else f"{name}: an engine answers"
            return SandboxChoice(name, why)
        refusals.append(f"{name}: {reason}")
    raise SandboxUnavailableError(
        "No sandbox can be used here. " + " | ".join(refusals) + " See `riosim doctor`."
    )
