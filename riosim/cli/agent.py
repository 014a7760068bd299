"""`riosim agents`: who can play, what each takes, and how to add one."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.padding import Padding

from riosim.agent_scaffold import scaffold_agent
from riosim.choice import AgentChoice
from riosim.cli.console import err, out, parse_settings, plain, print_json
from riosim.cli.option import AsJson
from riosim.errors import UsageError
from riosim.registry import Registry
from riosim.runner.agent_facts import facts_of_agent
from riosim.testing.agent_promises import check_promises

__all__ = ["agents_app"]

agents_app = typer.Typer(help="Agents that can play.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="Agent by name, or module:Class.")]
_Settings = Annotated[
    list[str] | None,
    typer.Option("-A", help="Setting of the agent, key=value; may be repeated."),
]


@agents_app.callback()
def _agents() -> None:
    """Agents that can play."""


@agents_app.command("list")
def list_agents(*, as_json: AsJson = False) -> None:
    """List the agents; none is imported for it."""
    registry = Registry[Any]("agent")
    if as_json:
        print_json([{"name": name, "origin": registry.origin(name)} for name in registry])
        return
    width = max((len(name) for name in registry), default=0)
    for name in registry:
        out.print(plain(f"{name:<{width}}  {registry.origin(name)}"))
    err.print("riosim agents show NAME: what one does and which settings it takes")


@agents_app.command("show")
def show_agent(name: _Name, *, as_json: AsJson = False) -> None:
    """Show what an agent does and which settings it takes."""
    facts = facts_of_agent(name)
    if as_json:
        print_json(asdict(facts))
        return
    out.print(plain(f"{facts.name}  {facts.origin}"), soft_wrap=True)
    out.print()
    out.print(plain(facts.about, max_chars=20_000), soft_wrap=True)
    for setting in facts.settings:
        default = "has to be given" if setting.default is None else f"default {setting.default}"
        out.print()
        out.print(plain(f"-A {setting.name}=  {setting.type}, {default}"), soft_wrap=True)
        out.print(Padding(plain(setting.about or "No word on it."), (0, 0, 0, 3)))


@agents_app.command("check")
def check_agent(
    name: _Name,
    *,
    settings: _Settings = None,
    seeded: Annotated[
        bool, typer.Option(help="Expect the same decisions for the same seed.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Try whether an agent keeps what riosim asks of every agent, on screens of all kinds.

    It is made and asked a few dozen times, in this process. Ends with 1 if a promise is broken.
    """
    choice = AgentChoice(name, parse_settings(settings or [], "-A"))
    choice.make()
    outcomes = list(check_promises(choice.make, is_seeded=seeded))
    if as_json:
        rows = [
            {"promise": outcome.promise.sentence, "state": outcome.state, "why": outcome.why}
            for outcome in outcomes
        ]
        print_json(rows)
    else:
        for outcome in outcomes:
            out.print(plain(f"{outcome.state:<11}  {outcome.promise.sentence}"))
            if outcome.why:
                out.print(plain(f"             {outcome.why}"), soft_wrap=True)
    if any(outcome.state == "broken" for outcome in outcomes):
        raise typer.Exit(1)


@agents_app.command("new")
def new_agent(
    name: Annotated[str, typer.Argument(help="Name of the agent and of its module: [a-z0-9_]+.")],
    *,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder of the package; ./NAME if left out.")
    ] = None,
) -> None:
    """Begin a package with an agent of your own, to be rewritten; it works as it is."""
    files = scaffold_agent(name, taken=Registry[Any]("agent"))
    root = folder or Path(name)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(f"{root} exists and is not empty; take another name, or another --out.")
    try:
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            out.print(plain(root / path), soft_wrap=True)
    except OSError as exc:
        raise UsageError(f"The package cannot be written to {root}: {exc}.") from exc
    err.print(
        plain(
            f"Next: pip install -e '{root}[testing]', then\n"
            f"  pytest {root}\n"
            f"  riosim run --task phishing_web/archive-search-title-01 --twins --agent {name}"
        )
    )
