"""Plain JSON of our own action schema, as a chat model writes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from riosim.action import Action, Point, parse_action
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid
from riosim.dialects.dialect import Reading, UnsayableError
from riosim.dialects.json_text import Found, find_objects, one_line
from riosim.dialects.own_json_schema import own_json_schema
from riosim.errors import InvalidActionError
from riosim.styles.style import Mark

__all__ = ["OwnJson", "marked_point", "own_json_schema"]

_POINTS: Final = ("at", "start", "end")
_MARKS: Final = {"mark": "at", "start_mark": "start", "end_mark": "end"}


@dataclass(frozen=True, slots=True)
class OwnJson:
    """Our action schema in JSON, its points counted in a grid.

    Read is one action object, `{"thought": …, "action": {…}}` or `{"actions": […]}`, alone, in a
    fence, or in prose, which then is the thought. Several objects are several actions, in order;
    the same one said twice is one. `"mark": 7` may stand for a point, `start_mark` and `end_mark`
    for those of a drag. A key that is null counts as absent.

    Attributes:
        grid: How points are counted.
        marks: Numbered boxes that may be named.
    """

    grid: Grid
    marks: tuple[Mark, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in records and settings."""
        return "own_json"

    def read(self, said: str) -> Reading:
        """Return what was said; total."""
        if not isinstance(said, str):
            return _invalid(str(said)[:20_000], f"The answer is a {type(said).__name__}, no text.")
        found, prose = find_objects(said)
        wanted = [part for part in found if _acts(part)]
        if not wanted:
            return Reading((InvalidOutput(said[:20_000], _why_none(said, found)),), prose)
        thoughts = [prose] if prose else []
        actions: list[Action | InvalidOutput] = []
        for part in wanted:
            if part.value is None:
                actions.append(InvalidOutput(part.text[:20_000], part.problem))
                continue
            thought = part.value.get("thought")
            if isinstance(thought, str) and thought.strip():
                thoughts.append(thought.strip())
            actions.extend(self._action(value) for value in _actions_of(part.value))
        return Reading(tuple(actions), "\n".join(thoughts))

    def write(self, action: Action) -> str:
        """Return the action as one line of JSON, without what is at its default.

        Raises:
            UnsayableError: A point lies off the screen.
        """
        said: dict[str, Any] = {"kind": action.kind}
        said.update(action.model_dump(mode="json", exclude_defaults=True))
        for key in _POINTS:
            point = getattr(action, key, None)
            if isinstance(point, Point):
                try:
                    x, y = self.grid.coordinates(point)
                except InvalidActionError as exc:
                    raise UnsayableError(self.name, action, str(exc)) from exc
                said[key] = {"x": x, "y": y}
        return one_line(said)

    def _action(self, value: object) -> Action | InvalidOutput:
        """Return the action that one decoded object says."""
        try:
            return parse_action(self._in_pixels(value))
        except InvalidActionError as exc:
            return InvalidOutput(one_line(value)[:20_000], str(exc))

    def _in_pixels(self, value: object) -> dict[str, Any]:
        """Return the object with its points in pixels and marks as points."""
        if not isinstance(value, dict) or "kind" not in value:
            raise InvalidActionError(
                f"An action is an object with a `kind`, not {one_line(value)[:100]}."
            )
        said = {key: part for key, part in value.items() if part is not None and key != "thought"}
        for key in _POINTS:
            if key in said:
                said[key] = self._point(key, said[key])
        for key, where in _MARKS.items():
            if key in said:
                if where in said:
                    raise InvalidActionError(f"Both `{key}` and `{where}` are given; give one.")
                point = marked_point(said.pop(key), self.marks, self.grid)
                said[where] = {"x": point.x, "y": point.y}
        return said

    def _point(self, key: str, value: object) -> object:
        """Return a point in pixels; what is no point stays, for the schema to say so."""
        if isinstance(value, dict) and value.keys() == {"x", "y"}:
            x, y = value["x"], value["y"]
        elif isinstance(value, list) and len(value) == 2:
            x, y = value
        else:
            return value
        try:
            point = self.grid.point(x, y)
        except InvalidActionError as exc:
            raise InvalidActionError(f"{key}: {exc}") from exc
        return {"x": point.x, "y": point.y}


def marked_point(number: object, marks: tuple[Mark, ...], grid: Grid) -> Point:
    """Return the middle of what is on the screen of a numbered box.

    Raises:
        InvalidActionError: No mark has that number; the message says how many there are.
    """
    if not marks:
        raise InvalidActionError("No marks are drawn on this picture; give a point.")
    if isinstance(number, bool) or not isinstance(number, int):
        raise InvalidActionError(f"A mark is a whole number, not {str(number)[:50]!r}.")
    for mark in marks:
        if mark.number == number:
            return grid.middle_of(mark.box)
    raise InvalidActionError(f"There is no mark {str(number)[:50]}; there are {len(marks)}.")


def _acts(part: Found) -> bool:
    """Whether a piece of the answer means to be an action, rather than be talked about."""
    if part.value is None:
        return '"kind"' in part.text or '"action' in part.text
    return any(key in part.value for key in ("kind", "action", "actions"))


def _actions_of(value: dict[str, Any]) -> Iterator[object]:
    """Yield what an object holds as actions; at least one."""
    if "kind" in value:
        yield value
        return
    listed = value.get("actions")
    if isinstance(listed, list) and listed:
        yield from listed
        return
    yield value.get("action", listed)


def _why_none(said: str, found: list[Found]) -> str:
    """Return why an answer holds no action."""
    if not said.strip():
        return "The answer is empty; say one JSON object."
    if not found:
        return "The answer holds no JSON object."
    broken = [part.problem for part in found if part.value is None]
    return broken[0] if broken else "The JSON in the answer has no `kind`: it names no action."


def _invalid(said: str, reason: str) -> Reading:
    return Reading((InvalidOutput(said, reason),))
