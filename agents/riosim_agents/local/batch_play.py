"""Playing several environments with one model that answers them together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode

from riosim.accessibility import Node, parse_tree
from riosim.action import Action, Finish, Wait
from riosim.agent import Decision, InvalidOutput
from riosim.errors import ModelError, RiosimError, UsageError
from riosim.observation import Observation
from riosim_agents.local.model import LocalModel, Request, Sampling
from riosim_agents.transformers_agent import TransformersAgent

__all__ = ["VectorTurn", "act_batch", "observation_of", "play_vector"]

_NOTHING: Final = Wait(seconds=0)


@dataclass(frozen=True, slots=True)
class VectorTurn:
    """One decision in one environment of a vector, and what it led to.

    Attributes:
        index: Which environment.
        episode: Which of its episodes, counted from 0.
        step: Which of its decisions, counted from 1.
        decision: What the agent decided; a finish where it could not be asked.
        reward: Of this step.
        terminated: Whether the episode is over.
        truncated: Whether the limit of steps ended it.
        info: Of this step in this environment.
        stopped: Why the agent could not be asked, empty if it could. The episode was then ended by
            a finish, for a vector has no other way to give one up: do not score it.
    """

    index: int
    episode: int
    step: int
    decision: Decision
    reward: float
    terminated: bool
    truncated: bool
    info: Mapping[str, Any]
    stopped: str = ""


def act_batch(
    agents: Sequence[TransformersAgent], observations: Sequence[Observation]
) -> list[Decision | RiosimError]:
    """Return what each agent decides on its observation; those that share a model ask it together.

    An agent that cannot be asked has its error in its place; the others go on.
    """
    errors: dict[int, RiosimError] = {}
    groups: dict[tuple[int, Sampling], list[tuple[int, LocalModel, Request]]] = {}
    for at, (agent, observation) in enumerate(zip(agents, observations, strict=True)):
        try:
            if agent.needs_model(observation):
                model = agent.model
                asked = (at, model, agent.request(observation))
                groups.setdefault((id(model), agent.sampling), []).append(asked)
        except Exception as exc:  # noqa: BLE001  # one row's screen must not end the others' episodes
            errors[at] = _told(exc)
    for (_, sampling), group in groups.items():
        answers = group[0][1].answer([request for _, _, request in group], sampling)
        for (at, _, _), answer in zip(group, answers, strict=True):
            agents[at].hear(answer)
    decisions: list[Decision | RiosimError] = []
    for at, (agent, observation) in enumerate(zip(agents, observations, strict=True)):
        if at in errors:
            decisions.append(errors[at])
            continue
        try:
            decisions.append(agent.act(observation))
        except RiosimError as exc:
            decisions.append(exc)
    return decisions


def play_vector(
    env: gym.vector.VectorEnv[Any, Any, Any],
    agent_factory: Callable[[int], TransformersAgent],
    *,
    episodes_each: int = 1,
    seed: int = 0,
) -> Iterator[VectorTurn]:
    """Play each environment of a vector with an agent of its own, and yield each decision.

    Environment `i` begins with seed `seed + i`. Each plays the same number of episodes, so that
    short ones do not count more often; one that is done waits for the others, and goes through
    whatever episodes the vector begins by itself. All three ways of Gymnasium to begin the next
    episode (`autoreset_mode`) are understood.

    Args:
        env: Of riosim environments (`riosim.make_vec`), observations as they come; not closed here.
        agent_factory: Makes the agent of an environment; let all share one `LocalModel`.
        episodes_each: How many episodes each environment plays.
        seed: Of the first environment.

    Raises:
        UsageError: The vector is none of riosim's.
    """
    if "screenshot" not in getattr(env.single_observation_space, "spaces", {}):
        raise UsageError(
            "play_vector needs observations with a screenshot, as riosim.make_vec gives them; this "
            f"vector has {env.single_observation_space}."
        )
    mode = AutoresetMode(env.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP))
    agents = [agent_factory(index) for index in range(env.num_envs)]
    lanes = [_Lane(index, agent, seed + index, env.num_envs) for index, agent in enumerate(agents)]
    has_tabs = getattr(env.single_action_space, "browser", None)
    for agent in agents:
        if has_tabs is not None:
            agent.surface = "browser" if has_tabs else "desktop"
    vector: Any = env  # its stubs know one seed only
    batch, _ = vector.reset(seed=[lane.seed for lane in lanes])
    for lane in lanes:
        lane.begin(observation_of(batch, lane.index))
    while any(lane.n_over < episodes_each for lane in lanes):
        asked = [lane for lane in lanes if lane.n_over < episodes_each and not lane.is_resetting]
        decisions = act_batch([lane.agent for lane in asked], [lane.observation for lane in asked])
        made = {
            lane.index: _made(decision) for lane, decision in zip(asked, decisions, strict=True)
        }
        actions: list[Action | InvalidOutput] = [
            made[index][0].action if index in made else _NOTHING for index in range(env.num_envs)
        ]
        batch, rewards, terminated, truncated, infos = env.step(tuple(actions))
        for lane in asked:
            decision, stopped = made[lane.index]
            lane.step += 1
            is_over = bool(terminated[lane.index] or truncated[lane.index])
            yield VectorTurn(
                index=lane.index,
                episode=lane.n_over,
                step=lane.step,
                decision=decision,
                reward=float(rewards[lane.index]),
                terminated=bool(terminated[lane.index]),
                truncated=bool(truncated[lane.index]),
                info=_info_of(infos, lane.index, is_over=is_over),
                stopped=stopped,
            )
        over = np.logical_or(terminated, truncated)
        if mode is AutoresetMode.DISABLED and over.any():
            batch, _ = env.reset(options={"reset_mask": over})
        for lane in lanes:
            lane.take(observation_of(batch, lane.index), is_over=bool(over[lane.index]), mode=mode)


class _Lane:
    """One environment of the vector and the agent that plays it."""

    def __init__(self, index: int, agent: TransformersAgent, seed: int, n_lanes: int) -> None:
        self.index = index
        self.agent = agent
        self.seed = seed
        self.step = 0
        self.n_over = 0
        self.is_resetting = False
        self.observation: Observation
        self._n_lanes = n_lanes

    def begin(self, observation: Observation) -> None:
        """Begin an episode."""
        self.step = 0
        self.is_resetting = False
        self.observation = observation
        self.agent.reset(observation.instruction, seed=self.seed + self.n_over * self._n_lanes)

    def take(self, observation: Observation, *, is_over: bool, mode: AutoresetMode) -> None:
        """Take what a step of the vector brought."""
        if is_over:
            self.n_over += 1
        if is_over and mode is AutoresetMode.NEXT_STEP:
            self.is_resetting = True  # the next step begins the episode and ignores its action
        elif is_over or self.is_resetting:
            self.begin(observation)
        else:
            self.observation = observation


def observation_of(batch: Mapping[str, Any], index: int) -> Observation:
    """Return what one environment of a vector shows.

    A tree that was cut at its limit of length loses its last line.
    """
    text = str(batch["accessibility_tree"][index]) if "accessibility_tree" in batch else ""
    tabs = str(batch["tabs"][index]) if "tabs" in batch else ""
    return Observation(
        screenshot=np.array(batch["screenshot"][index]),
        instruction=str(batch["instruction"][index]),
        step=int(batch["step"][index]),
        message=str(batch["message"][index]),
        tree=_tree(text),
        url=str(batch["url"][index]) if "url" in batch else "",
        tabs=tuple(tabs.split("\n")) if tabs else (),
    )


def _tree(text: str) -> Node | None:
    if not text:
        return None
    try:
        return parse_tree(text)
    except ValueError:
        whole, _, _ = text.rpartition("\n")
        return parse_tree(whole) if whole else None


def _made(decision: Decision | RiosimError) -> tuple[Decision, str]:
    """Return what is to be done, and why the agent could not be asked."""
    if isinstance(decision, Decision):
        return decision, ""
    return Decision(Finish()), str(decision)


def _told(exc: Exception) -> RiosimError:
    if isinstance(exc, RiosimError):
        return exc
    error = ModelError(f"The request could not be made: {type(exc).__name__}: {str(exc)[:300]}")
    error.__cause__ = exc
    return error


def _info_of(infos: Mapping[str, Any], index: int, *, is_over: bool) -> dict[str, Any]:
    """Return what the vector's infos say of one environment."""
    final = infos.get("final_info")
    if is_over and isinstance(final, Mapping):
        infos = final
    return {
        key: _plain(values[index])
        for key, values in infos.items()
        if not key.startswith("_")
        and key not in ("final_info", "final_obs")
        and bool(
            np.asarray(infos.get(f"_{key}", True)).reshape(-1)[index if f"_{key}" in infos else 0]
        )
    }


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
