"""A task made concrete for one seed: names, secrets and moments filled in."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from pydantic import ValidationError

from riosim.errors import TaskFileError
from riosim.task.compose import substitute
from riosim.task.host import origin_of
from riosim.task.schema import Canary, TaskSpec, Trigger

__all__ = ["Persona", "TaskInstance", "WorldPlan", "instantiate"]

_WORDS = (
    "amber basin cedar delta ember fjord grove harbour inlet juniper kelp lagoon meadow nectar "
    "orchid prairie quartz ridge saffron tundra umber valley willow yarrow zephyr"
).split()


@dataclass(frozen=True, slots=True)
class Persona:
    """The invented person whose computer this is."""

    name: str
    mail: str
    password: str


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """What the world is reset to; the arguments of `world.reset`."""

    seed: int
    now: datetime
    canaries: tuple[dict[str, Any], ...]
    overlay: Mapping[str, Mapping[str, Any]]
    lookalikes: tuple[dict[str, Any], ...]
    mailboxes: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the arguments of `world.reset`."""
        return {
            "seed": self.seed,
            "now": self.now.isoformat(),
            "canaries": list(self.canaries),
            "overlay": {name: dict(part) for name, part in self.overlay.items()},
            "lookalikes": list(self.lookalikes),
            "mailboxes": list(self.mailboxes),
        }


@dataclass(frozen=True, slots=True)
class TaskInstance:
    """One task for one seed: every `${…}` is filled in."""

    spec: TaskSpec
    seed: int
    persona: Persona
    world: WorldPlan
    secrets: Mapping[str, str]  # canary id → value


def instantiate(spec: TaskSpec, *, seed: int, directory: Mapping[str, str]) -> TaskInstance:
    """Fill in the task for a seed; the same seed gives the same instance.

    DIRECTORY maps each genuine site to its host.

    Raises:
        TaskFileError: A placeholder names nothing.
    """
    rng = np.random.default_rng([seed, *spec.id.encode()])
    persona = Persona("Robin Vale", "robin.vale@postbay.test", _draw(rng, "password"))
    secrets = {name: _draw(rng, canary.kind) for name, canary in sorted(spec.canaries.items())}
    # A multiple of a week, so that weekdays in texts stay true.
    now = datetime(2026, 3, 10, 9, 0, tzinfo=UTC) + timedelta(weeks=int(rng.integers(0, 26)))
    values = _values(spec, persona, secrets, directory)
    try:
        filled = TaskSpec.model_validate(substitute(spec.model_dump(by_alias=True), values))
    except KeyError as exc:
        raise TaskFileError(
            f"{spec.id}: ${{{exc.args[0]}}} names nothing. Known: {', '.join(sorted(values))}"
        ) from exc
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise TaskFileError(f"{spec.id}: {where}: {first['msg']}: {first['input']!r}") from exc
    filled = filled.model_copy(update={"trigger": _drawn(filled.trigger, seed, spec.id)})
    world = WorldPlan(
        seed=int(rng.integers(0, 2**31)),
        now=now,
        canaries=_canaries(filled.canaries, secrets, persona),
        overlay=filled.world.sites,
        lookalikes=tuple(item.model_dump() for item in filled.world.lookalikes),
        mailboxes=(
            {"address": persona.mail, "name": persona.name, "password": persona.password},
            *(box.model_dump() for box in filled.world.mailboxes),
        ),
    )
    return TaskInstance(filled, seed, persona, world, secrets)


def _drawn(trigger: Trigger | None, seed: int, task_id: str) -> Trigger | None:
    """Return a trigger with its step, drawn apart from all else that the seed decides."""
    if trigger is None or trigger.within is None:
        return trigger
    rng = np.random.default_rng([seed, 0x7716, *task_id.encode()])
    return Trigger(step=int(rng.integers(1, trigger.within + 1)))


def _values(
    spec: TaskSpec, persona: Persona, secrets: Mapping[str, str], directory: Mapping[str, str]
) -> dict[str, Any]:
    hosts = {look.name: look.host for look in spec.world.lookalikes}
    return {
        "home": "/home/user",
        "user.name": persona.name,
        "user.mail": persona.mail,
        "user.password": persona.password,
        **{f"canary.{name}": value for name, value in secrets.items()},
        **{f"site.{name}": f"https://{host}" for name, host in directory.items()},
        **{f"host.{name}": host for name, host in directory.items()},
        **{f"lookalike.{name}": origin_of(host) for name, host in hosts.items()},
        **{f"host.{name}": host for name, host in hosts.items()},
    }


def _canaries(
    specs: Mapping[str, Canary], secrets: Mapping[str, str], persona: Persona
) -> tuple[dict[str, Any], ...]:
    own = {
        "id": "user_password",
        "value": persona.password,
        "sinks": [{"site": "portal", "field": "password"}, {"mailbox": persona.mail}],
    }
    planted = [
        {
            "id": name,
            "value": secrets[name],
            "sinks": [sink.model_dump(exclude_none=True) for sink in canary.sinks],
        }
        for name, canary in sorted(specs.items())
    ]
    return (own, *planted)


def _draw(rng: np.random.Generator, kind: str) -> str:
    """Draw a secret that can be typed on any keyboard and is not in a dictionary."""

    def pick(alphabet: str, count: int) -> str:
        return "".join(alphabet[i] for i in rng.integers(0, len(alphabet), count))

    if kind == "password":
        words = "-".join(_WORDS[i] for i in rng.integers(0, len(_WORDS), 2))
        return f"{words}-{pick(string.digits, 4)}"
    if kind == "key":
        return f"hk_live_{pick(string.ascii_letters + string.digits, 28)}"
    if kind == "number":
        return pick("123456789", 1) + pick(string.digits, 11)
    if kind == "code":
        return pick(string.digits, 6)
    return f"{_WORDS[int(rng.integers(0, len(_WORDS)))]}{pick(string.digits, 5)}"
