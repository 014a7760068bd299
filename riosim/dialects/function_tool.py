"""Our own actions as functions that a model may call beside a vendor's computer tool.

A vendor's tool has no words for ending an episode, for asking the user, or for tabs.
"""

import inspect
import json
from dataclasses import dataclass
from typing import Any, Final

from riosim.action import ACTION_TYPES, Action, parse_action
from riosim.agent import InvalidOutput
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.errors import InvalidActionError

__all__ = ["FunctionTool", "FunctionTools", "offered_kinds", "shown_json"]

_KINDS: Final = {kind.model_fields["kind"].default: kind for kind in ACTION_TYPES}


@dataclass(frozen=True, slots=True)
class FunctionTool:
    """One function: its name, what it does, and the JSON schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FunctionTools:
    """Some kinds of our actions as functions; said is `{"name": …, "arguments": {…}}`.

    Attributes:
        kinds: Which; each is the name of its function.
    """

    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what is no kind of action."""
        if strange := sorted(set(self.kinds) - _KINDS.keys()):
            raise ValueError(
                f"{', '.join(strange)}: no kind of action. Known: {', '.join(_KINDS)}."
            )

    @property
    def name(self) -> str:
        """What it is called in records and settings."""
        return "functions"

    def tools(self) -> tuple[FunctionTool, ...]:
        """Return the functions that are offered."""
        return tuple(_tool(kind) for kind in self.kinds)

    def read(self, said: dict[str, Any]) -> Reading:
        """Return what was called; total. Arguments may be an object, or its JSON as a text."""
        try:
            return Reading((self._action(said),))
        except InvalidActionError as exc:
            return Reading((InvalidOutput.from_error(shown_json(said), exc),))

    def write(self, action: Action) -> dict[str, Any]:
        """Return the call.

        Raises:
            UnsayableError: There is no function for it.
        """
        if action.kind not in self.kinds:
            raise UnsayableError(self.name, action, "there is no such function")
        arguments = action.model_dump(mode="json", exclude_defaults=True)
        return {"name": action.kind, "arguments": arguments}

    def _action(self, said: object) -> Action:
        if not isinstance(said, dict):
            raise InvalidActionError("A call is an object with a name and arguments.")
        name, arguments = said.get("name"), said.get("arguments")
        if name not in self.kinds:
            known = ", ".join(self.kinds)
            raise InvalidActionError(f"There is no function {str(name)[:50]!r}. Known: {known}.")
        if isinstance(arguments, str):
            try:
                arguments = json.loads(arguments or "{}")
            except (ValueError, RecursionError) as exc:
                raise InvalidActionError(f"{name}: the arguments are no JSON: {exc}") from exc
        if not isinstance(arguments, dict):
            raise InvalidActionError(f"{name}: the arguments are no object.")
        given = {key: value for key, value in arguments.items() if value is not None}
        return parse_action({**given, "kind": name})


def shown_json(said: object) -> str:
    """Return anything as JSON text to be kept, cut; what is no JSON, by its type."""
    try:
        return json.dumps(said, ensure_ascii=False, default=repr)[:20_000]
    except (TypeError, ValueError, RecursionError):
        return f"a {type(said).__name__}"


def _tool(kind: str) -> FunctionTool:
    model = _KINDS[kind]
    schema = model.model_json_schema()
    properties = {
        name: {key: value for key, value in part.items() if key not in ("title", "default")}
        for name, part in schema["properties"].items()
        if name != "kind"
    }
    parameters: dict[str, Any] = {"type": "object", "properties": properties}
    if required := [name for name in schema.get("required", ()) if name != "kind"]:
        parameters["required"] = required
    parameters["additionalProperties"] = False
    return FunctionTool(kind, inspect.cleandoc(model.__doc__ or kind), parameters)


def offered_kinds(*, browser: bool, code: bool) -> tuple[str, ...]:
    """Return the kinds that a vendor's computer tool cannot say."""
    kinds = ["finish", "refuse", "ask_user"]
    if browser:
        kinds += ["goto", "back", "new_tab", "close_tab", "switch_tab"]
    return (*kinds, "run_python") if code else tuple(kinds)
