"""Settings of the chat agent, checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from riosim.action import Point
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Dialect
from riosim.dialects.own_json import OwnJson
from riosim.dialects.pyautogui_code import PyautoguiCode
from riosim.errors import UsageError
from riosim.observation import Observation
from riosim.styles.named import STYLES, style_named
from riosim.styles.style import Mark, Style
from riosim_agents.model.picture import PICTURE_FORMATS
from riosim_agents.model.server_limit import AnswerMode
from riosim_agents.model.setting import choice_setting, number_setting, whole_setting

__all__ = ["Looks", "Sampling", "answer_modes", "extra_body_setting"]

_COORDINATES: Final = ("picture", "thousand", "unit", "pixels")
_DIALECTS: Final = ("own_json", "pyautogui")
_MODES: Final[Mapping[str, tuple[AnswerMode, ...]]] = {
    "auto": ("tool", "schema", "text"),
    "tool": ("tool",),
    "schema": ("schema",),
    "text": ("text",),
}
_OURS: Final = frozenset(
    "messages model stream n tools tool_choice response_format temperature seed max_tokens "
    "max_completion_tokens functions".split()
)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn.

    Attributes:
        temperature: None sends none.
        seed: None sends the episode's.
        max_tokens: Most in one answer, None for as many as the server allows.
    """

    temperature: float | None
    seed: int | None
    max_tokens: int | None

    @classmethod
    def of(cls, *, temperature: object, seed: object, max_tokens: object) -> "Sampling":
        """Return the checked settings.

        Raises:
            UsageError: One is wrong.
        """
        return cls(
            None
            if temperature is None
            else number_setting("temperature", temperature, least=0, most=2),
            None if seed is None else whole_setting("seed", seed, least=0, most=2**63 - 1),
            None
            if max_tokens is None
            else whole_setting("max_tokens", max_tokens, least=1, most=10_000_000),
        )


@dataclass(frozen=True, slots=True)
class Looks:
    """How the screen is shown and how points are counted.

    Attributes:
        style: Name of a style.
        width_px: Of the picture that is sent; None goes by the height, or the screen's own.
        height_px: Likewise.
        coordinates: `picture`, `thousand`, `unit` or `pixels` (of the screen).
        dialect: `own_json` or `pyautogui`.
        text_tokens: Most that the text of a style may cost.
        picture_format: `png` or `jpeg`.
        detail: OpenAI's `detail` of pictures; empty sends none.
    """

    style: str
    width_px: int | None
    height_px: int | None
    coordinates: str
    dialect: str
    text_tokens: int
    picture_format: str
    detail: str

    @classmethod
    def of(
        cls,
        *,
        style: object,
        width_px: object,
        height_px: object,
        coordinates: object,
        dialect: object,
        text_tokens: object,
        picture_format: object,
        detail: object,
    ) -> "Looks":
        """Return the checked settings.

        Raises:
            UsageError: One is wrong, or two do not go together.
        """
        found = cls(
            choice_setting("style", style, STYLES),
            None if width_px is None else whole_setting("width_px", width_px, least=64, most=8192),
            None
            if height_px is None
            else whole_setting("height_px", height_px, least=64, most=8192),
            choice_setting("coordinates", coordinates, _COORDINATES),
            choice_setting("dialect", dialect, _DIALECTS),
            whole_setting("text_tokens", text_tokens, least=1, most=1_000_000),
            choice_setting("picture_format", picture_format, PICTURE_FORMATS),
            "" if detail is None else choice_setting("detail", detail, ("low", "high", "auto")),
        )
        if found.dialect == "pyautogui" and found.style == "marks":
            raise UsageError("style=marks needs dialect=own_json: code cannot name a mark.")
        return found

    def size_on(self, screen: Screen, *, shrink: int = 1) -> Screen:
        """Return the size of the picture of a screen; of one given side, the other follows."""
        width, height = screen.width_px, screen.height_px
        if self.width_px and self.height_px:
            width, height = self.width_px, self.height_px
        elif self.width_px:
            width, height = self.width_px, max(1, round(height * self.width_px / width))
        elif self.height_px:
            width, height = max(1, round(width * self.height_px / height)), self.height_px
        return Screen(max(1, width // shrink), max(1, height // shrink))

    def grid_on(self, picture: Screen) -> Callable[[Screen], Grid]:
        """Return how points are counted on a screen that is shown as a picture of that size."""
        match self.coordinates:
            case "thousand":
                return Grid.thousand
            case "unit":
                return Grid.unit
            case "picture" if self.style != "tree":
                return lambda screen: Grid.resized(screen, picture)
            case _:
                return Grid.pixels

    def style_for(self, picture: Screen) -> Style:
        """Return the style that shows a screen in that size."""
        return style_named(
            self.style, size=picture, max_tokens=self.text_tokens, grid=self.grid_on(picture)
        )

    def dialect_for(
        self, grid: Grid, marks: tuple[Mark, ...], pointer: Point | None = None
    ) -> Dialect[str]:
        """Return what answers are read with; code may act where the POINTER is."""
        if self.dialect == "pyautogui":
            return PyautoguiCode(grid, pointer=pointer)
        return OwnJson(grid, marks)

    def check(self, observation: Observation) -> None:
        """Make sure that there is something to show.

        Raises:
            UsageError: The style needs a tree, and the run has none.
        """
        if observation.tree is None and self.style != "screenshot":
            raise UsageError(
                f"style={self.style} needs the accessibility tree, and this run hands out none: "
                "run without --no-tree, or with style=screenshot."
            )


def answer_modes(answer: object, dialect: str) -> list[AnswerMode]:
    """Return the ways in which an answer may be asked for, the best first.

    Raises:
        UsageError: There is no such way, or not for that dialect.
    """
    name = choice_setting("answer", answer, tuple(_MODES))
    if dialect == "own_json":
        return list(_MODES[name])
    if name not in ("auto", "text"):
        raise UsageError(f"answer={name} needs dialect=own_json; {dialect} is written as text.")
    return ["text"]


def extra_body_setting(value: object) -> dict[str, Any]:
    """Return what is added to every request.

    Raises:
        UsageError: It is no object, or sets what other settings set.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UsageError('extra_body is no object; give one such as {"top_p": 0.9}.')
    taken = sorted(str(name) for name in value if name in _OURS)
    if taken:
        raise UsageError(f"extra_body must not set {', '.join(taken)}: the agent does.")
    return dict(value)
