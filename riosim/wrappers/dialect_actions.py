"""Actions in the words of a model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal, SupportsFloat

import gymnasium as gym
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from typing_extensions import override

from riosim.action import Wait
from riosim.agent import InvalidOutput
from riosim.dialects.dialect import Dialect, UnsayableError
from riosim.env import ComputerEnv
from riosim.errors import UsageError
from riosim.styles.style import Mark

__all__ = ["DialectActions", "DialectOf", "SaidSpace"]

DialectOf = Callable[[tuple[Mark, ...]], Dialect[Any]]
"""Makes a dialect that knows the marks of the observation that was shown last."""

_MOST_TRIES: Final = 100


class SaidSpace(spaces.Space[Any]):
    """Whatever a model may say: any text, or any object of JSON.

    Everything belongs to it, for `read` takes everything: what is no action is an invalid step.
    `sample` says actions that a random explorer may do, in the dialect.
    """

    def __init__(
        self, actions: spaces.Space[Any], dialect: Dialect[Any], seed: int | None = None
    ) -> None:
        self.actions = actions
        self.dialect = dialect
        self.kind: type = str if isinstance(_said(dialect), str) else dict
        super().__init__(shape=None, dtype=None)
        if seed is not None:
            self.seed(seed)

    @override
    def seed(self, seed: Any = None) -> Any:
        """Seed what is sampled."""
        return self.actions.seed(seed)

    @override
    def contains(self, x: Any) -> bool:
        """Whether X is of the kind that the dialect is written in."""
        return isinstance(x, str) if self.kind is str else isinstance(x, dict | list)

    @override
    def sample(self, mask: Any = None, probability: Any = None) -> Any:
        """Return a random action as the dialect says it."""
        del mask, probability
        for _ in range(_MOST_TRIES):
            try:
                return self.dialect.write(self.actions.sample())
            except UnsayableError:
                continue  # it has no words for this one
        return _said(self.dialect)

    @property
    @override
    def is_np_flattenable(self) -> bool:
        """Never: what is said has no numbers."""
        return False

    @override
    def __eq__(self, other: object) -> bool:
        """Whether OTHER is the same space."""
        return isinstance(other, SaidSpace) and (
            (other.kind, other.dialect, other.actions) == (self.kind, self.dialect, self.actions)
        )

    __hash__ = None  # type: ignore[assignment]  # dialects may hold what cannot be hashed

    @override
    def __repr__(self) -> str:
        """Return the space as it is made."""
        return f"SaidSpace({self.actions!r}, {self.dialect!r})"


class DialectActions(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Takes what a model answers instead of actions.

    An answer with several actions is one step of this wrapper: they are done in order, their
    rewards add up, and the rest is dropped once the episode ends or one of them was invalid.
    `info` is that of the last, with `thought`, `n_actions` (how many were done, invalid ones
    included) and `n_dropped`. With `several="first"` all but the first are dropped.

    Args:
        env: An environment whose actions are those of `riosim.action`.
        dialect: Reads the answers. A function gets the marks of the last observation and returns
            the dialect; `StyledObservation` must then lie within.
        several: What is done with an answer of several actions.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        dialect: Dialect[Any] | DialectOf,
        *,
        several: Literal["all", "first"] = "all",
    ) -> None:
        RecordConstructorArgs.__init__(self, dialect=dialect, several=several)
        super().__init__(env)
        if several not in ("all", "first"):
            raise UsageError(f"several is {several!r}; known: 'all', 'first'.")
        self._dialect = dialect
        self._several = several
        self.action_space = SaidSpace(env.action_space, self._dialect_now())

    @override
    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        """Do what was said."""
        reading = self._dialect_now().read(action)
        wanted = reading.actions[: 1 if self._several == "first" else None]
        total, n_done = 0.0, 0
        while True:
            with self._looking(n_done == 0):
                observation, reward, terminated, truncated, info = self.env.step(wanted[n_done])
            total += float(reward)
            n_done += 1
            is_invalid = isinstance(wanted[n_done - 1], InvalidOutput) or not info.get(
                "valid", True
            )
            if terminated or truncated or is_invalid or n_done == len(wanted):
                break
        told = {
            "thought": reading.thought,
            "n_actions": n_done,
            "n_dropped": len(reading.actions) - n_done,
        }
        return observation, total, terminated, truncated, info | told

    @contextmanager
    def _looking(self, looks: bool) -> Iterator[None]:  # noqa: FBT001  # private
        """Tell the environment whether the action was decided on what it showed last."""
        inner = self.unwrapped
        if not isinstance(inner, ComputerEnv):
            yield
            return
        inner.looks = looks
        try:
            yield
        finally:
            inner.looks = True

    def _dialect_now(self) -> Dialect[Any]:
        if isinstance(self._dialect, Dialect):
            return self._dialect
        if not self.has_wrapper_attr("view"):
            raise UsageError(
                "A dialect that knows marks needs StyledObservation within DialectActions."
            )
        view = self.get_wrapper_attr("view")
        return self._dialect(view.marks if view is not None else ())


def _said(dialect: Dialect[Any]) -> Any:
    """Return something that the dialect says."""
    return dialect.write(Wait(seconds=1.0))
