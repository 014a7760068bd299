"""The dialects that a local model may speak, by name."""

import json
from dataclasses import dataclass
from typing import Final

from riosim.action import Click, Point
from riosim.dialects.coordinate import Grid
from riosim.dialects.dialect import Dialect
from riosim.dialects.own_json import OwnJson
from riosim.dialects.pyautogui_code import PyautoguiCode
from riosim.dialects.qwen_vl import QwenVL
from riosim.dialects.ui_tars import UiTars
from riosim.errors import UsageError
from riosim.styles.style import Mark
from riosim_agents.gui_model.qwen_vl_function import qwen_vl_ending, qwen_vl_function
from riosim_agents.gui_model.ui_tars_functions import ui_tars_functions
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

    def answer(self, grid: Grid, *, has_tabs: bool) -> str:
        """Return how a vendor's model is told to answer."""
        if self._is_ui_tars:
            functions = ui_tars_functions(self._version, extras=self.extras, has_tabs=has_tabs)
            return filled(part("local_answer_ui_tars"), {"functions": functions})
        screen = grid.screen
        click = Click(at=Point(x=screen.width_px // 2, y=screen.height_px // 2))
        function = qwen_vl_function(
            width=grid.width,
            height=grid.height,
            extras=self.extras,
            has_tabs=has_tabs,
            pixels_per_notch=1.0,
        )
        example = self.on(grid, (), None).write(click)
        return filled(
            part("local_answer_qwen_vl"), {"function": json.dumps(function), "example": example}
        )

    def ending(self) -> str:
        """Return how a vendor's model is told to finish."""
        if self._is_ui_tars:
            return "" if self.extras else part("local_ending_ui_tars")
        return qwen_vl_ending(extras=self.extras)

    @property
    def _is_ui_tars(self) -> bool:
        return self.name.startswith("ui_tars")

    @property
    def _version(self) -> str:
        return self.name.rpartition("_")[2]


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
