"""A channel over a pair of pipes whose other end the test plays."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from riosim_envs.channel import Channel
from riosim_envs.stream import PipeStream

__all__ = ["pipes"]


@contextmanager
def pipes(on_event: Any = lambda event: None, **limits: Any) -> Iterator[tuple[Channel, int, int]]:
    """Yield a channel, what it writes (to read) and what it reads (to write)."""
    to_guest_r, to_guest_w = os.pipe()
    from_guest_r, from_guest_w = os.pipe()
    channel = Channel(
        PipeStream(from_guest_r, to_guest_w), name="guest", on_event=on_event, **limits
    )
    try:
        yield channel, to_guest_r, from_guest_w
    finally:
        channel.close()
        os.close(to_guest_r)
        os.close(from_guest_w)
