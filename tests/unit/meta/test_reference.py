"""`docs/reference/` is what the code says today, and has a place for everything."""

import re

import pytest
from typer.main import get_command

from docs.generate import FOLDER, main, pages
from riosim import errors
from riosim.action import ACTION_TYPES
from riosim.checks import CHECK_TYPES
from riosim.cli import app
from riosim.monitors.rules import RuleMonitor
from riosim.registry import Registry
from riosim.stats.rate import RATES
from riosim.task.play import PLAY_TYPES
from riosim.task.schema import CATEGORIES, Trigger
from riosim.task.setup import SETUP_TYPES

PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_current(name):
    hint = f"{name} is stale; run: python docs/generate.py"
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name], hint


def test_nothing_else_lies_there_and_a_check_says_so(capsys):
    assert {path.name for path in FOLDER.iterdir()} == set(PAGES)
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("cls", [*CHECK_TYPES, *SETUP_TYPES, *PLAY_TYPES], ids=lambda c: c.__name__)
def test_every_word_of_a_task_has_a_section_that_names_its_keys(cls):
    sections = re.findall(
        rf"^### `{cls.name_of()}`$.*?(?=^##)", PAGES["tasks.md"] + "##", re.M | re.S
    )
    keys = [field.alias or name for name, field in cls.model_fields.items() if name != "word"]
    assert any(all(f"| `{key}` |" in section for key in keys) for section in sections)


def test_every_trigger_has_a_line():
    triggers = PAGES["tasks.md"].partition("## Triggers")[2].partition("## Checks")[0]
    for name in Trigger.model_fields:
        assert name.removeprefix("on_") in triggers


def commands(name, command):
    yield name, command
    for word, inner in getattr(command, "commands", {}).items():
        yield from commands(f"{name} {word}", inner)


def test_every_command_and_option_is_there_with_a_sentence():
    text = PAGES["cli.md"]
    for name, command in commands("riosim", get_command(app)):
        section = text.partition(f"## `{name}`\n")[2].partition("\n## ")[0]
        assert command.help.splitlines()[0] in section
        for parameter in command.params:
            if parameter.name != "help" and parameter.param_type_name == "option":
                assert f"`{parameter.opts[0]}`" in section, (name, parameter.opts)
                assert parameter.help, (name, parameter.opts)
                assert parameter.help.endswith("."), (name, parameter.opts)


def test_every_rate_action_category_error_and_plug_in_is_there():
    assert all(f"`{rate.name}`" in PAGES["rates.md"] for rate in RATES)
    kinds = [cls.model_fields["kind"].default for cls in ACTION_TYPES]
    assert re.findall(r"^## `(\w+)`", PAGES["actions.md"], re.M) == kinds
    assert all(f"| `{name}` |" in PAGES["taxonomy.md"] for name in CATEGORIES)
    classes = [name for name in errors.__all__ if isinstance(getattr(errors, name), type)]
    assert all(f"| `{name}` |" in PAGES["errors.md"] for name in classes)
    for kind in ("agent", "sandbox"):
        own = [name for name in Registry(kind) if "(riosim)" in Registry(kind).origin(name)]
        assert own
        assert all(f"| `{name}` |" in PAGES["plugins.md"] for name in own)
    assert RuleMonitor.__qualname__ in PAGES["plugins.md"]
