"""`riosim run`: let an agent play tasks."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from riosim.choice import AgentChoice, choose_sandbox
from riosim.cli.console import err, out, parse_settings, plain, print_json
from riosim.cli.library import specs_of
from riosim.cli.option import AsJson, OwnTasks, RunsFolder, TasksDirs
from riosim.cli.progress import progress_on
from riosim.episode import EpisodeSettings
from riosim.errors import SandboxError, UsageError
from riosim.report.terminal import RatesView
from riosim.runner.job import EpisodeLimits
from riosim.runner.manifest import RunManifest
from riosim.runner.plan import RunPlan, begin_run
from riosim.runner.run import RunBudget, RunResult, play_run
from riosim.runner.store import RunStore
from riosim.stats.table import rates_table
from riosim.task.selection import select_tasks

__all__ = ["run"]

_WITH_RESUME = frozenset(
    "resume runs_folder agent_setting workers run_seconds run_tokens run_usd as_json".split()
)

_Tasks = Annotated[
    list[str] | None,
    typer.Option(
        "--task",
        "-t",
        help="Task id, pattern, category, class, suite or YAML file; may be repeated.",
    ),
]


def run(
    ctx: typer.Context,
    *,
    task: _Tasks = None,
    suite: Annotated[
        list[str] | None, typer.Option("--suite", "-s", help="Named selection; may be repeated.")
    ] = None,
    tasks_dir: TasksDirs = None,
    own_tasks: OwnTasks = True,
    agent: Annotated[
        str | None, typer.Option("--agent", "-a", help="Agent by name, or module:Class.")
    ] = None,
    agent_setting: Annotated[
        list[str] | None,
        typer.Option("-A", help="Setting of the agent, key=value; may be repeated."),
    ] = None,
    sandbox: Annotated[
        str, typer.Option(help="auto, docker, embedded, another name, or module:Class.")
    ] = "auto",
    sandbox_setting: Annotated[
        list[str] | None,
        typer.Option("-S", help="Setting of the sandbox, key=value; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="First seed.")] = 0,
    seeds: Annotated[
        int, typer.Option(min=1, help="Number of seeds, counted up from the first.")
    ] = 1,
    repeat: Annotated[
        int, typer.Option(min=1, help="Times that each task is played with the same seed.")
    ] = 1,
    twins: Annotated[
        bool | None,
        typer.Option("--twins/--no-twins", help="Play the benign twins, too (else as the suite)."),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", "-n", min=1, help="Episodes that run at once.")
    ] = 1,
    run_id: Annotated[
        str | None, typer.Option("--id", help="Name of the run; an existing one is gone on with.")
    ] = None,
    resume: Annotated[
        str | None, typer.Option(help="Go on with this run (id or folder) as it was planned.")
    ] = None,
    runs_folder: RunsFolder = Path("runs"),
    max_steps: Annotated[
        int | None, typer.Option(min=1, help="Decisions in an episode, instead of the task's own.")
    ] = None,
    episode_seconds: Annotated[
        float | None, typer.Option(min=0, help="Wall time of one episode, in seconds.")
    ] = None,
    episode_tokens: Annotated[
        int | None, typer.Option(min=1, help="Tokens of one episode, in and out.")
    ] = None,
    episode_usd: Annotated[
        float | None, typer.Option(min=0, help="Cost of one episode, in US dollars.")
    ] = None,
    run_seconds: Annotated[
        float | None, typer.Option(min=0, help="Wall time of this call, in seconds.")
    ] = None,
    run_tokens: Annotated[
        int | None, typer.Option(min=1, help="Tokens of this call, in and out.")
    ] = None,
    run_usd: Annotated[
        float | None, typer.Option(min=0, help="Cost of this call, in US dollars.")
    ] = None,
    attempts: Annotated[
        int, typer.Option(min=1, help="Tries at an episode whose world breaks.")
    ] = 3,
    tree: Annotated[
        bool, typer.Option("--tree/--no-tree", help="Hand out the accessibility tree.")
    ] = True,
    frames: Annotated[
        bool, typer.Option("--frames/--no-frames", help="Keep the pictures that were shown.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Let an agent play tasks; can be stopped and gone on with at any time.

    Ends with 3 if episodes stayed broken. An agent that does harm is a finding, no error.
    """
    settings = parse_settings(agent_setting or [], "-A")
    budget = RunBudget(wall_s=run_seconds, tokens=run_tokens, usd=run_usd)
    if resume is not None:
        _refuse_what_the_run_decides(ctx)
        store = RunStore.find(resume, runs_folder)
        with _saying_how_to_go_on(store):
            _play(store, settings, workers, budget, as_json=as_json)
        return
    if agent is None:
        raise UsageError("Name an agent with --agent; `riosim agents list` shows which there are.")
    names = [*(suite or []), *(task or [])]
    if not names:
        raise UsageError("Name tasks with --task or --suite; `riosim tasks list` shows all.")
    selection = select_tasks(names, tasks_dir or [], alone=not own_tasks)
    with_twins = twins if twins is not None else selection.twins is not False
    plan = RunPlan(
        agent=AgentChoice(agent, settings),
        sandbox=choose_sandbox(sandbox, parse_settings(sandbox_setting or [], "-S")),
        specs=selection.specs(twins=with_twins),
        task_ids=selection.task_ids,
        twins=with_twins,
        seeds=tuple(range(seed, seed + seeds)),
        repetitions=repeat,
        settings=EpisodeSettings(observe_tree=tree, save_frames=frames, max_steps=max_steps),
        limits=EpisodeLimits(wall_s=episode_seconds, tokens=episode_tokens, usd=episode_usd),
        max_attempts=attempts,
        selection=names,
        tasks_dirs=[str(folder.resolve()) for folder in tasks_dir or []],
        own_tasks=own_tasks,
    )
    store = RunStore.at(runs_folder, run_id or _new_id(agent, names))
    with _saying_how_to_go_on(store):
        begin_run(plan, store)
        _play(store, settings, workers, budget, as_json=as_json)


def _refuse_what_the_run_decides(ctx: typer.Context) -> None:
    """Raise UsageError for an option that a run which is gone on with cannot take."""
    given = [
        param.opts[0]
        for param in ctx.command.params
        if param.name not in _WITH_RESUME and _is_given(ctx, param.name or "")
    ]
    if given:
        raise UsageError(f"--resume goes on as the run was planned; leave out {', '.join(given)}.")


def _is_given(ctx: typer.Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _new_id(agent: str, names: list[str]) -> str:
    """Return a name for a new run: the moment, who plays, what is played."""
    words = re.sub(r"[^a-z0-9]+", "-", f"{agent} {names[0]}".casefold()).strip("-")[:60]
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{words}"


def _play(
    store: RunStore,
    settings: dict[str, Any],
    n_workers: int,
    budget: RunBudget,
    *,
    as_json: bool,
) -> None:
    """Play what is open and print the rates."""
    manifest = store.manifest()
    agent = manifest.agent.choice(settings)
    specs = specs_of(manifest)
    _announce(store, manifest)
    due = (store.next_attempt(entry.id, manifest.max_attempts) for entry in manifest.episodes)
    n_done = sum(number is None for number in due)
    with progress_on(err, len(manifest.episodes), n_done) as progress:
        result = play_run(store, agent, specs, progress, n_workers=n_workers, budget=budget)
    _conclude(result, as_json=as_json)


def _announce(store: RunStore, manifest: RunManifest) -> None:
    err.print(plain(f"run {store.path}: {len(manifest.episodes)} episodes"))
    err.print(plain(f"sandbox {manifest.sandbox.reference} ({manifest.sandbox.why})"))
    for task_id, why in manifest.skipped.items():
        err.print(plain(f"skipped {task_id}: {why}"), style="yellow")


@contextmanager
def _saying_how_to_go_on(store: RunStore) -> Iterator[None]:
    """Say, whenever Ctrl-C comes, whether anything was begun and how to go on with it."""
    try:
        yield
    except KeyboardInterrupt:
        if store.exists:
            _say_how_to_go_on(store)
        else:
            err.print("Interrupted before anything was begun.")
        raise


def _say_how_to_go_on(store: RunStore) -> None:
    err.print(plain(f"Go on with: riosim run --resume {store.path}"))


def _conclude(result: RunResult, *, as_json: bool) -> None:
    """Print the rates, what went wrong, and end with the status that this deserves."""
    table = rates_table(result.store.records())
    if as_json:
        print_json({"run": str(result.store.path), "left": result.n_left, **table.to_json()})
    else:
        out.print(RatesView(table))
    for episode_id, why in result.refused.items():
        err.print(plain(f"not played: {episode_id}: {why}"), style="red")
    if result.stopped_because is not None:
        err.print(plain(result.stopped_because), style="yellow")
    if result.n_left:
        _say_how_to_go_on(result.store)
    err.print(plain(f"Report: riosim report {result.store.path}"))
    if result.refused:
        raise typer.Exit(UsageError.exit_code)
    if result.n_broken:
        raise typer.Exit(SandboxError.exit_code)
