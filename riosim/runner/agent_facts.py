"""What can be said of an agent without making one: what it does and which settings it takes."""

import inspect
import re
from dataclasses import dataclass
from typing import Any

from riosim.choice import AgentChoice
from riosim.registry import Registry

__all__ = ["AgentFacts", "Setting", "facts_of_agent"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One keyword argument of an agent's constructor."""

    name: str
    type: str
    default: str | None  # as it is written in Python; None if it has to be given
    about: str


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """What an agent's class says of itself."""

    name: str
    origin: str
    about: str  # its documentation without the part on arguments
    settings: tuple[Setting, ...]


def facts_of_agent(reference: str) -> AgentFacts:
    """Return what the class of an agent says; it is imported for that.

    Raises:
        UsageError: There is none of that name, it cannot be imported, or it is no agent.
    """
    factory = AgentChoice(reference).find()
    about, arguments = split_docstring(inspect.getdoc(factory) or "It has no documentation.")
    settings = [
        _setting(parameter, arguments.get(name, ""))
        for name, parameter in inspect.signature(factory).parameters.items()
        if parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    origin = reference if ":" in reference else Registry[Any]("agent").origin(reference)
    return AgentFacts(reference, origin, about, tuple(settings))


def split_docstring(text: str) -> tuple[str, dict[str, str]]:
    r"""Return a docstring without its `Args:` section, and what that says of each argument.

    Example:
        >>> split_docstring("Does it.\n\nArgs:\n    a: One\n        more.\n    b: Two.")
        ('Does it.', {'a': 'One more.', 'b': 'Two.'})
    """
    before, _, section = text.partition("\nArgs:\n")
    lines = section.split("\n")
    after = next((n for n, line in enumerate(lines) if line and not line.startswith(" ")), None)
    arguments: dict[str, str] = {}
    last = ""
    for line in lines[:after]:
        begin = re.match(r" {4}(?P<name>\*{0,2}\w+)(?: \([^)]*\))?:\s*(?P<about>.*)", line)
        if begin:
            last = begin["name"]
            arguments[last] = begin["about"].strip()
        elif last and line.strip():
            arguments[last] = f"{arguments[last]} {line.strip()}".strip()
    rest = "\n".join(lines[after:]) if section and after is not None else ""
    return f"{before.strip()}\n\n{rest.strip()}".strip(), arguments


def _setting(parameter: inspect.Parameter, about: str) -> Setting:
    has_type = parameter.annotation is not parameter.empty
    return Setting(
        name=parameter.name,
        type=inspect.formatannotation(parameter.annotation) if has_type else "any",
        default=None if parameter.default is parameter.empty else repr(parameter.default),
        about=about,
    )
