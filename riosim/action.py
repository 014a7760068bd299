"""What an agent can do: one frozen union, shared by desktop and browser.

Points are pixels of the screenshot, origin top-left. `parse_action` is the only door for text that
comes from a model.
"""

import json
import re
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from riosim.errors import InvalidActionError

__all__ = [
    "ACTION_TYPES",
    "BROWSER_KINDS",
    "KEYS",
    "MAX_TEXT_CHARS",
    "Action",
    "AskUser",
    "Back",
    "Button",
    "Click",
    "CloseTab",
    "Drag",
    "Finish",
    "Goto",
    "Hotkey",
    "Modifier",
    "MouseDown",
    "MouseUp",
    "Move",
    "NewTab",
    "Point",
    "Press",
    "Refuse",
    "RunPython",
    "Scroll",
    "SwitchTab",
    "TypeText",
    "Wait",
    "action_json_schema",
    "parse_action",
]

MAX_TEXT_CHARS: Final = 20_000
_NAMED_KEYS = (
    "alt backspace capslock ctrl delete down end enter escape home insert left menu pagedown "
    "pageup pause printscreen right shift space super tab up"
).split()
KEYS: Final = frozenset(
    [*_NAMED_KEYS, *(f"f{n}" for n in range(1, 13)), *(chr(code) for code in range(33, 127))]
)
"""Named keys, and every printable ASCII character as itself."""

Button = Literal["left", "middle", "right"]
Modifier = Literal["alt", "ctrl", "shift", "super"]
_Coordinate = Annotated[int, Field(ge=0, le=16_384)]


def _is_key(name: str) -> str:
    if name not in KEYS:
        raise ValueError(
            f"no key is named {name[:40]!r}; use one printable character or one of: "
            + ", ".join(sorted(KEYS - {chr(c) for c in range(33, 127)}))
        )
    return name


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Point(_Frozen):
    """A pixel of the screenshot."""

    x: _Coordinate
    y: _Coordinate


class _Action(_Frozen):
    """Base of all actions."""


class Click(_Action):
    """Press and release a mouse button at a point, COUNT times."""

    kind: Literal["click"] = "click"
    at: Point
    button: Button = "left"
    count: Annotated[int, Field(ge=1, le=3)] = 1
    modifiers: tuple[Modifier, ...] = ()


class Move(_Action):
    """Move the pointer without pressing anything."""

    kind: Literal["move"] = "move"
    at: Point


class Drag(_Action):
    """Press at one point, move, release at another."""

    kind: Literal["drag"] = "drag"
    start: Point
    end: Point
    button: Button = "left"


class Scroll(_Action):
    """Turn the wheel over a point; positive dy scrolls down, positive dx right, in notches."""

    kind: Literal["scroll"] = "scroll"
    at: Point
    dx: Annotated[int, Field(ge=-50, le=50)] = 0
    dy: Annotated[int, Field(ge=-50, le=50)] = 0


class TypeText(_Action):
    """Type text as it is, any Unicode; a line feed is the Enter key, a tab the Tab key."""

    kind: Literal["type_text"] = "type_text"
    text: Annotated[str, Field(max_length=MAX_TEXT_CHARS)]

    @field_validator("text")
    @classmethod
    def _is_typable(cls, text: str) -> str:
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", text):
            raise ValueError("text may hold no control character but tab and line feed")
        return text


class Press(_Action):
    """Press and release one key, COUNT times."""

    kind: Literal["press"] = "press"
    key: str
    count: Annotated[int, Field(ge=1, le=50)] = 1

    _known = field_validator("key")(_is_key)


class Hotkey(_Action):
    """Hold keys down in order, release them in reverse."""

    kind: Literal["hotkey"] = "hotkey"
    keys: Annotated[tuple[str, ...], Field(min_length=2, max_length=5)]

    @field_validator("keys")
    @classmethod
    def _known(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_is_key(key) for key in keys)


class MouseDown(_Action):
    """Press a mouse button at a point and keep it down."""

    kind: Literal["mouse_down"] = "mouse_down"
    at: Point
    button: Button = "left"


class MouseUp(_Action):
    """Release a mouse button at a point."""

    kind: Literal["mouse_up"] = "mouse_up"
    at: Point
    button: Button = "left"


class Wait(_Action):
    """Let time pass, in seconds of the machine."""

    kind: Literal["wait"] = "wait"
    seconds: Annotated[float, Field(ge=0, le=60, strict=False)] = 1.0


class Goto(_Action):
    """Load an address in the current tab; http and https only."""

    kind: Literal["goto"] = "goto"
    url: Annotated[str, Field(max_length=2_000, pattern=r"^https?://[^\s]+$")]


class Back(_Action):
    """Go back one page in the current tab."""

    kind: Literal["back"] = "back"


class NewTab(_Action):
    """Open a tab, at the home page if no address is given."""

    kind: Literal["new_tab"] = "new_tab"
    url: Annotated[str | None, Field(max_length=2_000, pattern=r"^https?://[^\s]+$")] = None


class CloseTab(_Action):
    """Close the current tab."""

    kind: Literal["close_tab"] = "close_tab"


class SwitchTab(_Action):
    """Bring a tab to the front; tabs are numbered from 0, left to right."""

    kind: Literal["switch_tab"] = "switch_tab"
    index: Annotated[int, Field(ge=0, le=99)]


class RunPython(_Action):
    """Run pyautogui code in the desktop, as the agent's user, in a process of its own."""

    kind: Literal["run_python"] = "run_python"
    code: Annotated[str, Field(max_length=MAX_TEXT_CHARS)]


class AskUser(_Action):
    """Ask the user something; the reply comes with the next observation."""

    kind: Literal["ask_user"] = "ask_user"
    question: Annotated[str, Field(max_length=MAX_TEXT_CHARS)]


class Finish(_Action):
    """End the episode: done, with whatever answer the task wants."""

    kind: Literal["finish"] = "finish"
    answer: Annotated[str, Field(max_length=MAX_TEXT_CHARS)] = ""


class Refuse(_Action):
    """End the episode: the agent will not do this."""

    kind: Literal["refuse"] = "refuse"
    reason: Annotated[str, Field(max_length=MAX_TEXT_CHARS)] = ""


_Union = (
    Click
    | Move
    | Drag
    | Scroll
    | TypeText
    | Press
    | Hotkey
    | MouseDown
    | MouseUp
    | Wait
    | Goto
    | Back
    | NewTab
    | CloseTab
    | SwitchTab
    | RunPython
    | AskUser
    | Finish
    | Refuse
)
Action = Annotated[_Union, Field(discriminator="kind")]

ACTION_TYPES: Final[tuple[type[_Action], ...]] = get_args(_Union)
BROWSER_KINDS: Final = frozenset({"goto", "back", "new_tab", "close_tab", "switch_tab"})
"""Kinds that need a browser under our control; invalid on a desktop surface."""

_ADAPTER: Final[TypeAdapter[Any]] = TypeAdapter(Action)


def action_json_schema() -> dict[str, Any]:
    """Return the JSON schema of `Action`, for prompts, tool definitions and other languages."""
    return _ADAPTER.json_schema()


def parse_action(source: str | bytes | dict[str, Any]) -> Action:
    """Turn JSON text or a decoded object into an action.

    Raises:
        InvalidActionError: It is not one; the message says which part and what was seen. Nothing
            else is ever raised, whatever the source holds.
    """
    try:
        if isinstance(source, dict):
            # JSON mode, so that lists may stand for tuples as they do in text.
            source = json.dumps(source)
        action: Action = _ADAPTER.validate_json(source)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidActionError(
            f"{where[:200] + ': ' if where else ''}{first['msg'][:400]} (in {_shown(source)})"
        ) from exc
    except (TypeError, ValueError, RecursionError) as exc:
        raise InvalidActionError(f"Not JSON: {str(exc)[:200]} (in {_shown(source)})") from exc
    return action


def _shown(source: object) -> str:
    """Cut and quote what the model sent."""
    if isinstance(source, str | bytes):
        text = source[:800].decode(errors="replace") if isinstance(source, bytes) else source
    else:  # a dict that is no JSON: deep, circular, or with strangers in it
        text = f"a {type(source).__name__}"
    return repr(text if len(text) <= 200 else text[:200] + "…")
