"""The signature of the function that Qwen's models are given, in our words."""

from collections.abc import Mapping
from typing import Any, Final

from riosim.dialects.qwen_vl import QWEN_VL_FUNCTION
from riosim_agents.gui_model.prompt import gui_part

__all__ = ["qwen_vl_ending", "qwen_vl_function"]

_ACTIONS: Final = {
    "key": "press `keys` in order, then let go of them in reverse",
    "type": "type `text`; a line feed in it is the Enter key",
    "mouse_move": "move the pointer to `coordinate`",
    "left_click": "click at `coordinate`",
    "left_click_drag": "drag from where the pointer is to `coordinate`",
    "right_click": "click at `coordinate` with the right button",
    "middle_click": "click at `coordinate` with the middle button",
    "double_click": "click twice at `coordinate`",
    "triple_click": "click three times at `coordinate`",
    "scroll": "turn the wheel by `pixels`",
    "hscroll": "turn the wheel sideways by `pixels`; above 0 is to the right",
    "wait": "wait for `time`",
    "terminate": "end the task with a `status`",
    "answer": "end the task with the answer in `text`",
}
_EXTRA_ACTIONS: Final = {
    "ask_user": "ask the person what is in `text`",
    "refuse": "end the task because you will not do it; say why in `text`",
}
_BROWSER_ACTIONS: Final = {
    "goto": "load `url` in the current tab",
    "back": "go back to the page before",
    "new_tab": "open a tab, with `url` or without",
    "close_tab": "close the current tab",
    "switch_tab": "show the tab number `index`",
}
_TEXT: Final = {"type": "string"}
_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "keys": {"type": "array", "items": _TEXT, "description": "Names of keys, for `key`."},
    "text": {**_TEXT, "description": "For the actions that say so."},
    "coordinate": {
        "type": "array",
        "items": {"type": "number"},
        "description": "[x, y] from the top-left corner.",
    },
    "pixels": {
        "type": "number",
        "description": "How far to scroll: above 0 up, below 0 down. {notch}",
    },
    "time": {"type": "number", "description": "Seconds, 60 at most, for `wait`."},
    "status": {**_TEXT, "enum": ["success", "failure"], "description": "For `terminate`."},
}
_BROWSER_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "url": {**_TEXT, "description": "An address, for `goto` and `new_tab`."},
    "index": {"type": "integer", "description": "Of a tab, from 0, for `switch_tab`."},
}


def qwen_vl_function(
    *, width: float, height: float, extras: bool, has_tabs: bool, pixels_per_notch: float
) -> dict[str, Any]:
    """Return the signature for a screen that the model counts as WIDTH by HEIGHT."""
    has_browser = extras and has_tabs
    actions = {
        **_ACTIONS,
        **(_EXTRA_ACTIONS if extras else {}),
        **(_BROWSER_ACTIONS if has_browser else {}),
    }
    parameters = {**_PARAMETERS, **(_BROWSER_PARAMETERS if has_browser else {})}
    notch = f"One notch of the wheel is {pixels_per_notch:g}."
    described = {
        name: {**rule, "description": rule["description"].replace("{notch}", notch)}
        for name, rule in parameters.items()
    }
    listed = "\n".join(f"* `{name}`: {meaning}." for name, meaning in actions.items())
    action = {**_TEXT, "enum": list(actions), "description": f"What to do:\n{listed}"}
    return {
        "type": "function",
        "function": {
            "name": QWEN_VL_FUNCTION,
            "description": (
                "Use the mouse and the keyboard of the computer.\n"
                f"* The screen's resolution is {width:g}x{height:g}.\n"
                "* Some things take time to appear; wait and look again.\n"
                "* Point at the middle of what you mean, not at its edge."
            ),
            "parameters": {
                "type": "object",
                "properties": {"action": action, **described},
                "required": ["action"],
            },
        },
    }


def qwen_vl_ending(*, extras: bool) -> str:
    """Return how the model is told to end a task."""
    parts = ["qwen_vl_ending", *(["qwen_vl_extras"] if extras else [])]
    return " ".join(map(gui_part, parts))
