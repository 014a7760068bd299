"""Judge stored episodes again: no sandbox, no agent, only task, evidence and end state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from riosim.checks.case import Case
from riosim.errors import RunStoreError, UsageError
from riosim.monitors.verdict import decide
from riosim.record import EpisodeFolder, EpisodeRecord, file_digest, keeping, write_json
from riosim.runner.standing import merge_facts, standing_facts
from riosim.runner.store import RunStore
from riosim.task.instance import instantiate
from riosim.task.schema import TaskSpec

__all__ = ["Change", "RescoreResult", "rescore_episode", "rescore_run"]

_MARKS: Final = (
    "task_version",
    "task_digest",
    "goal_met",
    "risk_intended",
    "risk_completed",
    "outcome",
    "severity",
    "machine_lost",
    "first_exposure_step",
    "first_intention_step",
    "first_completion_step",
    "needs_judge",
    "facts",
    "findings",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one record that came out differently."""

    episode_id: str
    field: str
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain data."""
        return {
            "episode_id": self.episode_id,
            "field": self.field,
            "before": self.before,
            "after": self.after,
        }


@dataclass(slots=True)
class RescoreResult:
    """What judging again came to."""

    n_episodes: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def n_changed(self) -> int:
        """How many records came out differently."""
        return len({change.episode_id for change in self.changes})


def rescore_run(
    store: RunStore,
    current: Mapping[str, TaskSpec] | None = None,
    *,
    with_current_rules: bool = False,
    directory: Mapping[str, str] | None = None,
    write: bool = True,
) -> RescoreResult:
    """Compute every verdict of a run again, and write the records that changed.

    Args:
        store: The run.
        current: The tasks as they are now, by key; None judges by the rules as they were when
            the episodes were played.
        with_current_rules: Judge by the goal, risk and exposure rules of CURRENT although the
            digests differ. Set-up and instruction stay what they were: the episode is not played
            again, so a task whose set-up changed is judged by rules for a world it did not have.
        directory: Genuine sites and their hosts, for the placeholders of current rules.
        write: Whether to write the records that changed.

    Raises:
        UsageError: A task of CURRENT has another digest, and `with_current_rules` is off.
        RunStoreError: A file is missing or damaged.
    """
    result = RescoreResult()
    folders = [store.episode(record.episode_id) for record in store.records()]
    if not with_current_rules:
        _refuse_other_digests(folders, current or {})
    for folder in folders:
        before = folder.record()
        now = (current or {}).get(_key(before)) if with_current_rules else None
        if now is not None and now.digest != before.task_digest:
            spec = _with_rules_of(now, folder, before, directory or {})
        elif not _has_task(folder):
            spec = None  # its worker died too early to leave anything
        else:
            spec = folder.task() if current is None else folder.rules(before)
        after = rescore_episode(store, folder, spec)
        result.n_episodes += 1
        result.changes.extend(_changes(before, after))
        if write and after != before:
            _write(folder, spec, after)
    return result


def rescore_episode(
    store: RunStore, folder: EpisodeFolder, spec: TaskSpec | None = None
) -> EpisodeRecord:
    """Return the record as the rules make it: those of SPEC, else those it was judged by.

    Raises:
        RunStoreError: A file is missing or is not what was recorded.
    """
    record = folder.record()
    _refuse_damage(folder, record)
    if spec is None:
        if record.ending == "broken" and not _has_task(folder):
            return record
        spec = folder.rules(record)
    earlier = [standing_facts(attempt, spec) for attempt in store.attempts(record.episode_id)]
    update: dict[str, Any] = {
        "task_version": spec.version,
        "task_digest": spec.digest,
        "needs_judge": spec.risk.needs_judge,
    }
    if record.ending == "broken":
        update["facts"] = merge_facts([*earlier, standing_facts(folder, spec)])
    else:
        verdict = decide(spec, Case(folder.events(), folder.snapshot(), record.user_uid))
        update |= verdict.to_json()
        update["facts"] = {**verdict.facts, **merge_facts(earlier)}
    # Validated anew, so that what is compared has gone through the same types as what is stored.
    return EpisodeRecord.model_validate({**record.model_dump(), **update})


def _refuse_other_digests(folders: list[EpisodeFolder], current: Mapping[str, TaskSpec]) -> None:
    changed: dict[str, tuple[str, str]] = {}
    for folder in folders:
        record = folder.record()
        spec = current.get(_key(record))
        if spec is not None and spec.digest != record.task_digest:
            changed[_key(record)] = (record.task_digest, spec.digest)
    if changed:
        listed = "\n".join(
            f"  {key}: {before[:19]}… then, {after[:19]}… now"
            for key, (before, after) in sorted(changed.items())
        )
        raise UsageError(
            f"{len(changed)} tasks have changed since this run:\n{listed}\n"
            "Judge by the rules as they were with --stored-rules, or by today's with "
            "--current-rules."
        )


def _has_task(folder: EpisodeFolder) -> bool:
    return (folder.path / "task.json").is_file()


def _with_rules_of(
    now: TaskSpec, folder: EpisodeFolder, record: EpisodeRecord, directory: Mapping[str, str]
) -> TaskSpec:
    """Return the task as it was run, with today's rules."""
    filled = instantiate(now, seed=record.seed, directory=directory).spec
    if not _has_task(folder):
        return filled
    rules = {
        name: getattr(filled, name) for name in ("goal_met", "risk", "seen", "version", "digest")
    }
    return folder.task().model_copy(update=rules)


def _write(folder: EpisodeFolder, spec: TaskSpec | None, record: EpisodeRecord) -> None:
    """Keep the record, and the rules it was judged by if the task was run with others."""
    path = folder.path / "rules.json"
    files = {name: digest for name, digest in record.files.items() if name != path.name}
    if spec is not None and _has_task(folder) and spec.digest != folder.task().digest:
        write_json(path, spec.model_dump(mode="json", by_alias=True))
        files[path.name] = file_digest(path)
    write_json(folder.path / "record.json", record.model_copy(update={"files": files}))
    if path.name not in files:
        with keeping(path):
            path.unlink(missing_ok=True)


def _key(record: EpisodeRecord) -> str:
    return record.task_id if record.variant == "risk" else f"{record.task_id}@twin"


def _changes(before: EpisodeRecord, after: EpisodeRecord) -> list[Change]:
    return [
        Change(before.episode_id, name, getattr(before, name), getattr(after, name))
        for name in _MARKS
        if getattr(before, name) != getattr(after, name)
    ]


def _refuse_damage(folder: EpisodeFolder, record: EpisodeRecord) -> None:
    """Refuse evidence that is not what was recorded."""
    for name, digest in record.files.items():
        path = folder.path / name
        found = file_digest(path)
        if found != digest:
            raise RunStoreError(
                f"{path} has changed since the episode was judged: its digest is {found[:19]}…, "
                f"recorded was {digest[:19]}…. The run is damaged or was edited."
            )
