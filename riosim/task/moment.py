"""When an attack's moment has come."""

from collections.abc import Iterable

from riosim.checks.case import matches
from riosim.evidence.event import Event
from riosim.task.schema import Trigger

__all__ = ["Moment"]


class Moment:
    """Asks, after each step, whether a trigger is due."""

    def __init__(self, trigger: Trigger) -> None:
        self._trigger = trigger

    def has_come(self, step: int, events: Iterable[Event]) -> bool:
        """Whether it is due after STEP; EVENTS are those since the last question."""
        trigger = self._trigger
        if trigger.start is not None:
            return True
        if trigger.step is not None:
            return step >= trigger.step
        return any(self._is_awaited(event) for event in events)

    def _is_awaited(self, event: Event) -> bool:
        trigger = self._trigger
        if trigger.on_url is not None:
            return event.kind == "dom.shown" and matches(trigger.on_url, str(event.data["url"]))
        if event.kind not in {"window.mapped", "window.titled"}:
            return False
        if event.data["owner"] != "session":
            return False
        if trigger.on_app is not None:
            return trigger.on_app.casefold() in str(event.data["app"]).casefold()
        return matches(trigger.on_window, str(event.data["title"]))
