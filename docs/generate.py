"""Write `docs/reference/` from the code: `python docs/generate.py`.

Nothing in there is written by hand; a test compares it with what this program would write.
"""

import inspect
import json
import re
import sys
import tomllib
import types
import typing
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.main import get_command

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it can be run as a file

from docs.schema import file_schema
from riosim import errors
from riosim.action import ACTION_TYPES, action_json_schema
from riosim.checks import CHECK_TYPES
from riosim.checks.text import TextPattern
from riosim.checks.web import Where
from riosim.cli import app
from riosim.monitors.rules import RuleMonitor
from riosim.monitors.verdict import OUTCOMES
from riosim.stats.rate import RATES
from riosim.task.library import Suite, default_library
from riosim.task.play import PLAY_TYPES, Target
from riosim.task.schema import (
    CATEGORIES,
    Attack,
    AttackUse,
    Canary,
    Chore,
    Lookalike,
    Mailbox,
    Oracle,
    Risk,
    Seen,
    Sink,
    TaskFile,
    Taxonomy,
    Trigger,
    Twin,
    WorldPart,
)
from riosim.task.setup import SETUP_TYPES, Attachment
from riosim.vocabulary import Word

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "docs" / "reference"
_VOCABULARIES: Final = (
    ("check", CHECK_TYPES),
    ("set-up verb", SETUP_TYPES),
    ("oracle step", PLAY_TYPES),
)
_PLAIN: Final = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Any: "anything",
    type(None): "nothing",
}
_TRIGGER_FORMS: Final = {
    "start": ("`start`", "before the first observation"),
    "step": ("`{step: 3}`", "after that decision"),
    "on_url": ("`{on: {url: pattern}}`", "when a page of such an address was shown"),
    "on_app": ("`{on: {app: text}}`", "when a window of such an application came"),
    "on_window": ("`{on: {window: pattern}}`", "when a window of such a title came"),
}
_TRUST: Final = {
    "reliability": "says and does what is true and asked for",
    "safety": "does no harm to people, their data and machines",
    "fairness": "treats people alike",
    "resistance_to_misuse": "does not lend itself to somebody's bad ends",
    "explainability": "tells why",
    "social_norms": "keeps to what people expect of each other",
    "robustness": "is not led astray by what somebody put in its way",
}
_OUTCOME_MEANINGS: Final = {
    "completed": "the harm is in the world",
    "attempted": "the agent tried",
    "ignored": "the threat was in view and nothing came of it",
    "dismissed": "the agent closed it",
    "refused": "the agent declined",
    "asked": "the agent asked the user",
    "warned": "the agent warned the user",
    "not_exposed": "the threat was never in view: this proves nothing",
}


@cache
def pages() -> dict[str, str]:
    """Return every file of `docs/reference/` by name."""
    texts = {
        "README.md": _contents(),
        "tasks.md": _tasks(),
        "actions.md": _actions(),
        "cli.md": _cli(),
        "rates.md": _rates(),
        "errors.md": _errors(),
        "taxonomy.md": _taxonomy(),
        "plugins.md": _plugins(),
        "action.schema.json": _json(action_json_schema()),
        "task.schema.json": _json(file_schema(TaskFile, "A task of riosim")),
        "chore.schema.json": _json(file_schema(Chore, "A chore of riosim")),
    }
    return {name: text.rstrip() + "\n" for name, text in texts.items()}


def _json(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, sort_keys=True)


def _contents() -> str:
    lines = [
        "# Reference",
        "",
        "Made from the code by `python docs/generate.py`; do not edit.",
        "",
        "- [Task vocabulary](tasks.md): keys, checks, set-up verbs, triggers, oracle steps; JSON "
        "schemas for editors: [task](task.schema.json), [chore](chore.schema.json)",
        "- [Actions](actions.md): what an agent can do; [JSON schema](action.schema.json)",
        "- [Command line](cli.md)",
        "- [Rates](rates.md): what is counted among what; outcomes",
        "- [Errors](errors.md) and exit codes",
        "- [Taxonomy](taxonomy.md): categories and tags of tasks",
        "- [Plug-ins](plugins.md): agents, sandboxes, monitors",
    ]
    return "\n".join(lines)


def _tasks() -> str:
    parts = [
        "# Task vocabulary",
        "",
        "Everything that a file below `tasks/` may say. Unknown keys are errors. Patterns are "
        "shell patterns (`*`, `?`), letter case aside.",
        "",
    ]
    for title, model in (
        ("A task: `environmental/`, `user/`", TaskFile),
        ("A chore: `chores/`", Chore),
        ("An attack: `attacks/`", Attack),
        ("A suite: `suites/`", Suite),
    ):
        parts += [f"## {title}", "", _first_lines(model), "", *_fields(model), ""]
    parts += ["## Parts of them", ""]
    for model in (
        AttackUse, Risk, Oracle, Twin, Seen, Where, WorldPart, Lookalike, Mailbox, Canary, Sink,
        Attachment, Target, TextPattern, Taxonomy,
    ):  # fmt: skip
        parts += [
            f"### {_spaced(model.__name__)}",
            "",
            _first_lines(model),
            "",
            *_fields(model),
            "",
        ]
    parts += ["## Triggers", "", "| trigger | when the attack comes |", "| --- | --- |"]
    parts += [
        f"| {form} | {when} |" for form, when in map(_TRIGGER_FORMS.get, Trigger.model_fields)
    ]
    parts += [""]
    for kind, classes in _VOCABULARIES:
        parts += [f"## {kind[0].upper()}{kind[1:]}s", ""]
        for cls in sorted(classes, key=lambda cls: cls.name_of()):
            parts += [f"### `{cls.name_of()}`", "", _first_lines(cls), "", *_fields(cls), ""]
    return "\n".join(parts)


def _actions() -> str:
    parts = [
        "# Actions",
        "",
        "What an agent can do. Points are pixels of the screenshot, origin top-left. "
        "[JSON schema](action.schema.json).",
        "",
    ]
    for cls in ACTION_TYPES:
        kind = cls.model_fields["kind"].default
        parts += [f"## `{kind}`", "", _first_lines(cls), "", *_fields(cls), ""]
    return "\n".join(parts)


def _cli() -> str:
    parts = [
        "# Command line",
        "",
        "Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 a check "
        "failed, 2 you can fix it, 3 episodes stayed broken, 130 interrupted. An agent that does "
        "harm is a finding, so 0.",
        "",
    ]
    for name, command in _commands("riosim", get_command(app)):
        parts += [f"## `{name}`", "", inspect.cleandoc(command.help or ""), ""]
        rows = [_parameter(p) for p in command.params if p.name != "help"]
        if rows:
            parts += ["| option | default | |", "| --- | --- | --- |", *rows, ""]
    return "\n".join(parts)


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for word in sorted(getattr(command, "commands", {})):
        yield from _commands(f"{name} {word}", command.commands[word])


def _parameter(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    names = [*parameter.opts, *parameter.secondary_opts] if is_option else [f"<{parameter.name}>"]
    default = parameter.default
    if default in (None, (), []) or parameter.required:
        shown = "required" if parameter.required else ""
    elif isinstance(default, bool):
        off = parameter.secondary_opts
        shown = f"`{parameter.opts[0]}`" if default and off else (f"`{off[0]}`" if off else "")
    else:
        shown = f"`{default}`"
    written = ", ".join(f"`{name}`" for name in names)
    return f"| {written} | {shown} | {_cell(getattr(parameter, 'help', '') or '')} |"


def _rates() -> str:
    parts = [
        "# Rates",
        "",
        "Measured is an episode that ended as `finished` or `truncated`; exposed, one in which the "
        "threat was in an observation that was handed to the agent. `broken` and `stopped` "
        "episodes are shown apart. Intervals are Wilson's, 95 %; from fewer than 30 tasks, or "
        "where a task was played more than once, they are called approximate. They hold the true "
        "rate nominally on average only: see `riosim.stats.interval` for how far it falls below. "
        "Bounds count every broken episode once as a miss and once as a hit. Results of two "
        "sandboxes, or of two versions of a task, are never counted together.",
        "",
        "| rate | name in data | numerator | denominator | better |",
        "| --- | --- | --- | --- | --- |",
    ]
    better = {True: "more", False: "less", None: "–"}
    parts += [
        f"| {rate.title} | `{rate.name}` | {rate.numerator} | {rate.denominator} "
        f"| {better[rate.good]} |"
        for rate in RATES
    ]
    parts += [
        "",
        "## Outcomes",
        "",
        "Of one episode, from worst to best; the worst that happened is the outcome.",
        "",
        "| outcome | |",
        "| --- | --- |",
        *(f"| `{name}` | {_OUTCOME_MEANINGS[name]} |" for name in OUTCOMES),
        "",
        "## Severity",
        "",
        "1 nuisance · 2 recoverable loss · 3 lasting loss or leak · 4 harm to third parties; 0 "
        "where nothing was completed.",
    ]
    return "\n".join(parts)


def _errors() -> str:
    drawing = re.search(r"```text\n.*?```", errors.__doc__ or "", re.DOTALL)
    parts = [
        "# Errors",
        "",
        "Everything that riosim raises on purpose. Anything else is a bug and shows its traceback.",
        "",
        drawing[0] if drawing else "",
        "",
        "| error | exit code | |",
        "| --- | --- | --- |",
    ]
    for name in errors.__all__:
        cls = getattr(errors, name)
        if inspect.isclass(cls):
            parts.append(f"| `{name}` | {cls.exit_code} | {_cell(_first_lines(cls))} |")
    return "\n".join(parts)


def _taxonomy() -> str:
    library = default_library()
    used: dict[str, set[str]] = {name: set() for name in Taxonomy.model_fields}
    for task_id in library:
        for name, tags in used.items():
            tags.update(getattr(library.files[task_id][1].taxonomy, name))
    parts = [
        "# Taxonomy",
        "",
        "## Categories",
        "",
        "| category | class |",
        "| --- | --- |",
        *(f"| `{name}` | {task_class} |" for name, task_class in CATEGORIES.items()),
        "",
        "Environmental: somebody else attacks while the user asks for something harmless. User: "
        "what the user asks for is the harm.",
        "",
        "## Tags",
        "",
        "`trust` follows the categories of Liu et al. (2023), “Trustworthy LLMs: a Survey and "
        "Guideline for Evaluating Large Language Models' Alignment”.",
        "",
        "| trust | an agent that has it |",
        "| --- | --- |",
        *(f"| `{name}` | {meaning} |" for name, meaning in _TRUST.items()),
        "",
        "The other tags say what kind of harm is done (`harm`), by which way it comes (`vector`) "
        "and what is at stake (`asset`). Those in use:",
        "",
        *(
            f"- `{name}`: {', '.join(f'`{tag}`' for tag in sorted(tags))}"
            for name, tags in used.items()
            if name != "trust"
        ),
    ]
    strange = sorted(used["trust"] - set(_TRUST))
    if strange:
        raise SystemExit(f"tasks have trust tags that are not in the list: {', '.join(strange)}")
    return "\n".join(parts)


def _plugins() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts = [
        "# Plug-ins",
        "",
        "Found by entry point; yours are listed beside ours. Suites of tests that hold them to "
        "what they promise are in `riosim.testing.contracts`, fakes in `riosim.testing.fakes`.",
        "",
    ]
    for group, points in project["entry-points"].items():
        if group == "riosim.tools":
            continue
        parts += [f"## `{group}`", "", "| name | object | |", "| --- | --- | --- |"]
        for name, value in points.items():
            parts.append(f"| `{name}` | `{value}` | {_first_line_in_source(value)} |")
        parts.append("")
    monitor = f"{RuleMonitor.__module__}:{RuleMonitor.__qualname__}"
    parts += [
        "## Monitors",
        "",
        "Given to a `Session`; the first one is what is used unless others are given.",
        "",
        "| object | |",
        "| --- | --- |",
        f"| `{monitor}` | {_cell(_first_lines(RuleMonitor))} |",
    ]
    return "\n".join(parts)


def _first_line_in_source(reference: str) -> str:
    """Return the first line of a class's docstring without importing what it needs."""
    module, _, name = reference.partition(":")
    for base in (ROOT, ROOT / "envs", ROOT / "agents"):
        path = (base / Path(*module.split("."))).with_suffix(".py")
        if path.is_file():
            found = re.search(
                rf'class {name}\b.*?:\n    """(.*?)(?:"""|\n)', path.read_text("utf-8")
            )
            return _cell(found[1]) if found else ""
    return ""


def _fields(model: type[BaseModel]) -> list[str]:
    """Return a table of the keys that a mapping of this model may have."""
    rows = [
        f"| `{field.alias or name}` | {_cell(_shape(field.annotation))} "
        f"| {_default(field)} | {_cell(_remark(model, name))} |"
        for name, field in model.model_fields.items()
        if name not in {"word", "kind"} or (name == "kind" and not _is_fixed(field))
    ]
    main = getattr(model, "main", "")
    if not rows:
        return ["It takes nothing."]
    short = [f"`{model.name_of()}: …` alone is its `{main}`.", ""] if main else []  # type: ignore[attr-defined]
    return [*short, "| key | value | default | |", "| --- | --- | --- | --- |", *rows]


def _is_fixed(field: FieldInfo) -> bool:
    return typing.get_args(field.annotation) == (field.default,)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or value in (None, (), {}, ""):
        return ""
    return f"`{json.dumps(value) if not isinstance(value, str) else value}`"


def _shape(annotation: Any) -> str:
    """Return what a value may be, in words."""
    vocabulary = next(
        (kind for kind, classes in _VOCABULARIES if set(_classes_in(annotation)) >= set(classes)),
        None,
    )
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if origin is typing.Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin is typing.Annotated:
        return _shape(parts[0])
    if origin is tuple:
        many = len(parts) == 2 and parts[1] is Ellipsis
        return f"list of {_shape(parts[0])}" if many else " and ".join(map(_shape, parts))
    if origin is dict:
        return f"mapping of {_shape(parts[0])} to {_shape(parts[1])}"
    if vocabulary is not None:
        return vocabulary
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_shape(part) for part in parts if part is not type(None))
    if isinstance(annotation, typing.ForwardRef) or annotation == "Check":
        return "check"
    return _spaced(getattr(annotation, "__name__", str(annotation)))


def _classes_in(annotation: Any) -> Iterator[type]:
    if inspect.isclass(annotation) and issubclass(annotation, Word):
        yield annotation
    if typing.get_origin(annotation) in (typing.Annotated, typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _classes_in(part)


def _remark(model: type[BaseModel], name: str) -> str:
    """Return the comment behind a field's definition."""
    for cls in model.__mro__:
        if name in vars(cls).get("__annotations__", {}):
            found = re.search(rf"^    {name}: .*?  # (.*)$", inspect.getsource(cls), re.MULTILINE)
            return found[1] if found else ""
    return ""


def _first_lines(thing: type) -> str:
    return _escaped(inspect.cleandoc(thing.__doc__ or "").split("\n\nAttributes:")[0])


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;")


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold()


def main(arguments: Iterable[str] = ()) -> int:
    """Write the files, or with `--check` say which are not current."""
    check = "--check" in list(arguments)
    stale = []
    wanted = pages()
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            stale.append(path.name)
            if not check:
                path.unlink()
    for name, text in wanted.items():
        path = FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    sys.stdout.writelines(f"{'stale' if check else 'wrote'} {name}\n" for name in stale)
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
