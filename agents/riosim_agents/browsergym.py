"""Agents that speak BrowserGym's `get_action(obs)`, unchanged."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from typing_extensions import override

from riosim.action import AskUser, Finish, Point
from riosim.agent import Decision, InvalidOutput
from riosim.clock import Clock, SystemClock
from riosim.dialects.browsergym import BrowserGym
from riosim.dialects.coordinate import Grid
from riosim.dialects.dialect import Reading
from riosim.dialects.hand import end_of
from riosim.dialects.json_text import one_line
from riosim.observation import Observation
from riosim.styles.screenshot import screen_of
from riosim_agents.foreign.borrowed import Foreign
from riosim_agents.foreign.browsergym_page import (
    Element,
    axtree_of,
    axtree_text,
    dom_of,
    elements_of,
    marks_of,
    properties_of,
)
from riosim_agents.model.model_agent import Answer, ModelAgent

__all__ = ["BrowserGymAgent"]


class BrowserGymAgent(ModelAgent):
    """Plays an agent of BrowserGym or AgentLab: `get_action(obs) -> (action, info)`.

    It observes what BrowserGym's environment would show: `goal`, `goal_object`, `chat_messages`,
    `url`, `open_pages_urls`, `open_pages_titles`, `active_page_index`, `screenshot`,
    `axtree_object`, `axtree_txt`, `dom_object`, `extra_element_properties`, `focused_element_bid`,
    `last_action`, `last_action_error` and `elapsed_time`, through its own `obs_preprocessor` if it
    has one. Elements come from the accessibility tree; a `bid` is good for the observation that
    shows it. An agent without `reset` is made anew for each episode. Its `action_set` is not used:
    actions are read by the dialect `browsergym`. An exception of the agent stops the episode.

    Args:
        agent: The class, or AgentLab's settings that make one, as `module:Name`.
        options: Settings of its constructor, an object.
    """

    def __init__(self, agent: str, *, options: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._foreign = Foreign(agent, options, kind="BrowserGym", method="get_action")
        self._clock: Clock = SystemClock()
        self._is_new = True
        self._start()

    def _start(self) -> None:
        self._began_at = self._clock.monotonic()
        self._pointer: Point | None = None
        self._last_action = ""
        self._has_asked = False
        self._chat: list[dict[str, Any]] = []
        self._addresses: dict[str, str] = {}  # of the tabs that were in front, by title
        self._front = 0

    @override
    def forget(self) -> None:
        """Reset the agent."""
        if not self._is_new or hasattr(self._foreign.agent, "reset"):
            self._foreign.reset(seed=self.seed)
        self._is_new = False
        self._start()
        self._say("user", self.instruction)

    @override
    def act(self, observation: Observation) -> Decision:
        """Return the next action, and remember what it leaves behind."""
        decision = super().act(observation)
        action = decision.action
        if not isinstance(action, InvalidOutput):
            self._pointer = end_of(action) or self._pointer
        self._has_asked = isinstance(action, AskUser)
        if isinstance(action, AskUser):
            self._say("assistant", action.question)
        elif isinstance(action, Finish):
            self._say("assistant", action.answer)
        return decision

    @override
    def ask(self, observation: Observation) -> Answer:
        """Let the agent choose."""
        if self._has_asked and observation.message:
            self._say("user", observation.message)
        screen = screen_of(observation)
        tree = observation.tree
        elements = () if tree is None else elements_of(tree, screen)
        focus = [e.bid for e in elements if e.bid and "focused" in e.node.states]
        focused = focus[-1] if focus else ""  # the innermost
        obs = self._obs(observation, elements, focused)
        agent = self._foreign.agent
        prepare = getattr(agent, "obs_preprocessor", None)
        answer = agent.get_action(prepare(obs) if callable(prepare) else obs)
        action, info = answer if isinstance(answer, tuple) and len(answer) == 2 else (answer, {})
        thought = _think(info)
        if not isinstance(action, str):
            reason = "get_action() returned no action."
            said = InvalidOutput(one_line(action)[:4_000], reason)
            return Answer(Reading((said,), thought))
        self._last_action = action
        dialect = BrowserGym(Grid.pixels(screen), marks_of(elements), self._pointer, focused)
        reading = dialect.read(action)
        return Answer(
            Reading(reading.actions, thought or reading.thought),
            extra={"browsergym": {"action": action[:4_000]}},
        )

    def _obs(
        self, observation: Observation, elements: tuple[Element, ...], focused: str
    ) -> dict[str, Any]:
        """Return what BrowserGym's environment observes."""
        titles = observation.tabs or ("",)
        front = self._front_tab(titles, elements)
        self._addresses[titles[front]] = observation.url
        is_error = bool(observation.message) and not self._has_asked
        return {
            "chat_messages": tuple(dict(message) for message in self._chat),
            "goal": self.instruction,
            "goal_object": ({"type": "text", "text": self.instruction},),
            "open_pages_urls": tuple(self._addresses.get(title, "") for title in titles),
            "open_pages_titles": tuple(titles),
            "active_page_index": np.asarray([front]),
            "url": observation.url,
            "screenshot": observation.screenshot.copy(),
            "dom_object": dom_of(elements),
            "axtree_object": axtree_of(elements),
            "axtree_txt": axtree_text(elements),
            "extra_element_properties": properties_of(elements),
            "focused_element_bid": focused,
            "last_action": self._last_action,
            "last_action_error": observation.message if is_error else "",
            "elapsed_time": np.asarray([self._clock.monotonic() - self._began_at]),
        }

    def _front_tab(self, titles: tuple[str, ...], elements: tuple[Element, ...]) -> int:
        """Return which tab is in front: the one whose title the page has, else as before."""
        names = {e.node.name for e in elements if e.node.role in ("document", "window")}
        fitting = [n for n, title in enumerate(titles) if title and title in names]
        if fitting and self._front not in fitting:
            self._front = fitting[0]
        self._front = min(self._front, len(titles) - 1)
        return self._front

    def _say(self, role: str, text: str) -> None:
        at = self._clock.monotonic() - self._began_at
        self._chat.append({"role": role, "timestamp": at, "message": text})


def _think(info: object) -> str:
    """Return what an agent says that it thought."""
    think = info.get("think") if isinstance(info, Mapping) else getattr(info, "think", None)
    return think[:20_000] if isinstance(think, str) else ""
