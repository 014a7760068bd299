"""Other people's agents, by `module:Class`: made with their own settings, reset in their way."""

import inspect
import logging
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, Final

import numpy as np
from PIL import Image

from riosim.errors import UsageError
from riosim.observation import Pixels
from riosim.registry import load_object

__all__ = ["Foreign", "accepted", "png_bytes"]

_LOGGERS: Final = ("runtime_logger", "_logger", "logger")


class Foreign:
    """An agent of another project, made anew when it cannot be reset.

    Attributes:
        agent: It.
    """

    def __init__(self, reference: object, options: object, *, kind: str, method: str) -> None:
        if not isinstance(reference, str) or ":" not in reference:
            raise UsageError(
                f"agent={reference!r} names no agent. Say where the {kind} agent is: "
                "-A agent=module:Class."
            )
        if options is not None and not isinstance(options, Mapping):
            raise UsageError(
                f"options={str(options)[:80]!r} are no settings. Write the agent's own as an "
                'object: -A options=\'{"model": "my-model"}\'.'
            )
        self._reference = reference
        self._options: dict[str, Any] = dict(options or {})
        self._kind = kind
        self._method = method
        self._factory: Any = load_object(reference)
        self.agent: Any = self._make()

    def reset(self, *, seed: int) -> None:
        """Let it forget the last episode."""
        forget = getattr(self.agent, "reset", None)
        if not callable(forget):
            self.agent = self._make()
            return
        logger = logging.getLogger(f"riosim.{self._kind.lower()}")
        known = {**dict.fromkeys(_LOGGERS, logger), "vm_ip": "", "seed": seed}
        given = accepted(forget, known)
        first = _first_wanted(forget)
        if first is None or first in given:
            forget(**given)
        else:
            forget(logger, **given)  # OSWorld hands it on by place, whatever it is called

    def _make(self) -> Any:
        factory = self._factory
        if callable(factory):
            made = self._called(factory, self._options)
        elif self._options:
            raise UsageError(
                f"{self._reference!r} is a {type(factory).__name__}, no class: it takes no options."
            )
        else:
            made = factory
        if not callable(getattr(made, self._method, None)) and hasattr(made, "make_agent"):
            made = self._called(made.make_agent, {})  # settings that make an agent, as AgentLab's
        if not callable(getattr(made, self._method, None)):
            raise UsageError(
                f"{self._reference!r} is no {self._kind} agent: a {type(made).__name__} has no "
                f"method {self._method!r}."
            )
        return made

    def _called(self, factory: Callable[..., Any], options: Mapping[str, Any]) -> Any:
        try:
            return factory(**options)
        except UsageError:
            raise
        except Exception as exc:  # a stranger's constructor may raise anything
            given = ", ".join(options) or "none"
            raise UsageError(
                f"The {self._kind} agent {self._reference!r} cannot be made with the options "
                f"({given}): {type(exc).__name__}: {exc}"
            ) from exc


def accepted(function: Callable[..., Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the known arguments that a function takes by name."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # one written in C has no signature
        return {}
    by_name = {
        name
        for name, parameter in parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }
    return {name: value for name, value in known.items() if name in by_name}


def _first_wanted(function: Callable[..., Any]) -> str | None:
    """Return the first argument that must be given by place, None if there is none."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    first = next(iter(parameters), None)
    wanted = first is not None and first.default is first.empty
    by_place = first is not None and first.kind in (
        first.POSITIONAL_ONLY,
        first.POSITIONAL_OR_KEYWORD,
    )
    return first.name if first is not None and wanted and by_place else None


def png_bytes(picture: Pixels) -> bytes:
    """Return a picture as a PNG."""
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
