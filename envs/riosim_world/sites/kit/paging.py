"""Long lists, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.requests import Request

from riosim_world.sites.kit.forms import whole

__all__ = ["Page", "paginate"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list."""

    items: Sequence[T]
    number: int
    pages: int
    total: int
    start: int  # number of the first item, from 1
    query: str  # the rest of the query, for links to other pages

    def link(self, number: int) -> str:
        """Return the query that asks for page NUMBER of the same list."""
        return f"?{self.query}{'&' if self.query else ''}page={number}"


def paginate(request: Request, items: Sequence[T], *, size: int) -> Page[T]:
    """Return the page of ITEMS that REQUEST asks for; a number too high means the last."""
    pages = max(1, -(-len(items) // size))
    number = min(max(1, whole(request.query_params.get("page", ""), default=1)), pages)
    start = (number - 1) * size
    query = str(request.query_params).split("&")
    rest = "&".join(part for part in query if part and not part.startswith("page="))
    return Page(items[start : start + size], number, pages, len(items), start + 1, rest)
