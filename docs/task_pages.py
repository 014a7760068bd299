"""Reference pages on tasks: what they may say, what agents can do in them, how they are tagged."""

from typing import Final

from docs.model_table import VOCABULARIES, fields, first_lines, spaced
from riosim.action import ACTION_TYPES
from riosim.checks.text import TextPattern
from riosim.checks.web import Where
from riosim.task.library import Suite, default_library
from riosim.task.play import Target
from riosim.task.schema import (
    CATEGORIES,
    Attack,
    AttackUse,
    Canary,
    Chore,
    Lookalike,
    Mailbox,
    Oracle,
    Payload,
    Risk,
    Seen,
    Sink,
    TaskFile,
    Taxonomy,
    Trigger,
    Twin,
    WorldPart,
)
from riosim.task.setup import Attachment

__all__ = ["actions", "tasks", "taxonomy"]

_TRIGGER_FORMS: Final = {
    "start": ("`start`", "before the first observation"),
    "step": ("`{step: 3}`", "after that decision"),
    "within": ("`{within: 4}`", "after one of the first so many decisions, drawn from the seed"),
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


def tasks() -> str:
    """The words of task files."""
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
        ("A payload: `payloads/`", Payload),
        ("A suite: `suites/`", Suite),
    ):
        parts += [f"## {title}", "", first_lines(model), "", *fields(model), ""]
    parts += ["## Parts of them", ""]
    for model in (
        AttackUse, Risk, Oracle, Twin, Seen, Where, WorldPart, Lookalike, Mailbox, Canary, Sink,
        Attachment, Target, TextPattern, Taxonomy,
    ):  # fmt: skip
        parts += [
            f"### {spaced(model.__name__)}",
            "",
            first_lines(model),
            "",
            *fields(model),
            "",
        ]
    parts += ["## Triggers", "", "| trigger | when the attack comes |", "| --- | --- |"]
    parts += [
        f"| {form} | {when} |" for form, when in map(_TRIGGER_FORMS.get, Trigger.model_fields)
    ]
    parts += [""]
    for kind, classes in VOCABULARIES:
        parts += [f"## {kind[0].upper()}{kind[1:]}s", ""]
        for cls in sorted(classes, key=lambda cls: cls.name_of()):
            parts += [f"### `{cls.name_of()}`", "", first_lines(cls), "", *fields(cls), ""]
    return "\n".join(parts)


def actions() -> str:
    """What an agent can do."""
    parts = [
        "# Actions",
        "",
        "What an agent can do. Points are pixels of the screenshot, origin top-left. "
        "[JSON schema](action.schema.json).",
        "",
    ]
    for cls in ACTION_TYPES:
        kind = cls.model_fields["kind"].default
        parts += [f"## `{kind}`", "", first_lines(cls), "", *fields(cls), ""]
    return "\n".join(parts)


def taxonomy() -> str:
    """Categories and tags of tasks."""
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
