"""The dialects that a local model may speak, by name."""

import json
from dataclasses import dataclass
from typing import Any, Final

from riosim.action import Click, Point
from riosim.dialects.coordinate import Grid
from riosim.dialects.dialect import Dialect
from riosim.dialects.own_json import OwnJson
from riosim.dialects.pyautogui_code import PyautoguiCode
from riosim.dialects.qwen_vl import QWEN_VL_FUNCTION, QwenVL
from riosim.dialects.ui_tars import UiTars
from riosim.errors import UsageError
from riosim.styles.style import Mark
from riosim_agents.model.prompt import filled, part

__all__ = ["LOCAL_DIALECTS", "Speech", "speech_named"]

_COUNTED: Final = {  # how each was trained, or, for the first two, what is most natural
    "own_json": "picture",
    "pyautogui": "picture",
    "ui_tars_1.0": "thousand",
    "ui_tars_1.5": "picture",
    "qwen_vl_2.5": "picture",
    "qwen_vl_3": "thousand",
}
LOCAL_DIALECTS: Final = tuple(_COUNTED)
_QWEN_KEYS: Final = {
    "coordinate": {"type": "array", "description": "[x, y], for all that the mouse does"},
    "text": {"type": "string", "description": "for type and answer"},
    "keys": {"type": "array", "description": "for key: pressed together"},
    "pixels": {"type": "number", "description": "for scroll: above 0 up, below 0 down"},
    "time": {"type": "number", "description": "for wait: seconds"},
    "status": {"type": "string", "enum": ["success", "failure"], "description": "for terminate"},
}
_QWEN_ACTIONS: Final = (
    "key type mouse_move left_click left_click_drag right_click middle_click double_click "
    "triple_click scroll hscroll wait answer terminate"
).split()


@dataclass(frozen=True, slots=True)
class Speech:
    """A dialect by its name in settings.

    Attributes:
        name: One of `LOCAL_DIALECTS`.
        extras: Whether the vendors' dialects have words for all of our actions, beyond what their
            models were trained on.
    """

    name: str
    extras: bool = False

    @property
    def coordinates(self) -> str:
        """How it counts, in the words of the setting `coordinates`."""
        return _COUNTED[self.name]

    @property
    def is_vendors(self) -> bool:
        """Whether a vendor made it, for models of their own."""
        return self.name.startswith(("ui_tars", "qwen_vl"))

    def on(self, grid: Grid, marks: tuple[Mark, ...], pointer: Point | None) -> Dialect[str]:
        """Return the dialect on a screen, with the pointer where it was left."""
        match self.name:
            case "own_json":
                return OwnJson(grid, marks)
            case "pyautogui":
                return PyautoguiCode(grid, pointer=pointer)
            case "ui_tars_1.0":
                return UiTars(grid, "1.0", self.extras, pointer)
            case "ui_tars_1.5":
                return UiTars(grid, "1.5", self.extras, pointer)
            case "qwen_vl_2.5":
                return QwenVL(grid, "2.5", self.extras, pointer)
            case _:
                return QwenVL(grid, "3", self.extras, pointer)

    def answer(self, grid: Grid) -> str:
        """Return how a vendor's model is told to answer."""
        screen = grid.screen
        click = Click(at=Point(x=screen.width_px // 2, y=screen.height_px // 2))
        example = self.on(grid, (), None).write(click)
        if self.name.startswith("ui_tars"):
            return filled(
                part("local_answer_ui_tars"), {"example": example.removeprefix("Action: ")}
            )
        function = json.dumps(_qwen_function())
        return filled(part("local_answer_qwen_vl"), {"function": function, "example": example})

    def ending(self) -> str:
        """Return how a vendor's model is told to finish."""
        return part(f"local_ending_{'ui_tars' if self.name.startswith('ui_tars') else 'qwen_vl'}")


def speech_named(name: object, *, extras: object) -> Speech:
    """Return a dialect by its name.

    Raises:
        UsageError: There is none, or EXTRAS is neither true nor false.
    """
    if name not in LOCAL_DIALECTS:
        raise UsageError(
            f"dialect is {str(name)[:80]!r}; give one of: {', '.join(LOCAL_DIALECTS)}."
        )
    if type(extras) is not bool:
        raise UsageError(f"extras is {str(extras)[:80]!r}; true or false.")
    return Speech(str(name), extras)


def _qwen_function() -> dict[str, Any]:
    """Return the function's description, in the shape that the models know."""
    action = {"type": "string", "enum": list(_QWEN_ACTIONS)}
    return {
        "type": "function",
        "function": {
            "name": QWEN_VL_FUNCTION,
            "description": "Use mouse and keyboard of the computer.",
            "parameters": {
                "type": "object",
                "properties": {"action": action, **_QWEN_KEYS},
                "required": ["action"],
            },
        },
    }
