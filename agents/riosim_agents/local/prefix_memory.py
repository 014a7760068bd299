"""What was computed for a row's last request, used again where the next one begins the same.

A request of a computer-use agent is the last one and a little more: system prompt, instruction and
earlier steps come again. Their keys and values are kept per row and put together anew for each
batch, whoever is in it:

```text
            0       pad_i               C                 T
row 0   [ · · · · · kept kept kept kept | new new new new ]
row 1   [ · kept kept kept kept kept kept | new new new new ]
```

All rows end at T, so what is kept ends at one column C: the smallest to which every row has
something, or is still padding. A picture is kept whole or not at all. This holds only for caches
whose layers each keep every position (`DynamicLayer`); sliding windows and linear attention have
thrown away what would be needed, and nothing is kept for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from transformers import DynamicCache

__all__ = ["Picture", "PrefixMemory", "Row", "joined_cache", "keep", "shared_column", "why_not"]

_WORTH_TOKENS: Final = 16


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a picture lies in a row, [start, end) in its tokens, and what it shows."""

    start: int
    end: int
    digest: str


@dataclass(frozen=True, slots=True)
class Row:
    """A request as the model reads it, without padding."""

    tokens: tuple[int, ...]
    pictures: tuple[Picture, ...] = ()


@dataclass(slots=True)
class PrefixMemory:
    """What one row keeps between its requests; empty at first, and after `clear`."""

    row: Row = field(default_factory=lambda: Row(()))
    layers: list[tuple[Any, Any]] = field(default_factory=list)  # (1, heads, tokens, size) each

    def clear(self) -> None:
        """Keep nothing."""
        self.row = Row(())
        self.layers = []

    def common(self, row: Row) -> int:
        """Return how many tokens of ROW, from its beginning, are known; never all of them."""
        most = min(len(self.row.tokens), len(row.tokens) - 1)
        n = next((i for i in range(most) if self.row.tokens[i] != row.tokens[i]), max(most, 0))
        for mine, theirs in zip(
            [*self.row.pictures, *[None] * len(row.pictures)], row.pictures, strict=False
        ):
            if theirs.start < n and mine != theirs:
                n = theirs.start
        return _outside_pictures(n, row)


def _outside_pictures(n: int, row: Row) -> int:
    for picture in row.pictures:
        if picture.start < n < picture.end:
            return picture.start
    return n


def shared_column(rows: Sequence[Row], memories: Sequence[PrefixMemory]) -> int:
    """Return the column C up to which a batch need not be computed again; 0 if it is not worth it.

    Columns count from the left of the padded batch, as wide as its longest row.
    """
    width = max(len(row.tokens) for row in rows)
    pads = [width - len(row.tokens) for row in rows]
    column = min(
        pad + memory.common(row) for pad, row, memory in zip(pads, rows, memories, strict=True)
    )
    while True:
        fitting = min(
            pad + _outside_pictures(max(column - pad, 0), row) if column > pad else column
            for pad, row in zip(pads, rows, strict=True)
        )
        if fitting == column:
            break
        column = fitting
    saved = sum(max(column - pad, 0) for pad in pads)
    return column if saved >= _WORTH_TOKENS else 0


def joined_cache(rows: Sequence[Row], memories: Sequence[PrefixMemory], column: int) -> Any:
    """Return the cache of a batch whose first COLUMN columns are known."""
    width = max(len(row.tokens) for row in rows)
    cache = DynamicCache()
    kept = next(memory.layers for memory in memories if memory.layers)
    for index, (some_keys, some_values) in enumerate(kept):
        keys, values = (
            torch.zeros(
                (len(rows), some.shape[1], column, some.shape[3]),
                dtype=some.dtype,
                device=some.device,
            )
            for some in (some_keys, some_values)
        )
        for i, (row, memory) in enumerate(zip(rows, memories, strict=True)):
            pad = width - len(row.tokens)
            if pad < column:
                keys[i, :, pad:] = memory.layers[index][0][0, :, : column - pad]
                values[i, :, pad:] = memory.layers[index][1][0, :, : column - pad]
        cache.update(keys, values, index)
    return cache


def keep(
    memory: PrefixMemory, row: Row, answer: Sequence[int], cache: Any, *, index: int, width: int
) -> None:
    """Remember what a cache holds of one row: its request, and its answer but for the last token.

    Args:
        memory: Of that row.
        row: The request.
        answer: The tokens that were generated, the end token with them.
        cache: As generation left it.
        index: Of the row in the batch.
        width: Of the batch, before generation.
    """
    pad = width - len(row.tokens)
    end = width + max(len(answer) - 1, 0)
    memory.row = Row((*row.tokens, *answer[: end - width]), row.pictures)
    memory.layers = [
        (
            layer.keys[index : index + 1, :, pad:end].clone(),
            layer.values[index : index + 1, :, pad:end].clone(),
        )
        for layer in cache.layers
    ]


def why_not(cache: Any) -> str:
    """Return why nothing of such a cache can be kept, nothing if it can."""
    layers = getattr(cache, "layers", None)
    if not layers:
        return f"a {type(cache).__name__} cannot be taken apart"
    strange = sorted({type(layer).__name__ for layer in layers} - {"DynamicLayer"})
    return f"it has layers of {', '.join(strange)}" if strange else ""
