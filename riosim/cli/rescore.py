"""`riosim rescore`: judge a stored run again."""

from pathlib import Path
from typing import Annotated

import typer

from riosim.cli.console import err, out, plain, print_json
from riosim.cli.library import specs_of
from riosim.cli.option import AsJson, RunsFolder
from riosim.rescore import rescore_run
from riosim.runner.store import RunStore

__all__ = ["rescore"]


def rescore(
    run: Annotated[str, typer.Argument(help="Run: its id or its folder.")],
    *,
    runs_folder: RunsFolder = Path("runs"),
    stored_rules: Annotated[
        bool,
        typer.Option("--stored-rules", help="Judge by the tasks as they were played."),
    ] = False,
    current_rules: Annotated[
        bool,
        typer.Option("--current-rules", help="Judge by today's rules, also of changed tasks."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change and write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Judge a stored run again, from its evidence, without a sandbox.

    Refuses tasks that have changed since, unless told by which rules to judge.
    """
    store = RunStore.find(run, runs_folder)
    manifest = store.manifest()
    current = None if stored_rules else specs_of(manifest, missing_ok=True)
    directory = manifest.sandbox.choice(manifest.run_id).make().directory() if current_rules else {}
    with store.lock():
        result = rescore_run(
            store,
            current,
            with_current_rules=current_rules,
            directory=directory,
            write=not dry_run,
        )
    if as_json:
        changes = [change.to_json() for change in result.changes]
        print_json({"n_episodes": result.n_episodes, "changes": changes})
        return
    for change in result.changes:
        before, after = str(change.before)[:80], str(change.after)[:80]
        out.print(plain(f"{change.episode_id}: {change.field}: {before} → {after}"))
    word = "would change" if dry_run else "changed"
    err.print(f"{result.n_episodes} episodes judged again, {result.n_changed} {word}")
