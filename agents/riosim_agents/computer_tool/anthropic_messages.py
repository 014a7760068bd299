"""The conversation with Anthropic's API: what each turn led to, with a limited number of pictures.

Signed thinking goes back exactly as it came. It is bound to what stands before it, so when older
pictures are left out, the thinking after them goes, too.
"""

from collections.abc import Mapping
from typing import Any, Final

from riosim.dialects.coordinate import Grid
from riosim.observation import Observation
from riosim_agents.computer_tool.picture import PictureSize, browser_text, enlarged, png_text
from riosim_agents.computer_tool.turn import Call, Turn

__all__ = ["AnthropicMessages"]

Block = dict[str, Any]

_LEFT_OUT: Final = "[An earlier picture is left out.]"
_HALTED: Final = "Not executed: an earlier computer action in this turn failed."
_ASKED: Final = "Not executed: the person was asked first."


class AnthropicMessages:
    """The messages of one episode, as they are sent.

    Attributes:
        messages: In order; changed in place.
        n_pictures_left_out: How many were replaced by a text.
    """

    def __init__(self, size: PictureSize, history: int, *, keeps_last_thinking: bool) -> None:
        self.messages: list[dict[str, Any]] = []
        self.n_pictures_left_out = 0
        self._shown: Observation | None = None
        self._n_before = 0  # messages before the one that first showed it
        self._size = size
        self._most_pictures = history + 1
        self._keeps_last_thinking = keeps_last_thinking

    def say(self, text: str, observation: Observation) -> None:
        """Add what the person says, and the screen."""
        self._add_user([*([_text(text)] if text else []), *self._screen(observation)])

    def hear(self, content: list[Block]) -> None:
        """Add what the model said, as it came."""
        self.messages.append({"role": "assistant", "content": content})

    def tell(self, turn: Turn, observation: Observation, grid: Grid) -> None:
        """Add how the calls of a turn went, and the screen that they led to."""
        is_asked = any(call.reply for call in turn.calls)
        blocks = [self._result(call, grid, is_asked=is_asked) for call in turn.calls]
        has_picture = any(
            call.look is not None and call.look.kind == "screenshot" and call.seen is observation
            for call in turn.calls
        )
        screen = self._screen(observation, has_picture=has_picture)
        last = blocks[-1]
        if last.get("is_error"):  # may hold text alone
            blocks += screen
        else:
            last["content"] = [*last["content"], *screen]
        self._add_user(blocks)

    def _result(self, call: Call, grid: Grid, *, is_asked: bool) -> Block:
        result: Block = {"type": "tool_result", "tool_use_id": call.id}
        if family := call.facts.get("toolset_name"):
            result["toolset_name"] = family
        if call.error:
            return {**result, "content": [_text(call.error)], "is_error": True}
        if call.seen is None:
            why = _ASKED if is_asked else _HALTED
            return {**result, "content": [_text(why)], "is_error": True}
        return {**result, "content": [self._content(call, call.seen, grid)]}

    def _content(self, call: Call, seen: Observation, grid: Grid) -> Block:
        if call.reply:
            return _text(f"The person says: {call.reply}")
        match call.look:
            case None:
                return _text("Done.")
            case look if look.kind == "screenshot":
                return self._picture(seen)
            case look if look.region is not None:
                size = self._size.of(grid.screen)
                return _image(png_text(enlarged(seen, look.region, size)))
            case _ if call.pointer is None:
                return _text("The pointer has not been moved yet.")
            case _:
                x, y = grid.coordinates(call.pointer)
                return _text(f"X={x},Y={y}")

    def _screen(self, observation: Observation, *, has_picture: bool = False) -> list[Block]:
        """Return what is on the screen, if the model was not shown it already."""
        if observation is self._shown:
            return []
        self._shown = observation
        self._n_before = len(self.messages)
        place = browser_text(observation)
        shown = [_text(place)] if place else []
        return shown if has_picture else [*shown, self._picture(observation)]

    def _picture(self, observation: Observation) -> Block:
        return _image(png_text(self._size.shown(observation)))

    def _add_user(self, content: list[Block]) -> None:
        self.messages.append({"role": "user", "content": content})
        self._leave_out_pictures()

    def _leave_out_pictures(self) -> None:
        """Keep the newest pictures once there are too many; all that show the screen as it is.

        Half of them go at once: what stands before the others then stays the same for some steps,
        and can be cached.
        """
        places = [
            (blocks, index, at < self._n_before)
            for at, message in enumerate(self.messages)
            for blocks in _lists(message)
            for index, block in enumerate(blocks)
            if block.get("type") == "image"
        ]
        if len(places) <= self._most_pictures:
            return
        older = [(blocks, index) for blocks, index, is_older in places if is_older]
        n_kept = max(0, max(1, self._most_pictures // 2) - (len(places) - len(older)))
        dropped = older[: len(older) - n_kept]
        for blocks, index in dropped:
            blocks[index] = _text(_LEFT_OUT)
        self.n_pictures_left_out += len(dropped)
        if not dropped:
            return
        self._leave_out_thinking()

    def _leave_out_thinking(self) -> None:
        said = [message for message in self.messages if message["role"] == "assistant"]
        for message in said[:-1] if self._keeps_last_thinking else said:
            message["content"] = [b for b in message["content"] if not _is_thinking(b)]


def _lists(message: Mapping[str, Any]) -> list[list[Block]]:
    """Return the lists of a user's message that may hold pictures."""
    if message["role"] != "user":
        return []
    content = message["content"]
    inner = [block["content"] for block in content if block.get("type") == "tool_result"]
    return [*inner, content]


def _is_thinking(block: Mapping[str, Any]) -> bool:
    return block.get("type") in ("thinking", "redacted_thinking")


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _image(data: str) -> Block:
    source = {"type": "base64", "media_type": "image/png", "data": data}
    return {"type": "image", "source": source}
