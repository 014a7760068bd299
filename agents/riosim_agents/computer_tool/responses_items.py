"""The conversation with OpenAI's Responses API: items that are sent again, or only the new ones.

Reasoning goes back exactly as it came, before the item that followed it. So older steps are left
out whole, and told in words.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from riosim.observation import Observation
from riosim_agents.computer_tool.picture import PictureSize, browser_text, png_text
from riosim_agents.computer_tool.turn import Call, Turn

__all__ = ["ResponsesItems"]

Item = dict[str, Any]

_MOST_CHARS: Final = 300
_HALTED: Final = "Not executed: an earlier action of the same answer failed."
_ASKED: Final = "Not executed: the person was asked first."


@dataclass
class _Step:
    """What the model said, how it went, and that in short."""

    said: list[Item] = field(default_factory=list)
    told: list[Item] = field(default_factory=list)
    brief: str = ""


class ResponsesItems:
    """The items of one episode.

    Attributes:
        n_steps_left_out: How many older steps are told in words alone.
    """

    def __init__(self, size: PictureSize, history: int, *, detail: str) -> None:
        self.n_steps_left_out = 0
        self._size = size
        self._most_pictures = history + 1
        self._detail = {"detail": detail} if detail else {}
        self._opening = ""
        self._briefs: list[str] = []
        self._steps: list[_Step] = []
        self._new: list[Item] = []
        self._place = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said yet."""
        return not self._opening

    def items(self) -> list[Item]:
        """Return everything, oldest first."""
        opening = self._opening
        if self._briefs:
            opening += "\n\nYour earlier steps, without their pictures:\n" + "\n".join(self._briefs)
        kept = [item for step in self._steps for item in (*step.said, *step.told)]
        return [_user([_text(opening)]), *kept]

    def new_items(self) -> list[Item]:
        """Return what came after the last answer, for a server that keeps the rest."""
        return list(self._new)

    def say(self, text: str, observation: Observation) -> None:
        """Add what the person says, and the screen."""
        texts = [text] if text and not self.is_empty else []
        self._opening = self._opening or text or "Go on."
        content = [_text(words) for words in (*texts, self._news(observation)) if words]
        told = [_user([*content, self._picture(observation)])]
        if self._steps and not self._steps[-1].told:
            self._steps[-1].told = told
        else:
            self._steps.append(_Step(told=told, brief=text[:_MOST_CHARS] if texts else ""))
        self._new += told
        self._leave_out()

    def hear(self, items: list[Item], brief: str) -> None:
        """Add what the model said, as it came."""
        self._steps.append(_Step(said=items, brief=brief[:_MOST_CHARS]))
        self._new = []

    def tell(self, turn: Turn, observation: Observation) -> None:
        """Add how the calls of a turn went, and the screen that they led to."""
        why = _ASKED if any(call.reply for call in turn.calls) else _HALTED
        told: list[Item] = []
        words: list[str] = []
        has_picture = False
        for call in turn.calls:
            outcome = _outcome(call, why)
            if call.facts.get("is_computer"):
                shown = call.seen or observation
                has_picture = has_picture or shown is observation
                told.append(self._screen(call, shown))
                words += [outcome] if outcome != "Done." else []
            else:
                told.append({"type": "function_call_output", "call_id": call.id, "output": outcome})
        content = [_text(text) for text in (*words, self._news(observation)) if text]
        if not has_picture:
            content.append(self._picture(observation))
        if content:
            told.append(_user(content))
        if self._steps:
            self._steps[-1].told = told
        self._new += told
        self._leave_out()

    def _screen(self, call: Call, shown: Observation) -> Item:
        item: Item = {
            "type": "computer_call_output",
            "call_id": call.id,
            "output": {
                "type": "computer_screenshot",
                "image_url": self._url(shown),
                **self._detail,
            },
        }
        if checks := call.facts.get("acknowledged"):
            item["acknowledged_safety_checks"] = checks
        return item

    def _news(self, observation: Observation) -> str:
        """Return where the browser is, if it was not told so already."""
        place = browser_text(observation)
        if place == self._place:
            return ""
        self._place = place
        return place

    def _picture(self, observation: Observation) -> Item:
        detail = self._detail or {"detail": "auto"}
        return {"type": "input_image", "image_url": self._url(observation), **detail}

    def _url(self, observation: Observation) -> str:
        return f"data:image/png;base64,{png_text(self._size.shown(observation))}"

    def _leave_out(self) -> None:
        """Leave out the older half of the steps once there are too many pictures."""
        counts = [sum(_n_pictures(item) for item in step.told) for step in self._steps]
        if sum(counts) <= self._most_pictures:
            return
        most = max(1, self._most_pictures // 2)
        n_left_out = 0
        while n_left_out < len(counts) - 1 and sum(counts[n_left_out:]) > most:
            n_left_out += 1
        for step in self._steps[:n_left_out]:
            self._briefs += [f"- {step.brief}"] if step.brief else []
        self._steps = self._steps[n_left_out:]
        self.n_steps_left_out += n_left_out
        self._place = ""  # it may have been told in one of them


def _outcome(call: Call, why: str) -> str:
    if call.error:
        return f"The last action was not carried out: {call.error}"
    if not call.was_done:
        return why
    return f"The person says: {call.reply}" if call.reply else "Done."


def _n_pictures(item: Item) -> int:
    if item.get("type") == "computer_call_output":
        return 1
    content = item.get("content")
    return sum(p.get("type") == "input_image" for p in content) if isinstance(content, list) else 0


def _user(content: list[Item]) -> Item:
    return {"type": "message", "role": "user", "content": content}


def _text(text: str) -> Item:
    return {"type": "input_text", "text": text}
