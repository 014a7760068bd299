"""The dates of the conference, and everything that follows from them."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from riosim_world.sites.kit import Row, Store

__all__ = ["Calendar"]

_FIRST_YEAR = 1994


class Calendar:
    """What the site says about time."""

    def __init__(self, store: Store, today: date) -> None:
        self._store = store
        self._today = today

    @property
    def year(self) -> int:
        """The year that the conference has in its name."""
        return self._day("opens").year

    @property
    def edition(self) -> str:
        """The number of the conference, as an ordinal."""
        number = self.year - _FIRST_YEAR
        teen = number % 100 in (11, 12, 13)
        ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{ending}"

    @property
    def span(self) -> str:
        """First to last day."""
        first, last = self._day("opens"), self._day("closes")
        if first.month == last.month:
            return f"{first.day} – {last.day} {last:%B %Y}"
        return f"{first.day} {first:%B} – {last.day} {last:%B %Y}"

    def rows(self) -> list[Row]:
        """Return all dates in order, each with the days that are left."""
        rows = self._store.rows("SELECT * FROM moment ORDER BY day, rowid")
        for row in rows:
            row["left"] = (date.fromisoformat(row["day"]) - self._today).days
        return rows

    def early(self) -> bool:
        """Return whether the early price still holds."""
        return self._today <= self._day("early")

    def fill(self, text: str) -> str:
        """Write the dates and the year into TEXT, which names them in braces."""
        days = {row["key"]: _written(date.fromisoformat(row["day"])) for row in self.rows()}
        return text.format(year=self.year, last_year=self.year - 1, **days)

    def days(self, program: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the days of PROGRAM with their dates."""
        first = self._day("opens")
        return [
            {**day, "date": (first + timedelta(days=index)).isoformat()}
            for index, day in enumerate(program)
        ]

    def _day(self, key: str) -> date:
        return date.fromisoformat(self._store.value("SELECT day FROM moment WHERE key = ?", key))


def _written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
