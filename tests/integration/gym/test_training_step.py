"""One training step of a random policy over four desktops at once."""

from functools import partial

import gymnasium as gym
import numpy as np
import pytest

import riosim
from riosim.dialects.coordinate import Screen
from riosim.wrappers.numeric import NumericActions
from riosim.wrappers.pixels import PixelsOnly
from tests.support.require import require

_N_DESKTOPS = 4
_N_STEPS = 4


@pytest.mark.docker
@pytest.mark.slow
def test_a_random_policy_is_trained_one_step_on_four_desktops() -> None:
    require("transformers")  # for torch
    import torch

    envs = riosim.make_vec(
        "riosim/Desktop-v0",
        _N_DESKTOPS,
        task="popup/wheel-over-editor-01",
        sandbox="docker",
        parts=("screenshot",),
        wrappers=[
            partial(PixelsOnly, size=Screen(64, 40)),
            partial(NumericActions, columns=16, rows=10, texts=["hello"]),
        ],
        vector_kwargs={"shared_memory": True},
    )
    try:
        assert isinstance(envs.unwrapped, gym.vector.AsyncVectorEnv)
        torch.manual_seed(5)
        sizes = [int(n) for n in envs.single_action_space.nvec]
        policy = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 8, stride=4),
            torch.nn.ReLU(),
            torch.nn.Flatten(),
            torch.nn.LazyLinear(sum(sizes)),
        )
        seen, _ = envs.reset(seed=5)
        assert seen.shape == (_N_DESKTOPS, 40, 64, 3)
        logged, rewards = [], []
        for _ in range(_N_STEPS):
            pixels = torch.as_tensor(seen).permute(0, 3, 1, 2).float() / 255
            parts = torch.split(policy(pixels), sizes, dim=1)
            choices = [torch.distributions.Categorical(logits=part) for part in parts]
            actions = [choice.sample() for choice in choices]
            logged.append(sum(c.log_prob(a) for c, a in zip(choices, actions, strict=True)))
            seen, reward, terminated, truncated, info = envs.step(torch.stack(actions, 1).numpy())
            assert info["valid"].all()
            assert not (terminated | truncated).any()
            rewards.append(torch.as_tensor(reward))
        before = [parameter.detach().clone() for parameter in policy.parameters()]
        optimiser = torch.optim.Adam(policy.parameters(), lr=1e-3)
        # Rewards come with the end, so the return is still 0: a baseline of 1 gives a gradient.
        loss = -(torch.stack(logged) * (torch.stack(rewards).sum(0) - 1.0)).mean()
        loss.backward()
        optimiser.step()
        changed = [
            not torch.equal(old, new) for old, new in zip(before, policy.parameters(), strict=True)
        ]
        assert all(changed)
        assert np.isfinite(loss.item())
    finally:
        envs.close()
