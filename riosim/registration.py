"""The gymnasium ids of riosim; imports gymnasium and nothing else."""

import gymnasium as gym

__all__ = ["register_envs"]


def register_envs() -> None:
    """Register `riosim/Desktop-v0` and `riosim/Browser-v0`, once."""
    for surface in ("desktop", "browser"):
        env_id = f"riosim/{surface.capitalize()}-v0"
        if env_id not in gym.registry:
            gym.register(
                env_id,
                entry_point="riosim.env:ComputerEnv",
                kwargs={"surface": surface},
                nondeterministic=True,  # a live desktop; what we promise of it, our tests assert
            )
