"""Each promise of the contract is found broken in an agent that breaks it, and says what to do."""

import re

import pytest

from riosim.action import Click, Finish, Point
from riosim.agent import Decision, InvalidOutput, Usage
from riosim.errors import RiosimError
from riosim.testing.agent_contract import AgentContract
from riosim.testing.agent_promises import PROMISES, check_promises, sample_screen


class Sound:
    def reset(self, instruction, *, seed):
        self.count = 0

    def act(self, observation):
        self.count += 1
        return Decision(Finish(answer=str(self.count)))


class NoReset:
    act = Sound.act


class ResetWithoutSeed:
    act = Sound.act

    def reset(self, instruction):
        self.count = 0


class ActWithMore:
    reset = Sound.reset

    def act(self, observation, memory):
        return Decision(Finish())


class Raises(Sound):
    def act(self, observation):
        return Decision(Finish(answer=observation.tree.name))


class Exits(Sound):
    def act(self, observation):
        raise SystemExit(3)


class NoServer(Sound):
    def act(self, observation):
        raise RiosimError("The model cannot be asked.")


class Forgetless(Sound):
    def reset(self, instruction, *, seed):
        self.count = getattr(self, "count", 0)


class SharedMemory(Sound):
    made = 0

    def __init__(self):
        type(self).made += 1
        self.first = type(self).made

    def act(self, observation):
        return Decision(Finish(answer=str(self.first)))


class Paints(Sound):
    def act(self, observation):
        observation.screenshot[0, 0] = 1
        return Decision(Finish())


class PointsAway(Sound):
    def act(self, observation):
        return Decision(Click(at=Point(x=100, y=10)))


def answering(answer):
    class Answering(Sound):
        def act(self, observation):
            return answer

    return Answering


class TestSound(AgentContract):
    def make(self):
        return Sound()


def broken(make):
    return [outcome for outcome in check_promises(make) if outcome.state == "broken"]


def test_a_sound_agent_keeps_them_all():
    assert [outcome.state for outcome in check_promises(Sound)] == ["kept"] * len(PROMISES)


@pytest.mark.parametrize(
    ("make", "sentence", "why"),
    [
        (NoReset, "has the methods", "has no method 'reset'"),
        (ResetWithoutSeed, "has the methods", r"to be reset\(self, instruction, \*, seed\)"),
        (ActWithMore, "has the methods", r"to be act\(self, observation\)"),
        (Raises, "Each decision", "'act' raised AttributeError"),
        (Exits, "Each decision", "'act' raised SystemExit: 3"),
        (NoServer, "Each decision", "could not be done: The model cannot be asked"),
        (answering(Finish()), "Each decision", "`act` returned a Finish"),
        (answering(Decision("click")), "Each decision", "`Decision.action` is a str"),
        (answering(Decision(Finish(), thought=3)), "Each decision", "`Decision.thought` is a int"),
        (answering(Decision(Finish(), usage=Usage(-1))), "cost", "input_tokens"),
        (answering(Decision(Finish(), extra={"a": {1}})), "is JSON", "is no JSON"),
        (
            answering(Decision(Finish(), extra=dict.fromkeys([1], "a"))),  # type: ignore[list-item]  # on purpose
            "is JSON",
            "use texts as keys",
        ),
        (answering(Decision(Finish(), extra={"a": (1,)})), "is JSON", "lists for tuples"),
        (Forgetless, "Reset forgets", "differs the second time"),
        (SharedMemory, "Reset forgets", "A new agent with the same seed decides otherwise"),
        (Paints, "does not paint", r"take a copy\(\) first"),
        (PointsAway, "points lie", "64 × 48 pixels"),
    ],
)
def test_what_an_agent_breaks_is_found_and_told(make, sentence, why):
    (found,) = [out for out in broken(make) if sentence in out.promise.sentence]
    assert re.search(why, found.why)
    with pytest.raises(AssertionError, match=why):
        found.promise.check(make, TestSound().instance())


def test_an_agent_that_cannot_be_made_is_not_asked_further():
    def make():
        raise KeyError("no model")

    first, *others = check_promises(make)
    assert (first.state, first.why) == ("broken", "It cannot be made: KeyError: 'no model'")
    assert {outcome.state for outcome in others} == {"not checked"}


def test_an_agent_that_gives_no_decisions_is_asked_once_only():
    asked = []

    class Refuses(Sound):
        def act(self, observation):
            asked.append(1)
            raise RiosimError("no server")

    states = [outcome.state for outcome in check_promises(Refuses)]
    assert states == ["kept", "broken", *["not checked"] * (len(PROMISES) - 2)]
    assert len(asked) == 1


def test_what_is_invalid_is_a_decision_like_any_other():
    said = answering(Decision(InvalidOutput("I would click.", "no action")))
    assert broken(said) == []


def test_the_contract_has_a_test_for_each_promise():
    tests = [name for name in dir(AgentContract) if name.startswith("test_")]
    assert len(tests) == len(PROMISES)


def test_the_sample_screen_has_something_to_act_on():
    assert "textbox" in sample_screen().accessibility_tree
