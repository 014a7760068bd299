"""Answers that lack what the protocol promises, as the errors that they are."""

from collections.abc import Iterator
from contextlib import contextmanager

from riosim.errors import ProtocolError
from riosim.wire import WireError

__all__ = ["agreed"]


@contextmanager
def agreed(who: str, op: str) -> Iterator[None]:
    """Turn what goes wrong when an answer is taken apart into a `ProtocolError`."""
    try:
        yield
    except WireError:
        raise  # the request was too large: the caller's affair
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as exc:
        raise ProtocolError(
            f"The {who}'s answer to {op} is not what was agreed ({exc!r:.200}). Is its image of "
            "this version? See `riosim doctor`."
        ) from exc
