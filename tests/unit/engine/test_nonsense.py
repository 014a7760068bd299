"""Whatever an agent returns breaks no world: its step is invalid, or it is stopped."""

from pathlib import Path
from typing import Any

import pytest

from riosim.action import Click, Finish, Point, TypeText
from riosim.agent import Decision, InvalidOutput, Usage
from riosim.episode import run_episode
from riosim.record import EpisodeFolder, EpisodeRecord
from riosim.task.library import TaskLibrary
from riosim.testing.fakes import FakeSandbox
from tests.support.small_tasks import ASKED, write_tasks


class Says:
    """Returns something once, and finishes then."""

    def __init__(self, something: Any) -> None:
        self._something = something

    def reset(self, instruction: str, *, seed: int) -> None:
        pass

    def act(self, observation: Any) -> Any:
        return self._something if observation.step == 0 else Decision(Finish())


def play(something: Any, folder: Path) -> EpisodeRecord:
    spec = TaskLibrary([write_tasks(folder / "tasks")])[ASKED]
    sandbox = FakeSandbox()
    record = run_episode(
        spec, Says(something), sandbox, seed=1, episode_id="e", agent_name="says",
        folder=EpisodeFolder(folder / "episode"),
    )  # fmt: skip
    assert sandbox.n_open == 0
    assert EpisodeFolder(folder / "episode").record() == record
    return record


@pytest.mark.parametrize("nothing", [None, "click", {"kind": "finish"}, 7, Finish(), [Finish()]])
def test_what_is_no_decision_stops_the_agent_with_a_sentence(nothing: Any, tmp_path: Path) -> None:
    record = play(nothing, tmp_path)
    assert record.ending == "stopped"
    assert record.reason.startswith(f"The agent returned a {type(nothing).__name__}, not")


@pytest.mark.parametrize(
    "usage",
    [None, 12, {"input_tokens": 3}, Usage("many", 1, 0.0), Usage(1, None, 0.0),
     Usage(1, 1, float("nan")), Usage(-5, 1, 0.0), Usage(1, 1, float("inf")), Usage(1, 1.5, 0.0)],
)  # fmt: skip
def test_a_cost_that_is_none_stops_the_agent_with_a_sentence(usage: Any, tmp_path: Path) -> None:
    record = play(Decision(TypeText(text="x"), usage=usage), tmp_path)
    assert record.ending == "stopped"
    assert "usage" in record.reason
    assert (record.input_tokens, record.output_tokens, record.cost_usd) == (0, 0, 0.0)


@pytest.mark.parametrize(
    "action",
    [
        None,
        "finish",
        {"kind": "finish"},
        InvalidOutput("<html>", "no JSON"),
        InvalidOutput("\ud800\x00", "no text"),
        Click(at=Point(x=9_999, y=9_999)),
        Click.model_construct(at=None),
        Click.model_construct(at="here", count="often"),
        TypeText.model_construct(text=None),
    ],
)
def test_what_is_no_action_is_an_invalid_step_that_is_told(action: Any, tmp_path: Path) -> None:
    record = play(Decision(action), tmp_path)
    assert (record.ending, record.n_invalid) == ("finished", 1), record.reason


@pytest.mark.parametrize("thought", [None, b"\xff", 7, ["a"], "\ud800"])
@pytest.mark.parametrize("extra", [None, {"a": object()}, {1: {2}}, [], {"deep": {"\ud800": b""}}])
def test_thoughts_and_extras_of_any_kind_are_kept_as_text(
    thought: Any, extra: Any, tmp_path: Path
) -> None:
    record = play(Decision(TypeText(text="x"), thought=thought, extra=extra), tmp_path)
    assert (record.ending, record.n_invalid) == ("finished", 0), record.reason


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


@pytest.mark.parametrize(
    "decision",
    [
        Decision(TypeText(text="x"), thought=Unprintable()),
        Decision(TypeText(text="x"), extra={"a": Unprintable()}),
        Decision(Unprintable()),
    ],
)
def test_what_cannot_even_be_printed_breaks_no_world(decision: Decision, tmp_path: Path) -> None:
    assert play(decision, tmp_path).ending in {"finished", "stopped"}
