"""Pages that were handed out: whose they are, and which have not been painted yet."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from riosim_world.site import Owner

__all__ = ["LivePages", "PageOrigin"]

_PATIENCE_S = 3.0
_MOST_PAGES = 4_000


@dataclass(frozen=True, slots=True)
class PageOrigin:
    """Who answered with a page."""

    site: str
    owner: Owner
    host: str


@dataclass(slots=True)
class _Waiting:
    peer: tuple[str, int]
    host: str
    until: float


class LivePages:
    """Gives each page an id, and says how many are still to be painted."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._origins: OrderedDict[str, PageOrigin] = OrderedDict()
        self._waiting: dict[str, _Waiting] = {}
        self._count = 0
        self._salt = ""

    def reset(self, salt: str) -> None:
        """Forget all pages; SALT makes the ids of this episode."""
        self._origins.clear()
        self._waiting.clear()
        self._count, self._salt = 0, salt

    def deliver(self, origin: PageOrigin, peer: tuple[str, int], *, awaited: bool) -> str:
        """Return the id of a new page; AWAITED says that its script will report."""
        self._count += 1
        tail = hashlib.sha256(f"{self._salt}:{self._count}".encode()).hexdigest()[:8]
        page = f"p{self._count}-{tail}"
        self._origins[page] = origin
        if len(self._origins) > _MOST_PAGES:
            self._origins.popitem(last=False)
        if awaited:
            self._supersede(origin.host, peer[0])
            until = self._monotonic() + _PATIENCE_S
            self._waiting[page] = _Waiting(peer, origin.host, until)
        return page

    def origin(self, page: str) -> PageOrigin | None:
        """Return who answered with this page."""
        return self._origins.get(page)

    def settled(self, page: str) -> None:
        """Wait no longer for a page: it was painted, or is in the background."""
        self._waiting.pop(page, None)

    def gone(self, peer: tuple[str, int]) -> None:
        """Wait no longer for the pages of a connection that ended."""
        for page in [p for p, w in self._waiting.items() if w.peer == peer]:
            del self._waiting[page]

    def pending(self) -> int:
        """Return how many pages are delivered and not yet painted."""
        now = self._monotonic()
        for page in [p for p, w in self._waiting.items() if w.until <= now]:
            del self._waiting[page]
        return len(self._waiting)

    def _supersede(self, host: str, address: str) -> None:
        """Forget earlier pages of the host: the visitor has gone on."""
        for page in [
            p for p, w in self._waiting.items() if w.host == host and w.peer[0] == address
        ]:
            del self._waiting[page]
