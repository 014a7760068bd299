"""What a GUI model was shown and what it answered, step by step."""

from dataclasses import dataclass, replace
from typing import Any, Final

from riosim.action import AskUser
from riosim.agent import InvalidOutput
from riosim.observation import Observation
from riosim_agents.completions.completion import Completion
from riosim_agents.gui_model.answer import GuiHeard, said_by
from riosim_agents.model.screen_text import fenced, place_of, without_tokens

__all__ = ["Message", "Shown", "Turn", "picture_part", "plain", "shown_of", "text_part", "turn_of"]

Message = dict[str, Any]

_MOST_REASON_CHARS: Final = 1_000
_MOST_SAID_CHARS: Final = 4_000  # of an earlier answer that is said again
_MOST_SHORT_CHARS: Final = 300
_BOXES: Final = ("box_start", "box_end")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the model was shown before one answer.

    Attributes:
        step: Counts from 1.
        picture: A `data:` URL; empty if it is not shown again.
        place: Address and tabs of the browser, fenced; empty on a desktop, or if not shown again.
        message: What became of the last answer, or the person's reply; mostly empty.
    """

    step: int
    picture: str = ""
    place: str = ""
    message: str = ""

    @property
    def note(self) -> str:
        """What is said beside the picture."""
        return "\n\n".join(part for part in (self.message, self.place) if part)


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer.

    Attributes:
        shown: What it was given to.
        said: The answer, cut.
        meaning: It in a line.
    """

    shown: Shown
    said: str
    meaning: str

    @property
    def in_a_line(self) -> str:
        """The turn told in words."""
        message = f"{' '.join(self.shown.message.split())} " if self.shown.message else ""
        return f"Step {self.shown.step}: {message}{self.meaning}"

    def without_screen(self) -> "Turn":
        """Return the turn as it is told when its screen is not shown again."""
        return replace(self, shown=replace(self.shown, picture="", place=""))


def shown_of(observation: Observation, picture: str, last_action: object) -> Shown:
    """Return what is shown of an observation, after an action."""
    message = observation.message[:_MOST_REASON_CHARS]
    if message:
        is_reply = isinstance(last_action, AskUser)
        begin = "The person replies:" if is_reply else "Your last action was not carried out."
        message = f"{begin} {message}"
    place = place_of(observation)
    return Shown(
        observation.step + 1,
        picture,
        fenced(place, title="browser") if place else "",
        plain(message),
    )


def turn_of(shown: Shown, completion: Completion, heard: GuiHeard) -> Turn:
    """Return what is remembered of an answer."""
    said = said_by(completion) or completion.refusal or "(no answer)"
    if len(said) > _MOST_SAID_CHARS:
        said = f"{said[:_MOST_SAID_CHARS]}… (cut; {len(said)} characters were written)"
    kinds = ", ".join(
        "nothing that was understood" if isinstance(action, InvalidOutput) else action.kind
        for action in heard.reading.actions[:10]
    )
    prose = " ".join(heard.prose[: 4 * _MOST_SHORT_CHARS].split())
    return Turn(shown, plain(said), plain((prose or kinds)[:_MOST_SHORT_CHARS]))


def plain(text: str) -> str:
    """Return a text in which nothing is a control token of the models; box tokens are left."""
    return without_tokens(text, but=_BOXES)


def text_part(text: str) -> Message:
    """Return a piece of a message."""
    return {"type": "text", "text": text}


def picture_part(shown: Shown) -> list[Message]:
    """Return the picture as a piece of a message; none if it is not shown again."""
    return [{"type": "image_url", "image_url": {"url": shown.picture}}] if shown.picture else []
