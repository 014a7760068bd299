"""The world as it is without a task: one person, one mailbox, one fixed day."""

from datetime import UTC, datetime
from typing import Final

from riosim.task.instance import Persona, WorldPlan

__all__ = ["PERSONA", "plain_world"]

PERSONA: Final = Persona("Robin Vale", "robin.vale@postbay.test", "ember-willow-4417")
_NOW: Final = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def plain_world(seed: int) -> WorldPlan:
    """Return what the world is made of when no task asks for anything."""
    mailbox = {"address": PERSONA.mail, "name": PERSONA.name, "password": PERSONA.password}
    return WorldPlan(seed, _NOW, (), {}, (), (mailbox,))
