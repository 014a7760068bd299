"""What a reader searches for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from riosim_world.sites.archive.seed import SUBJECTS
from riosim_world.sites.kit import Row, whole

__all__ = ["SearchQuery"]

_FIELDS = ("title", "author", "abstract", "all")
_SIZES = (10, 25, 50)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """One search; an empty text matches everything."""

    kind: Literal["simple", "advanced"] = "simple"
    query: str = ""
    field: str = "all"
    title: str = ""
    author: str = ""
    abstract: str = ""
    subject: str = ""
    since: int = 0
    until: int = 9999
    abstracts: Literal["show", "hide"] = "show"
    order: Literal["newest", "oldest"] = "newest"
    size: int = 25

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "SearchQuery":
        """Read the query of an address; what is not understood is left out."""
        text = {name: given.get(name, "").strip()[:300] for name in _TEXTS}
        subject = given.get("subject", "")
        field = given.get("field", "all")
        size = whole(given.get("size", ""))
        return cls(
            kind="advanced" if given.get("advanced") else "simple",
            **text,
            field=field if field in _FIELDS else "all",
            subject=subject if subject in SUBJECTS else "",
            since=whole(given.get("since", ""), default=0),
            until=whole(given.get("until", ""), default=9999) or 9999,
            abstracts="hide" if given.get("abstracts") == "hide" else "show",
            order="oldest" if given.get("order") == "oldest" else "newest",
            size=size if size in _SIZES else 25,
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        texts = (self.query, self.title, self.author, self.abstract)
        return not any(texts) and not (self.kind == "advanced" and self.subject)

    def filter(self, papers: Sequence[Row]) -> list[Row]:
        """Return the papers that match, in the order asked for."""
        found = [paper for paper in papers if self._matches(paper)]
        return sorted(found, key=lambda row: row["submitted"], reverse=self.order == "newest")

    def to_json(self) -> dict[str, Any]:
        """Return what was asked for, without what was left alone."""
        empty = SearchQuery(kind=self.kind)
        return {key: value for key, value in asdict(self).items() if value != getattr(empty, key)}

    def _matches(self, paper: Row) -> bool:
        places = {
            "title": paper["title"],
            "author": paper["authors"],
            "abstract": paper["abstract"],
        }
        wanted = [(places[name], getattr(self, name)) for name in places]
        everywhere = " ".join((*places.values(), paper["part"]))
        wanted.append((places.get(self.field, everywhere), self.query))
        in_subject = self.subject in ("", paper["subject"])
        in_years = self.since <= int(paper["submitted"][:4]) <= self.until
        return in_subject and in_years and all(_has(text, words) for text, words in wanted)


_TEXTS = ("query", "title", "author", "abstract")


def _has(text: str, words: str) -> bool:
    lower = text.lower()
    return all(word in lower for word in words.lower().split())
