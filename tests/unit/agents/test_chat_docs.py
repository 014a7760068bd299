"""The page on the chat agent tells of every setting, and its code runs."""

import inspect
import re
from pathlib import Path

from riosim_agents.chat import ChatAgent
from riosim_agents.model.prompt import PLACEHOLDERS, built_in_prompts

PAGE = (Path(__file__).resolve().parents[3] / "docs/agents/chat.md").read_text(encoding="utf-8")
PARAMETERS = inspect.signature(ChatAgent).parameters


def rows():
    for line in PAGE.partition("## Settings")[2].partition("\n## ")[0].splitlines():
        if line.startswith("| `"):
            names, default, _ = (cell.strip() for cell in line.strip("|").split(" | ", 2))
            yield re.findall(r"`(\w+)`", names), default


def test_every_setting_is_told_and_no_other():
    told = [name for names, _ in rows() for name in names]
    assert sorted(told) == sorted(PARAMETERS)


def test_the_defaults_are_the_ones_of_the_code():
    for names, told in rows():
        for name, default in zip(names, told.replace("`", "").split(", "), strict=False):
            if isinstance(PARAMETERS[name].default, int | float | str):
                assert default == f"{PARAMETERS[name].default:}".removesuffix(".0"), name


def test_every_setting_is_explained_in_the_class():
    explained = re.findall(r"^    (\w+): ", inspect.getdoc(ChatAgent) or "", re.MULTILINE)
    assert [name for name in explained if name in PARAMETERS] == list(PARAMETERS)


def test_prompts_and_placeholders_are_told():
    for name in (*built_in_prompts(), *(f"{{{{{name}}}}}" for name in PLACEHOLDERS)):
        assert f"`{name}`" in PAGE


def test_the_code_runs():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102  # our own page
    assert isinstance(names["agent"], ChatAgent)
    names["agent"].close()
