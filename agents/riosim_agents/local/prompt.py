"""What a local model is told: the system prompt, and each screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from riosim.dialects.coordinate import Grid, Screen
from riosim.observation import Observation
from riosim.styles.style import View
from riosim_agents.completions.prompt import screen_part, system_prompt
from riosim_agents.completions.setting import Looks
from riosim_agents.local.chat import Message
from riosim_agents.local.dialect import Speech
from riosim_agents.model.prompt import Prompt, filled
from riosim_agents.model.screen_text import fenced, place_of

__all__ = ["Shown", "Turn", "messages", "shown", "told"]

_MOST_SAID_CHARS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What the model was shown at one step: text, and the view it was made from."""

    step: int
    text: str
    view: View


@dataclass(frozen=True, slots=True)
class Turn:
    """A step that is over: what was shown, and what was answered."""

    shown: Shown
    said: str


def told(
    prompt: Prompt,
    *,
    speech: Speech,
    looks: Looks,
    picture: Screen,
    grid: Grid,
    surface: str,
    task: str,
) -> str:
    """Return the system prompt with everything filled in."""
    if not speech.is_vendors:
        return system_prompt(
            prompt,
            looks=looks,
            picture=picture,
            dialect=speech.on(grid, (), None),
            grid=grid,
            mode="text",
            surface=surface,
            task=task,
        )
    return filled(
        prompt.text,
        {
            "screen": screen_part(looks, picture, grid),
            "answer": speech.answer(grid, has_tabs=surface == "browser"),
            "ending": speech.ending(),
            "surface": surface or "computer",
            "task": task,
        },
    )


def shown(observation: Observation, view: View, *, step: int) -> Shown:
    """Return what is said of a screen, beside its picture; STEP counts from 1."""
    lines = [observation.message] if observation.message else []
    lines.append(f"Step {step}.")
    place = place_of(observation)
    if place:
        lines.append(fenced(place, title="browser"))
    if view.text:
        lines.append(fenced(view.text, title="widgets"))
    return Shown(step, "\n".join(lines), view)


def messages(
    system: str, task: str, turns: Sequence[Turn], now: Shown, *, n_left_out: int
) -> tuple[Message, ...]:
    """Return the conversation: system prompt, task, the turns that are kept, what is seen now.

    What stays the same from request to request comes first.
    """
    head = f"The person's task: {task}\n\n"
    if n_left_out:
        head += f"(Steps 1 to {n_left_out} are left out.)\n\n"
    said = [Message("system", (system,))]
    for turn in turns:
        said.append(_user(turn.shown, head))
        said.append(Message("assistant", (turn.said[:_MOST_SAID_CHARS] or "(no answer)",)))
        head = ""
    said.append(_user(now, head))
    return tuple(said)


def _user(now: Shown, head: str) -> Message:
    text = f"{head}{now.text}"
    picture = now.view.picture
    return Message("user", (text,) if picture is None else (text, picture))
