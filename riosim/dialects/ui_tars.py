"""The grammar of the UI-TARS models: `Thought: …` and `Action: click(start_box='(x,y)')`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self, get_args

from riosim.action import Action, Point
from riosim.agent import InvalidOutput
from riosim.dialects.call_text import MOST_CALLS, begins_call, call_start, read_calls
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.dialects.smart_resize import smart_resize
from riosim.dialects.thinking import split_thinking
from riosim.dialects.ui_tars_reading import FUNCTIONS, UiTarsReading
from riosim.dialects.ui_tars_writing import UiTarsWriting
from riosim.errors import InvalidActionError, UsageError

__all__ = ["UI_TARS_VERSIONS", "UiTars", "UiTarsVersion", "ui_tars_picture"]

UiTarsVersion = Literal["1.0", "1.5", "doubao"]
UI_TARS_VERSIONS: Final[tuple[UiTarsVersion, ...]] = get_args(UiTarsVersion)

_FACTOR: Final = 28
_MIN_PIXELS: Final = 100 * _FACTOR**2
_MAX_PIXELS: Final[Mapping[str, int]] = {
    "1.0": 2_700 * _FACTOR**2,
    "1.5": 16_384 * _FACTOR**2,
    "doubao": 5_120 * _FACTOR**2,
}
_ACTION: Final = re.compile(r"(?:^|\n)[ \t>*#`-]{0,20}Action[ \t]{0,9}\d{0,3}[ \t]{0,9}[:：]\**")
_ANY_ACTION: Final = re.compile(r"\bAction\s{0,9}\d{0,3}\s{0,9}[:：]\**")
_LINE: Final = re.compile(r"(?:^|\n)[ \t`]{0,20}(?=[a-z_]{1,20}\()")
_LABEL: Final = re.compile(r"\*{0,2}(?:Thought|Reflection)\*{0,2}\s{0,9}[:：]\*{0,2}")


def ui_tars_picture(
    screen: Screen,
    version: UiTarsVersion = "1.5",
    *,
    min_pixels: int | None = None,
    max_pixels: int | None = None,
) -> Screen:
    """Return the size in which the model sees a screen; the bounds default to the version's own.

    Raises:
        UsageError: No version is named so, the bounds are none, or the screen is too oblong.
    """
    return smart_resize(
        screen,
        factor=_FACTOR,
        min_pixels=_MIN_PIXELS if min_pixels is None else min_pixels,
        max_pixels=_MAX_PIXELS[_known(version)] if max_pixels is None else max_pixels,
    )


@dataclass(frozen=True, slots=True)
class UiTars:
    """The grammar of UI-TARS 1.0, 1.5 and the vendor's service.

    Read are all forms that any version uses: boxes, points, box tokens, several calls in a row.
    The versions differ in how they count, which is the grid's affair, and in how a place is
    written: `start_box='(x,y)'`, in the service ("doubao") `point='<point>x y</point>'`.

    `finished` is a finish with its content as the answer, `call_user` asks the user what was
    thought beside it, `wait` takes 5 seconds, `scroll` turns the wheel by 5 notches. Functions of
    telephones (`long_press`, `open_app`, …) do not exist here.

    Attributes:
        grid: How places are counted; see `for_screen`.
        version: "1.0", "1.5" or "doubao".
        extras: Whether there are functions and arguments that the models were not trained on:
            `goto`, `back`, `new_tab`, `close_tab`, `switch_tab`, `refuse`, `mouse_down`,
            `mouse_up`, `click(…, button='middle', count='3', modifiers='ctrl')`,
            `drag(…, button='right')`, `scroll(…, notches='2')`, `hotkey(…, count='3')`,
            `wait(seconds='1')`, `call_user(content='…')`.
        pointer: Where the pointer stands, for a `scroll` without a place; None takes the middle.
    """

    grid: Grid
    version: UiTarsVersion = "1.5"
    extras: bool = False
    pointer: Point | None = None

    def __post_init__(self) -> None:
        """Refuse a version that does not exist."""
        _known(self.version)

    @classmethod
    def for_screen(
        cls,
        screen: Screen,
        version: UiTarsVersion = "1.5",
        *,
        min_pixels: int | None = None,
        max_pixels: int | None = None,
        extras: bool = False,
    ) -> Self:
        """Return the dialect with the version's own way of counting.

        1.0 and the service count 0–1000. 1.5 counts in pixels of the resized picture: send it in
        the size of `ui_tars_picture`, or give the server's own bounds.

        Raises:
            UsageError: No version is named so, the bounds are none, or the screen is too oblong.
        """
        picture = ui_tars_picture(screen, version, min_pixels=min_pixels, max_pixels=max_pixels)
        grid = Grid.resized(screen, picture) if version == "1.5" else Grid.thousand(screen)
        return cls(grid, version, extras)

    @property
    def name(self) -> str:
        """What it is called in records and settings."""
        return f"ui_tars-{self.version}"

    def read(self, said: str) -> Reading:
        """Return what was said; total."""
        if not isinstance(said, str):
            why = f"The answer is a {type(said).__name__}, no text."
            return Reading((InvalidOutput(str(said)[:20_000], why),))
        thinking, rest = split_thinking(said, calls=_spans)
        start, end_of_thought = _action_start(rest)
        thought = "\n".join(part for part in (thinking, _thought(rest[:end_of_thought])) if part)
        if start < 0:
            why = "it has no line `Action: …` with a call." if said.strip() else "it is empty."
            nothing = InvalidOutput(said[:20_000], f"The answer holds no action: {why}")
            return Reading((nothing,), thought)
        reading = UiTarsReading(self.grid, self.extras, self.pointer)
        calls = read_calls(rest, start, FUNCTIONS)
        return Reading(tuple(reading.action(call, thought) for call in calls), thought)

    def write(self, action: Action) -> str:
        """Return the action as a line `Action: …`.

        Raises:
            UnsayableError: The grammar has no words for it; or a point lies off the screen.
        """
        writing = UiTarsWriting(self.grid, self.extras, points=self.version == "doubao")
        try:
            return f"Action: {writing.call(action)}"
        except InvalidActionError as exc:
            raise UnsayableError(self.name, action, str(exc)) from exc


def _known(version: str) -> UiTarsVersion:
    for known in UI_TARS_VERSIONS:
        if version == known:
            return known
    raise UsageError(
        f"There is no version {str(version)[:40]!r} of UI-TARS here; "
        f"give one of: {', '.join(UI_TARS_VERSIONS)}."
    )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where calls stand in a text, drafts of them in what was thought included."""
    at = 0
    for _ in range(MOST_CALLS):
        start, _ = _action_start(text, at)
        if start < 0:
            return
        calls = read_calls(text, start, FUNCTIONS)
        yield start, calls[-1].end
        at = calls[-1].end


def _action_start(text: str, begin: int = 0) -> tuple[int, int]:
    """Return where the first call begins, -1 if there is none, and where the thought ends."""
    for pattern, names in ((_ACTION, ()), (_ANY_ACTION, ()), (_LINE, FUNCTIONS)):
        at = begin
        while (match := pattern.search(text, at)) is not None:
            start = call_start(text, match.end())
            if begins_call(text, start, names):
                return start, match.start()
            at = max(start, match.start() + 1)  # labels in a row are looked at once
    return -1, len(text)


def _thought(text: str) -> str:
    """Return what was thought, without its label and the fence around the answer."""
    plain = text.strip().strip("`").strip()
    label = _LABEL.match(plain)
    return plain[label.end() :].strip() if label else plain
