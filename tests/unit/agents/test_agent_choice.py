"""What is named as an agent and is none: each is told in a sentence, before a machine starts."""

import json
import sys

import pytest

from riosim.choice import AgentChoice
from riosim.errors import UsageError
from riosim.registry import Registry
from riosim.runner.agent_facts import facts_of_agent
from riosim.secret_setting import HIDDEN, is_secret
from tests.support.command import riosim
from tests.support.plays import Script, play
from tests.support.small_tasks import ASKED, small_library

SOURCE = '''
from abc import ABC, abstractmethod
from riosim import Decision
from riosim.action import Finish


class Good:
    """Finishes at once.

    Args:
        speed: How fast,
            in steps a second.
        word: What it says.
    """

    def __init__(self, speed: float = 1.5, *, word: str, plain=None): ...
    def reset(self, instruction, *, seed): ...
    def act(self, observation): return Decision(Finish())


class Simple(Good):
    def __init__(self): ...


class NoAct:
    def reset(self, instruction, *, seed): ...


class NotCallable:
    reset = "x"
    act = 3


class Abstract(ABC, Simple):
    @abstractmethod
    def more(self): ...


class Raises(Simple):
    def __init__(self): raise KeyError("no model")


class Asynchronous(Simple):
    async def act(self, observation): return Decision(Finish())


class ActsPlainly(Simple):
    def act(self, observation): return Finish()


good = Simple()
def act(observation): return Decision(Finish())
def make(): return Simple()
def make_nothing(): return None
'''


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module of a beginner's, by a name that no other test uses."""
    name = f"beginner_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("NoAct", "NoAct has no method 'act'. An agent is a class with"),
        ("NotCallable", "no method 'reset' and no method 'act'"),
        ("good", "is a Simple, no class. Name the class"),
        ("act", "It takes observation. It is a function; is the class meant"),
        ("Good", "missing a required .*'word'.* It takes speed, word, plain"),
    ],
)
def test_what_is_no_agent_is_told_before_anything_starts(module, name, reason):
    with pytest.raises(UsageError, match=reason):
        AgentChoice(f"{module}:{name}").check()
    with pytest.raises(UsageError, match=reason):
        AgentChoice(f"{module}:{name}").make()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("make_nothing", "A NoneType has no method 'reset'"),
        ("Abstract", "abstract"),
        ("Raises", "cannot be made: KeyError: 'no model'"),
    ],
)
def test_what_makes_no_agent_is_told_when_it_is_made(module, name, reason):
    with pytest.raises(UsageError, match=reason):
        AgentChoice(f"{module}:{name}").make()


def test_a_function_that_makes_one_will_do(module):
    AgentChoice(f"{module}:make").check()
    assert type(AgentChoice(f"{module}:make").make()).__name__ == "Simple"


def test_an_agent_that_exits_stops_its_episode_and_breaks_no_world(tmp_path):
    def leave(observation):
        raise SystemExit(3)

    record = play(small_library(tmp_path / "t")[ASKED], Script(leave))
    assert (record.ending, record.reason) == ("stopped", "The agent raised SystemExit: 3")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ActsPlainly", "returned a Finish, not a Decision. Return Decision(action)."),
        ("Asynchronous", "returned a coroutine, not a Decision. Make `act` a plain method"),
    ],
)
def test_an_answer_that_is_a_near_miss_stops_the_episode_with_a_hint(
    module, name, reason, tmp_path
):
    record = play(small_library(tmp_path / "t")[ASKED], AgentChoice(f"{module}:{name}").make())
    assert record.ending == "stopped"
    assert reason in record.reason


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def x(:", "raised SyntaxError"),
        ("raise RuntimeError('boom')", "raised RuntimeError: boom"),
        ("import no_such_thing_here", "No module named 'no_such_thing_here'"),
    ],
)
def test_a_module_that_cannot_be_read_is_told_with_its_reason(
    source, reason, tmp_path, monkeypatch
):
    (tmp_path / "half_written.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError, match=reason):
        AgentChoice("half_written:Agent").check()


def test_facts_are_docstring_and_settings_and_nothing_is_made(module):
    facts = facts_of_agent(f"{module}:Good")
    assert facts.about == "Finishes at once."
    assert [(s.name, s.type, s.default, s.about) for s in facts.settings] == [
        ("speed", "float", "1.5", "How fast, in steps a second."),
        ("word", "str", None, "What it says."),
        ("plain", "any", "None", ""),
    ]
    assert facts_of_agent(f"{module}:Raises").settings == ()


def test_whether_there_is_one_of_a_name_imports_none(monkeypatch):
    monkeypatch.delitem(sys.modules, "riosim_agents.scripted", raising=False)
    assert "careful" in Registry("agent")
    assert "carefree" not in Registry("agent")
    assert "riosim_agents.scripted" not in sys.modules


def test_show_says_what_an_agent_takes():
    said = riosim("agents", "show", "rule_driven")
    assert (said.code, said.err) == (0, "")
    assert "-A caution=  float, default 0.5" in said.out
    assert "notices every cue" in said.out
    facts = riosim("agents", "show", "rule_driven", "--json").json
    assert [setting["name"] for setting in facts["settings"]] == ["caution", "patience"]


def test_show_of_none_helps():
    said = riosim("agents", "show", "rule_drivn")
    assert said.code == 2
    assert "Did you mean 'rule_driven'?" in said.err


def test_check_says_what_is_broken_and_ends_with_one(module):
    fine = riosim("agents", "check", "careful", "--json")
    assert fine.code == 0
    assert {row["state"] for row in fine.json} == {"kept"}
    said = riosim("agents", "check", f"{module}:Asynchronous")
    assert said.code == 1
    assert "broken" in said.out
    assert "'act' is asynchronous; make it a plain method" in said.out
    assert riosim("agents", "check", f"{module}:NoAct").code == 2


def test_check_takes_settings_and_leaves_out_what_seeds_decide():
    rows = riosim("agents", "check", "noop", "-A", "seconds=0.5", "--no-seeded", "--json").json
    assert "not checked" in {row["state"] for row in rows}
    said = riosim("agents", "check", "noop", "-A", "minutes=1")
    assert said.code == 2
    assert "It takes seconds" in said.err
    assert json.dumps(rows)


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("api_key", "abc", True),
        ("api_key_env", "GATEWAY_KEY", False),
        ("api_key_env", "sk-pasted-by-mistake", True),
        ("headers", {"Authorization": "Bearer abc"}, True),
        ("max_tokens", 512, False),
    ],
)
def test_a_setting_that_names_where_a_key_is_may_be_told_and_a_key_never(name, value, hidden):
    assert is_secret(name, value) is hidden
    shown = AgentChoice("chat", {name: value}).shown_settings()[name]
    assert (shown == HIDDEN) is hidden
