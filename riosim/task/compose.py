"""Make one whole task of a task file, its chore and its attack."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riosim.errors import TaskFileError
from riosim.task.host import origin_of
from riosim.task.play import PlayChore, PlayFinish, PlayPayload, PlayStep
from riosim.task.schema import (
    Attack,
    Chore,
    Lookalike,
    Payload,
    Risk,
    Seen,
    TaskFile,
    TaskSpec,
    WorldPart,
)
from riosim.task.setup import in_order

__all__ = ["Parts", "compose", "compose_twin", "substitute"]

_PLACEHOLDER = re.compile(r"\$\{([a-z_]+(?:\.[A-Za-z0-9_-]+)*)\}")


def substitute(value: Any, values: Mapping[str, Any], *, prefix: str = "") -> Any:
    """Replace `${name}` in every text of VALUE, keys included.

    With PREFIX only names that begin with it are looked up; others stay. A text that is nothing
    but one placeholder takes the value as it is (a number stays a number).

    Raises:
        KeyError: A name is not among VALUES.
    """
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        if whole and whole[1].startswith(prefix):
            return values[whole[1]]
        return _PLACEHOLDER.sub(
            lambda m: str(values[m[1]]) if m[1].startswith(prefix) else m[0], value
        )
    if isinstance(value, Mapping):
        return {
            substitute(key, values, prefix=prefix): substitute(item, values, prefix=prefix)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [substitute(item, values, prefix=prefix) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class Parts:
    """A task file and the files that it names; the attack with its parameters filled in."""

    task: TaskFile
    chore: Chore | None = None
    attack: Attack | None = None
    payload: Payload | None = None

    def __post_init__(self) -> None:
        """Raise TaskFileError if the parts are for different surfaces."""
        for kind, part in (("chore", self.chore), ("payload", self.payload)):
            if part is not None and part.surface != self.task.surface:
                raise TaskFileError(
                    f"{self.task.id}: surface is {self.task.surface}, but its {kind} {part.id} is "
                    f"for {part.surface}"
                )

    @property
    def needed_chore(self) -> Chore:
        """The chore of a task that has no instruction of its own."""
        if self.chore is None:  # the schema has made sure
            raise TaskFileError("a task without a chore needs its own instruction and goal")
        return self.chore

    @property
    def risk(self) -> Risk:
        """What must not happen: the payload's, else the task's own."""
        risk = self.payload.risk if self.payload else self.task.risk
        if risk is None:  # the schema has made sure
            raise TaskFileError("a task without a payload needs its own risk")
        return risk


def compose(parts: Parts) -> TaskSpec:
    """Return the task with its risk.

    Raises:
        TaskFileError: The parts do not fit together.
    """
    task, chore, attack, payload = parts.task, parts.chore, parts.attack, parts.payload
    safe = _expand(parts, task.oracle.safe)
    unsafe = _expand(parts, task.oracle.unsafe)
    own_setup = (*(chore.setup if chore else ()), *task.setup)
    spec = TaskSpec(
        id=task.id,
        version=task.version,
        class_=task.class_,
        category=task.category,
        surface=task.surface,
        instruction=task.instruction or parts.needed_chore.instruction,
        setup=in_order(own_setup, payload.setup) if payload else own_setup,
        world=_merge(*(part.world for part in (chore, payload, attack, task) if part)),
        canaries={
            name: canary
            for part in (chore, payload, attack, task)
            if part
            for name, canary in part.canaries.items()
        },
        attack=attack,
        trigger=task.attack.trigger if task.attack else None,
        seen=attack.seen if attack else Seen(always=True),
        goal_met=parts.needed_chore.goal_met if task.goal_met is None else task.goal_met,
        risk=parts.risk,
        oracle_safe=safe,
        oracle_unsafe=unsafe,
        cue=task.cue,
        reply=task.reply,
        max_steps=_step_limit(task, chore, len(safe), len(unsafe)),
        label=task.label,
        note=task.note,
        taxonomy=task.taxonomy,
        digest="",
    )
    return spec.model_copy(update={"digest": _digest(spec)})


def compose_twin(parts: Parts) -> TaskSpec:
    """Return the same task without its risk."""
    task, spec = parts.task, compose(parts)
    update: dict[str, Any]
    if task.twin is not None:
        twin = task.twin
        update = {
            "instruction": twin.instruction,
            "goal_met": twin.goal_met,
            "oracle_safe": twin.oracle,
            "oracle_unsafe": (),
            "setup": spec.setup if twin.setup is None else twin.setup,
            "world": spec.world if twin.world is None else twin.world,
            "attack": None,
            "trigger": None,
        }
    else:
        base = parts.needed_chore
        update = {
            "oracle_safe": base.oracle,
            "goal_met": base.goal_met,
            "world": _merge(base.world, task.world),
            "attack": None,
            "trigger": None,
        }
    before = spec.world.lookalikes
    spec = spec.model_copy(update={**update, "variant": "twin", "seen": Seen(always=True)})
    spec = _with_hosts(spec, [look for look in before if look not in spec.world.lookalikes])
    return spec.model_copy(update={"digest": _digest(spec)})


class _Known(dict[str, str]):
    """Values by name; what is not known stays a placeholder."""

    def __missing__(self, name: str) -> str:
        return "${" + name + "}"


def _with_hosts(spec: TaskSpec, gone: Iterable[Lookalike]) -> TaskSpec:
    """Name the hosts that the twin's world lacks, which its unsafe steps and rules still name."""
    values = _Known()
    for look in gone:
        values[f"lookalike.{look.name}"] = origin_of(look.host)
        values[f"host.{look.name}"] = look.host
    return TaskSpec.model_validate(substitute(spec.model_dump(by_alias=True), values))


def _merge(*given: WorldPart) -> WorldPart:
    """Put world parts together; later keys of a site's overlay win, lists are joined."""
    sites: dict[str, dict[str, Any]] = {}
    for part in given:
        for site, overlay in part.sites.items():
            merged = sites.setdefault(site, {})
            for key, value in overlay.items():
                old = merged.get(key)
                both_lists = isinstance(old, list) and isinstance(value, list)
                merged[key] = [*old, *value] if both_lists else value  # type: ignore[misc]  # checked above
    return WorldPart(
        sites=sites,
        lookalikes=tuple(item for part in given for item in part.lookalikes),
        mailboxes=tuple(item for part in given for item in part.mailboxes),
    )


def _expand(parts: Parts, steps: tuple[PlayStep, ...]) -> tuple[PlayStep, ...]:
    """Replace `chore` by the chore's own steps, and `payload` by the payload's deed."""
    out: list[PlayStep] = []
    for step in steps:
        if isinstance(step, PlayChore):
            if parts.chore is None:
                raise TaskFileError(f"{parts.task.id}: the oracle says `chore`, but there is none")
            part = parts.chore.oracle[step.start : step.end]
            out.extend(s for s in part if not isinstance(s, PlayFinish))
        elif isinstance(step, PlayPayload):
            if parts.payload is None:
                raise TaskFileError(
                    f"{parts.task.id}: the oracle says `payload`, but the attack has none"
                )
            out.extend(parts.payload.deed)
        else:
            out.append(step)
    return tuple(out)


def _step_limit(task: TaskFile, chore: Chore | None, *lengths: int) -> int:
    given = task.max_steps or (chore.max_steps if chore else 30)
    return max(given, 2 * max(lengths))


def _digest(spec: TaskSpec) -> str:
    """Return a digest of everything that decides what happens; notes and labels do not."""
    data = spec.model_dump(mode="json", exclude={"digest", "note", "label", "taxonomy", "cue"})
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
