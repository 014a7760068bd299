"""A wrapper that keeps what reached the environment."""

import gymnasium as gym

__all__ = ["Watched"]


class Watched(gym.Wrapper):
    """Keeps the actions of all steps in `done`."""

    def __init__(self, env):
        super().__init__(env)
        self.done = []

    def step(self, action):
        self.done.append(action)
        return super().step(action)
