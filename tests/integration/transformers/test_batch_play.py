"""Several environments, one model: whose turn it is, whose episode, and whose failure."""

from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from riosim.accessibility import Node, render_tree
from riosim.action import Finish, Wait
from riosim.action_space import ActionSpace
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Screen
from riosim.errors import ModelError, UsageError
from riosim.observation import OBSERVATION_PARTS, Observation, observation_space, to_dict

WAIT = '{"kind": "wait", "seconds": 0}'


class Counting(gym.Env):
    """Ends after LENGTH steps, or at a finish; says in its tree what was done to it."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._episode = -1
        self._did: list[str] = []
        self.action_space = ActionSpace(64, 48, browser=True)
        self.observation_space = observation_space(64, 48, max_steps=99, parts=OBSERVATION_PARTS)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self._episode += 1
        self._did = []
        return self._seen(), {"seed": -1 if seed is None else seed}

    def step(self, action: Any) -> Any:
        if len(self._did) >= self._length or "finish" in self._did:
            raise UsageError("The episode is over.")
        self._did.append("invalid" if isinstance(action, InvalidOutput) else action.kind)
        is_done = self._did[-1] == "finish"
        is_long = len(self._did) >= self._length
        info = {"did": ",".join(self._did), "length": self._length}
        return self._seen(), float(is_done), is_done, is_long and not is_done, info

    def _seen(self) -> dict[str, Any]:
        observation = Observation(
            np.full((48, 64, 3), len(self._did), np.uint8),
            f"episode {self._episode} of {self._length}",
            len(self._did),
            message="say JSON" if self._did[-1:] == ["invalid"] else "",
            tree=Node("group", f"did {len(self._did)}"),
            url="https://a.test/",
            tabs=("one", "two"),
        )
        return to_dict(observation, OBSERVATION_PARTS)


@pytest.fixture
def model(lib):
    """Answers from the instruction in the request; counts how many rows it got at once."""

    class _Model(lib.LocalModel):  # type: ignore[misc, name-defined]  # known when torch is
        def __init__(self) -> None:
            self.facts = {"name": "fake"}
            self.rows: list[int] = []
            self.words: dict[str, Any] = {}

        def picture_size(self, sent: Screen) -> Screen:
            return sent

        def plain(self, text: str) -> str:
            return text

        def answer(self, requests: Any, sampling: Any) -> list[Any]:
            self.rows.append(len(requests))
            out = []
            for request in requests:
                asked = "\n".join(
                    part
                    for message in request.messages
                    for part in message.parts
                    if isinstance(part, str)
                )
                found = next((w for key, w in self.words.items() if key in asked), WAIT)
                if isinstance(found, Exception):
                    out.append(found)
                else:
                    out.append(lib.Said(found, 1, 1, 0, len(requests), is_cut=False))
            return out

    return _Model()


def _vector(lengths: list[int], mode: AutoresetMode, kind: Any = SyncVectorEnv) -> Any:
    makers = [partial(Counting, length) for length in lengths]
    more = {"shared_memory": False} if kind is AsyncVectorEnv else {}
    return kind(makers, autoreset_mode=mode, **more)


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("kind", [SyncVectorEnv, AsyncVectorEnv])
def test_each_environment_plays_its_share_whatever_the_others_do(lib, model, mode, kind):
    vector = _vector([2, 5], mode, kind)
    agents: list[Any] = []

    def make(index: int) -> Any:
        agents.append(lib.TransformersAgent(model))
        return agents[-1]

    turns = list(lib.play_vector(vector, make, episodes_each=2, seed=40))
    vector.close()
    for index, length in enumerate((2, 5)):
        mine = [turn for turn in turns if turn.index == index]
        assert [turn.episode for turn in mine] == [0] * length + [1] * length
        assert [turn.step for turn in mine] == [*range(1, length + 1)] * 2
        assert [turn.truncated for turn in mine] == ([False] * (length - 1) + [True]) * 2
        did = [turn.info["did"] for turn in mine]
        assert did == [",".join(["wait"] * n) for n in range(1, length + 1)] * 2
        assert {turn.info["length"] for turn in mine} == {length}
    assert max(model.rows) == 2
    assert [agent.surface for agent in agents] == ["browser", "browser"]


def test_an_agent_that_cannot_be_asked_ends_its_own_episode_only(lib, model):
    model.words = {"of 3": ModelError("no memory"), "of 4": WAIT}
    vector = _vector([3, 4], AutoresetMode.NEXT_STEP)
    turns = list(lib.play_vector(vector, lambda index: lib.TransformersAgent(model)))
    failed = [turn for turn in turns if turn.index == 0]
    assert [turn.stopped for turn in failed] == ["no memory"]
    assert isinstance(failed[0].decision.action, Finish)
    assert failed[0].terminated
    assert [turn.stopped for turn in turns if turn.index == 1] == [""] * 4


def test_what_is_no_action_goes_to_the_environment_as_such(lib, model):
    model.words = {"say JSON": '{"kind": "finish"}', "episode": "I look around."}
    vector = _vector([9], AutoresetMode.NEXT_STEP)
    turns = list(lib.play_vector(vector, lambda index: lib.TransformersAgent(model)))
    assert [turn.info["did"] for turn in turns] == ["invalid", "invalid,finish"]
    assert turns[-1].reward == 1.0


def test_a_vector_of_something_else_is_refused(lib, model):
    vector = gym.make_vec("CartPole-v1", num_envs=1, vectorization_mode="sync")
    with pytest.raises(UsageError, match="screenshot"):
        next(lib.play_vector(vector, lambda index: lib.TransformersAgent(model)))
    vector.close()


def test_an_observation_comes_back_whole(lib):
    vector = _vector([3, 3], AutoresetMode.NEXT_STEP)
    batch, _ = vector.reset(seed=[1, 2])
    batch, *_ = vector.step((Wait(seconds=0), Wait(seconds=0)))
    seen = lib.observation_of(batch, 1)
    assert seen.instruction == "episode 0 of 3"
    assert (seen.step, seen.url, seen.tabs) == (1, "https://a.test/", ("one", "two"))
    assert seen.tree == Node("group", "did 1")
    assert seen.screenshot.shape == (48, 64, 3)
    assert seen.screenshot[0, 0, 0] == 1


def test_a_tree_that_was_cut_loses_its_last_line_only(lib):
    text = render_tree(Node("group", "page", children=(Node("button", "A"), Node("button", "B"))))
    one = {
        "screenshot": np.zeros((1, 48, 64, 3), np.uint8),
        "instruction": ("x",),
        "step": np.array([0]),
        "message": ("",),
        "accessibility_tree": (text[:-2],),
    }
    tree = lib.observation_of(one, 0).tree
    assert [child.name for child in tree.children] == ["A"]


def test_a_row_whose_screen_cannot_be_shown_leaves_the_others_alone(lib, model, look):
    agents = [lib.TransformersAgent(model) for _ in range(3)]
    for agent in agents:
        agent.reset("x", seed=1)
    flat = Observation(np.zeros((5,), np.uint8), "x", 0)
    first, broken, last = lib.act_batch(agents, [look(), flat, look()])
    assert isinstance(broken, ModelError)
    assert first.action.kind == last.action.kind == "wait"
    assert model.rows == [2]


def test_agents_that_draw_otherwise_are_asked_apart(lib, model, look):
    agents = [lib.TransformersAgent(model, temperature=t) for t in (0.0, 1.0, 0.0)]
    for agent in agents:
        agent.reset("x", seed=1)
    lib.act_batch(agents, [look()] * 3)
    assert sorted(model.rows) == [1, 2]
