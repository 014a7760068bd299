"""Sampling in which a row's text hangs on its own seed and prompt, not on who shares its batch."""

from collections.abc import Sequence
from typing import Any

import torch

__all__ = ["RowSampler"]


class RowSampler:
    """Makes greedy decoding sample: adds to each row's scores noise from that row's own generator.

    The largest of `score / temperature + noise`, the noise drawn from the standard Gumbel
    distribution, is distributed as a draw from the softmax of `score / temperature`; so the rest of
    the decoding stays greedy. Noise is drawn on the CPU, so that a seed means the same on each
    device.

    Args:
        seeds: One a row.
        temperature: Above 0.
        top_p: Tokens are kept, the likeliest first, until they hold this share; 1 keeps all.

    Source:
        Gumbel (1954), Statistical Theory of Extreme Values; the use as a sampler is also known as
        the Gumbel-max trick, Maddison, Tarlow, Minka (2014), A* Sampling, section 2.
    """

    def __init__(self, seeds: Sequence[int], *, temperature: float, top_p: float = 1.0) -> None:
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._temperature = temperature
        self._top_p = top_p

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return the noisy scores, (rows, tokens)."""
        del input_ids
        scaled = scores.float() / self._temperature
        if self._top_p < 1:
            scaled = _likeliest(scaled, self._top_p)
        noise = torch.stack([_gumbel(g, scaled.shape[-1]) for g in self._generators])
        return scaled + noise.to(scaled.device)


def _gumbel(generator: Any, n: int) -> Any:
    uniform = torch.rand(n, generator=generator, dtype=torch.float64).clamp_(1e-300, 1 - 1e-16)
    return (-(-uniform.log()).log()).float()


def _likeliest(scores: Any, share: float) -> Any:
    """Return the scores with those outside the likeliest SHARE at minus infinity."""
    ordered, places = scores.sort(dim=-1, descending=True)
    before = ordered.softmax(dim=-1).cumsum(dim=-1) - ordered.softmax(dim=-1)
    dropped = (before >= share).scatter(-1, places, before >= share)
    return scores.masked_fill(dropped, -torch.inf)
