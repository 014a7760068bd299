"""The pages on dialects and adapters: their code runs, and every setting is told."""

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from riosim.accessibility import Box, Node
from riosim.action import Click, Finish, Point, Press, TypeText
from riosim.observation import Observation
from riosim_agents.browsergym import BrowserGymAgent
from riosim_agents.osworld import OSWorldAgent

ROOT = Path(__file__).resolve().parents[3]


def page(name):
    return (ROOT / f"docs/agents/{name}.md").read_text(encoding="utf-8")


def blocks(text):
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_the_code_on_dialects_runs():
    code = blocks(page("dialects"))
    assert len(code) == 4
    exec("\n".join(code), {})  # noqa: S102  # our own page


def test_the_stranger_of_the_page_plays(monkeypatch):
    (code,) = blocks(page("adapters"))
    stranger = ModuleType("stranger")
    exec(code, stranger.__dict__)  # noqa: S102  # our own page
    monkeypatch.setitem(sys.modules, "stranger", stranger)
    agent = OSWorldAgent("stranger:Searcher", options={"model": "my-model"})
    agent.reset('Search for "resnet".', seed=1)
    field = Node("textbox", "Search", box=Box(40, 20, 60, 20))
    shown = Observation(np.zeros((100, 200, 3), np.uint8), "", 0, tree=field)
    actions = [agent.act(shown).action for _ in range(4)]
    assert actions == [
        Click(at=Point(x=45, y=25)),
        TypeText(text="resnet"),
        Press(key="enter"),
        Finish(),
    ]


@pytest.mark.parametrize(
    ("agent", "heading"), [(OSWorldAgent, "## OSWorld"), (BrowserGymAgent, "## BrowserGym")]
)
def test_every_setting_is_told_and_explained(agent, heading):
    section = page("adapters").partition(heading)[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    told = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    parameters = list(inspect.signature(agent).parameters)
    assert told == parameters
    explained = re.findall(r"^    (\w+): ", inspect.getdoc(agent) or "", re.MULTILINE)
    assert explained == parameters
