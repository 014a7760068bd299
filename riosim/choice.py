"""Which agent and which sandbox: names and settings that can be sent to a worker process."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from riosim.agent import Agent
from riosim.errors import RiosimError, SandboxUnavailableError, UsageError
from riosim.registry import Registry, load_object
from riosim.sandbox import Sandbox
from riosim.secret_setting import HIDDEN, is_secret

__all__ = [
    "AgentChoice",
    "SandboxChoice",
    "choose_sandbox",
]


class _Factory(Protocol):
    def __call__(self, **settings: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """An agent by its registered name or as `module:Class`, and its settings."""

    reference: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def make(self) -> Agent:
        """Return a new agent.

        Raises:
            UsageError: There is none of that name, it does not take these settings, or it cannot
                be made: its model is not there, for example.
        """
        factory = _find("agent", self.reference)
        try:
            made = _call("agent", self.reference, factory, self.settings)
        except RiosimError:
            raise
        except Exception as exc:
            raise UsageError(
                f"The agent {self.reference!r} cannot be made: {type(exc).__name__}: {exc}"
            ) from exc
        _must_act(self.reference, made)
        return cast("Agent", made)

    def find(self) -> Callable[..., Any]:
        """Return the class of the agent, or a function that makes one; nothing is made.

        Raises:
            UsageError: There is none of that name, or it is no agent.
        """
        factory = _find("agent", self.reference)
        if isinstance(factory, type):
            _must_act(self.reference, factory)
        return factory

    def check(self) -> None:
        """Make sure that `make` would find it; a model is not loaded for that.

        Raises:
            UsageError: There is none of that name, it is no agent, or it does not take these
                settings.
        """
        _must_take("agent", self.reference, self.find(), self.settings)

    def shown_settings(self) -> dict[str, Any]:
        """Return the settings with every secret hidden."""
        return {
            name: HIDDEN if is_secret(name, value) else value
            for name, value in self.settings.items()
        }


@dataclass(frozen=True, slots=True)
class SandboxChoice:
    """A sandbox by its registered name or as `module:Class`; `why` says who chose it.

    One that takes a `run_id` is given the run's, to mark what it makes on this machine.
    """

    reference: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    why: str = "asked for"
    run_id: str | None = None

    def make(self) -> Sandbox:
        """Return a new sandbox; nothing is started.

        Raises:
            UsageError: There is none of that name, or it does not take these settings.
        """
        settings = dict(self.settings)
        factory = _find("sandbox", self.reference)
        if self.run_id is not None and "run_id" in inspect.signature(factory).parameters:
            settings.setdefault("run_id", self.run_id)
        return cast("Sandbox", _call("sandbox", self.reference, factory, settings))


def choose_sandbox(reference: str, settings: Mapping[str, Any] | None = None) -> SandboxChoice:
    """Return what `auto` stands for on this machine; anything else is taken as it is.

    `auto` is Docker where it can work, else the embedded one; `why` tells the reason.

    Raises:
        SandboxUnavailableError: `auto`, and neither can work here.
    """
    settings = dict(settings or {})
    if reference != "auto":
        return SandboxChoice(reference, settings)
    reasons: list[str] = []
    for name in ("docker", "embedded"):
        reason = _why_not(name)
        if reason is None:
            why = f"auto: {'; '.join(reasons)}" if reasons else f"auto: {name} can work here"
            return SandboxChoice(name, settings, why)
        reasons.append(f"no {name}: {reason}")
    raise SandboxUnavailableError(
        f"No sandbox can work on this machine. {' '.join(reasons)} `riosim doctor` says more."
    )


def _why_not(name: str) -> str | None:
    """Return why the sandbox cannot work here, None if it can."""
    try:
        kind = Registry[Any]("sandbox")[name]
    except UsageError as exc:
        return str(exc)
    ask = getattr(kind, "why_not", None)
    return None if ask is None else cast("str | None", ask())


def _find(kind: str, reference: str) -> _Factory:
    found: object = (
        load_object(reference) if ":" in reference else Registry[_Factory](kind)[reference]
    )
    if not callable(found):
        raise UsageError(
            f"The {kind} {reference!r} is a {type(found).__name__}, no class. Name the class; "
            "riosim makes a new one in each process."
        )
    return cast("_Factory", found)


def _must_act(reference: str, agent: object) -> None:
    """Make sure that an agent, or a class of agents, has the methods of the port."""
    lacking = [name for name in ("reset", "act") if not callable(getattr(agent, name, None))]
    if lacking:
        what = agent.__name__ if isinstance(agent, type) else f"A {type(agent).__name__}"
        raise UsageError(
            f"The agent {reference!r} is none: {what} has no method "
            f"{' and no method '.join(map(repr, lacking))}. An agent is a class with "
            "reset(self, instruction, *, seed) and act(self, observation)."
        )


def _call(kind: str, reference: str, factory: _Factory, settings: Mapping[str, Any]) -> Any:
    _must_take(kind, reference, factory, settings)
    return factory(**settings)


def _must_take(kind: str, reference: str, factory: _Factory, settings: Mapping[str, Any]) -> None:
    try:
        inspect.signature(factory).bind(**settings)
    except TypeError as exc:
        hint = "" if isinstance(factory, type) else " It is a function; is the class meant?"
        raise UsageError(
            f"The {kind} {reference!r} does not take these settings: {exc}. It takes "
            f"{_parameters(factory)}.{hint}"
        ) from exc


def _parameters(factory: _Factory) -> str:
    names = [name for name in inspect.signature(factory).parameters if name != "self"]
    return ", ".join(names) or "none"
