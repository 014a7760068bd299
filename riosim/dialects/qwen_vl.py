"""The `computer_use` function of Qwen2.5-VL and Qwen3-VL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Self, get_args

from riosim.action import Action, Drag, Move, Point
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.dialects.hand import end_of
from riosim.dialects.qwen_vl_reading import QWEN_VL_FUNCTION, QwenVLReading
from riosim.dialects.qwen_vl_writing import QwenVLWriting
from riosim.dialects.smart_resize import smart_resize
from riosim.dialects.thinking import split_thinking
from riosim.dialects.tool_call_text import read_tool_calls, write_tool_call
from riosim.errors import InvalidActionError, UsageError

__all__ = ["QWEN_VL_FUNCTION", "QWEN_VL_VERSIONS", "QwenVL", "QwenVLVersion", "qwen_vl_picture"]

QwenVLVersion = Literal["2.5", "3"]
QWEN_VL_VERSIONS: Final[tuple[QwenVLVersion, ...]] = get_args(QwenVLVersion)


class _Sizes(NamedTuple):
    factor: int
    min_pixels: int
    max_pixels: int


_SIZES: Final[Mapping[str, _Sizes]] = {  # as in the models' own preprocessor settings
    "2.5": _Sizes(28, 4 * 28**2, 16_384 * 28**2),
    "3": _Sizes(32, 256**2, 4_096**2),
}


def qwen_vl_picture(
    screen: Screen,
    version: QwenVLVersion = "3",
    *,
    min_pixels: int | None = None,
    max_pixels: int | None = None,
) -> Screen:
    """Return the size in which the model sees a screen; the bounds default to the version's own.

    Raises:
        UsageError: No version is named so, the bounds are none, or the screen is too oblong.
    """
    sizes = _SIZES[_known(version)]
    return smart_resize(
        screen,
        factor=sizes.factor,
        min_pixels=sizes.min_pixels if min_pixels is None else min_pixels,
        max_pixels=sizes.max_pixels if max_pixels is None else max_pixels,
    )


@dataclass(frozen=True, slots=True)
class QwenVL:
    """The `computer_use` function in `<tool_call>` tags.

    `left_click_drag` begins where the pointer stands, `scroll` happens there, and so does a click
    without a coordinate: the pointer is followed through the calls of one answer, and a
    `mouse_move` right before a `left_click_drag` becomes its beginning. `answer` is a finish with
    its text. `terminate` is a finish; after a `failure` the words beside it are the answer, so that
    a refusal in them is heard. The functions of `mobile_use` do not exist here.

    Attributes:
        grid: How places are counted; see `for_screen`.
        version: "2.5" or "3".
        extras: Whether there are actions and arguments that the models were not trained on:
            `goto`, `back`, `new_tab`, `close_tab`, `switch_tab` (`url`, `index`), `ask_user`,
            `refuse` (`text`), `mouse_down`, `mouse_up`, and `count`, `button`, `modifiers`.
        pointer: Where the pointer stands, None if that is not known.
        pixels_per_notch: How many of `pixels` are one notch of the wheel; positive is up. 1 is how
            the agents of OSWorld take it, whose `pixels` are what pyautogui calls clicks. Any
            scroll is at least one notch and at most 50.
    """

    grid: Grid
    version: QwenVLVersion = "3"
    extras: bool = False
    pointer: Point | None = None
    pixels_per_notch: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a version that does not exist, and a notch of nothing."""
        _known(self.version)
        if not 0 < self.pixels_per_notch <= 10_000:
            raise UsageError(
                f"pixels_per_notch is {self.pixels_per_notch}; give a number above 0, to 10000."
            )

    @classmethod
    def for_screen(
        cls,
        screen: Screen,
        version: QwenVLVersion = "3",
        *,
        min_pixels: int | None = None,
        max_pixels: int | None = None,
        extras: bool = False,
    ) -> Self:
        """Return the dialect with the version's own way of counting.

        Qwen3-VL counts 0–1000. Qwen2.5-VL counts in pixels of the resized picture: send it in the
        size of `qwen_vl_picture`, or give the server's own bounds.

        Raises:
            UsageError: No version is named so, the bounds are none, or the screen is too oblong.
        """
        picture = qwen_vl_picture(screen, version, min_pixels=min_pixels, max_pixels=max_pixels)
        grid = Grid.resized(screen, picture) if version == "2.5" else Grid.thousand(screen)
        return cls(grid, version, extras)

    @property
    def name(self) -> str:
        """What it is called in records and settings."""
        return f"qwen_vl-{self.version}"

    def read(self, said: str) -> Reading:
        """Return what was said; total."""
        if not isinstance(said, str):
            why = f"The answer is a {type(said).__name__}, no text."
            return Reading((InvalidOutput(str(said)[:20_000], why),))
        thinking, rest = split_thinking(said, calls=_spans)
        calls, prose = read_tool_calls(rest)
        thought = "\n".join(part for part in (thinking, prose) if part)
        if not calls:
            why = "it has no <tool_call>." if said.strip() else "it is empty."
            nothing = InvalidOutput(said[:20_000], f"The answer holds no action: {why}")
            return Reading((nothing,), thought)
        actions: list[Action | InvalidOutput] = []
        pointer = self.pointer
        for call in calls:
            reading = QwenVLReading(self.grid, self.extras, pointer, self.pixels_per_notch)
            action = reading.action(call, thought)
            if isinstance(action, Drag) and actions and isinstance(actions[-1], Move):
                actions.pop()  # it is where the drag begins
            actions.append(action)
            if not isinstance(action, InvalidOutput):
                pointer = end_of(action) or pointer
        return Reading(tuple(actions), thought)

    def write(self, action: Action) -> str:
        """Return the action as a call in its tags; a drag takes two.

        Raises:
            UnsayableError: The function has no words for it; or a point lies off the screen.
        """
        writing = QwenVLWriting(self.grid, self.extras, self.pixels_per_notch)
        try:
            calls = writing.calls(action)
        except InvalidActionError as exc:
            raise UnsayableError(self.name, action, str(exc)) from exc
        return "\n".join(write_tool_call(QWEN_VL_FUNCTION, arguments) for arguments in calls)


def _spans(text: str) -> list[tuple[int, int]]:
    """Return where calls stand in a text, drafts of them in what was thought included."""
    return [(call.start, call.end) for call in read_tool_calls(text)[0]]


def _known(version: str) -> QwenVLVersion:
    for known in QWEN_VL_VERSIONS:
        if version == known:
            return known
    raise UsageError(
        f"There is no version {str(version)[:40]!r} of Qwen-VL here; "
        f"give one of: {', '.join(QWEN_VL_VERSIONS)}."
    )
