"""Pages and state of Fairglass."""

import calendar
import math
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Pages,
    Row,
    Store,
    found,
    read_form,
)
from riosim_world.sites.weather.seed import SKIES

__all__ = ["build", "state"]

_ADDRESS = re.compile(r"[^\s@<>\",;]{1,60}@[^\s@<>\",;]{3,80}")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_KINDS = ("Storm", "Heavy rain", "Snow and ice", "Heat", "Flood")


class _Weather:
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        self.context = context
        self.store = Store(context.db)
        self.today = context.now.date()
        shared = {
            "skies": SKIES,
            "settings": lambda: self.store.setting("settings"),
            "degrees": self._degrees,
            "speed": self._speed,
            "hour_name": self._hour_name,
            "weekday": lambda day: f"{date.fromisoformat(day):%a}",
            "whole_day": lambda day: f"{date.fromisoformat(day):%A, %-d %B}",
        }
        self.pages = Pages(Path(__file__).parent, context, brand="Fairglass", shared=shared)

    async def front(self, request: Request) -> Response:
        """The town at home, saved towns, others."""
        town = self._find(self.store.setting("home"))
        assert town is not None  # noqa: S101 - the seed has seen to it
        saved = [row["town"] for row in self.store.rows("SELECT town FROM saved ORDER BY rowid")]
        others = self.store.rows("SELECT * FROM town WHERE slug <> ? ORDER BY name", town["slug"])
        known = {row["slug"]: row | {"now": self._day(row["slug"], 0)} for row in others}
        mine = [known[slug] for slug in saved if slug in known]
        rest = [row for slug, row in known.items() if slug not in saved]
        return self.pages.html(request, "front.html", **self._views(town), saved=mine, others=rest)

    async def town(self, request: Request) -> Response:
        """Today and the ten days after."""
        return self.pages.html(request, "town.html", **self._views(self._town(request)))

    async def tomorrow(self, request: Request) -> Response:
        """Tomorrow, hour by hour."""
        return self._one_day(request, 1)

    async def day(self, request: Request) -> Response:
        """One day, hour by hour."""
        try:
            wanted = date.fromisoformat(request.path_params["day"])
        except ValueError:
            raise HTTPException(404) from None
        return self._one_day(request, (wanted - self.today).days)

    async def month(self, request: Request) -> Response:
        """A month as a calendar."""
        town = self._town(request)
        sql = "SELECT DISTINCT substr(day, 1, 7) AS m FROM day WHERE town = ? ORDER BY m"
        months = [row["m"] for row in self.store.rows(sql, town["slug"])]
        asked = request.query_params.get("m", "")
        month = asked if asked in months and _MONTH.fullmatch(asked) else months[0]
        sql = "SELECT * FROM day WHERE town = ? AND day LIKE ? || '-%'"
        days = {row["day"]: row for row in self.store.rows(sql, town["slug"], month)}
        year, number = map(int, month.split("-"))
        weeks = [
            [days.get(day.isoformat()) if day.month == number else None for day in week]
            for week in calendar.Calendar().monthdatescalendar(year, number)
        ]
        highs, lows = [row["high"] for row in days.values()], [row["low"] for row in days.values()]
        values: dict[str, Any] = {
            "weeks": weeks,
            "months": [(m, f"{date.fromisoformat(m + '-01'):%B %Y}") for m in months],
            "month": month,
            "mean_high": round(sum(highs) / len(highs)),
            "mean_low": round(sum(lows) / len(lows)),
            "wet": sum(row["rain"] > 0 for row in days.values()),
            "today": self.today.isoformat(),
        }
        return self.pages.html(request, "month.html", town=town, **values)

    async def search(self, request: Request) -> Response:
        """A town by its name."""
        asked = request.query_params.get("q", "").strip()[:100]
        words = asked.lower().replace(",", " ").split()
        towns = self.store.rows("SELECT * FROM town ORDER BY name")
        found = [
            row
            for row in towns
            if words and all(word in f"{row['name']} {row['region']}".lower() for word in words)
        ]
        if asked:
            self.store.insert("search", q=asked, found=len(found))
            self.context.record("searched", {"q": asked, "found": len(found)})
        if len(found) == 1:
            return RedirectResponse(f"/town/{found[0]['slug']}", 303)
        values: dict[str, Any] = {"asked": asked, "found": [row | {"now": self._day(row["slug"], 0)}
                                            for row in found]}  # fmt: skip
        return self.pages.html(request, "search.html", **values, towns=towns)

    async def warnings(self, request: Request) -> Response:
        """All warnings."""
        rows = self.store.rows(
            "SELECT warning.*, name, region FROM warning JOIN town ON slug = town "
            "ORDER BY level = 'red' DESC, level = 'orange' DESC, id"
        )
        return self.pages.html(request, "warnings.html", warnings=rows)

    async def save(self, request: Request) -> Response:
        """Keep a town on the front page, or not."""
        town = self._town(request)
        held = self.store.write("DELETE FROM saved WHERE town = ?", town["slug"])
        if not held:
            self.store.write("INSERT INTO saved VALUES (?)", town["slug"])
        self.context.record("unsaved" if held else "saved", {"town": town["slug"]})
        said = "no longer" if held else "now"
        notice = f"{town['name']} is {said} on your front page."
        return self.pages.go(f"/town/{town['slug']}", notice=notice)

    async def alerts(self, request: Request) -> Response:
        """Warnings by mail."""
        form = await read_form(request)
        errors = []
        towns = self.store.rows("SELECT * FROM town ORDER BY name")
        if request.method == "POST":
            email, town = form.text("email", limit=200), form.text("town")
            kinds = [kind for kind in _KINDS if kind in form.many("kinds")]
            good = _ADDRESS.fullmatch(email)
            errors += [] if good else ["Enter your mail address."]
            errors += [] if self._find(town) else ["Choose a town."]
            errors += [] if kinds else ["Choose what we should warn you of."]
            if not errors:
                row = {"email": email, "town": town, "kinds": ", ".join(kinds)}
                self.store.insert("alert", **row)
                self.context.record("alert_ordered", row)
                notice = "Thank you. We write to you when there is a warning."
                return self.pages.go("/alerts", notice=notice)
        values: dict[str, Any] = {"errors": errors, "form": form, "towns": towns, "kinds": _KINDS}
        return self.pages.html(request, "alerts.html", **values)

    async def settings(self, request: Request) -> Response:
        """Units, clock, the town at home."""
        form = await read_form(request)
        if request.method == "POST":
            chosen = {
                "unit": "F" if form.text("unit") == "F" else "C",
                "clock": "12" if form.text("clock") == "12" else "24",
            }
            self.store.set("settings", chosen)
            home = form.text("home")
            if self._find(home):
                self.store.set("home", home)
            self.context.record("settings_saved", {**chosen, "home": self.store.setting("home")})
            return self.pages.go("/settings", notice="Your settings are saved.")
        towns = self.store.rows("SELECT * FROM town ORDER BY name")
        home = self.store.setting("home")
        return self.pages.html(request, "settings.html", towns=towns, home=home)

    def _one_day(self, request: Request, days: int) -> Response:
        town = self._town(request)
        if not 0 <= days <= 10:
            raise HTTPException(404)
        day = self._day(town["slug"], days)
        hours = self._hours(day)
        values: dict[str, Any] = {
            "town": town,
            "day": day,
            "hours": hours,
            "chart": _chart(hours),
            "days": days,
        }
        return self.pages.html(request, "day.html", **values)

    def _views(self, town: Row) -> dict[str, Any]:
        """Return what a page on TOWN shows."""
        day = self._day(town["slug"], 0)
        hours = self._hours(day)
        sql = "SELECT * FROM warning WHERE town = ? ORDER BY id DESC"
        return {
            "town": town,
            "day": day,
            "hours": hours[:: 2],
            "chart": _chart(hours),
            "now_t": hours[self.context.now.hour]["t"],
            "week": [self._day(town["slug"], n) for n in range(11)],
            "warned": self.store.rows(sql, town["slug"]),
            "is_saved": self.store.row("SELECT 1 FROM saved WHERE town = ?", town["slug"]),
        }  # fmt: skip

    def _hours(self, day: Row) -> list[Row]:
        half = (day["high"] - day["low"]) / 2
        middle = (day["high"] + day["low"]) / 2
        wet = {"rain", "showers", "storm", "snow"}
        rows = []
        for hour in range(24):
            t = round(middle + half * math.cos(2 * math.pi * (hour - 15) / 24))
            is_dry = day["sky"] in wet and (hour * 7 + day["wind"]) % 5 == 0
            sky = "cloudy" if is_dry else "fog" if day["sky"] == "fog" and hour < 11 else day["sky"]
            sky = "fair" if sky == "fog" and hour >= 11 else sky
            chance = max(0, min(100, day["chance"] + (hour * 11 + day["low"]) % 21 - 10))
            rows.append({"hour": hour, "t": t, "sky": sky, "chance": chance})
        return rows

    def _day(self, slug: str, days: int) -> Row:
        day = (self.today + timedelta(days=days)).isoformat()
        return found(self.store.row("SELECT * FROM day WHERE town = ? AND day = ?", slug, day))

    def _find(self, slug: str) -> Row | None:
        return self.store.row("SELECT * FROM town WHERE slug = ?", slug)

    def _town(self, request: Request) -> Row:
        return found(self._find(request.path_params["slug"]))

    def _degrees(self, celsius: int) -> str:
        is_f = self.store.setting("settings")["unit"] == "F"
        value = round(celsius * 9 / 5 + 32) if is_f else celsius
        return f"{value}°".replace("-", "−")

    def _speed(self, kmh: int) -> str:
        is_f = self.store.setting("settings")["unit"] == "F"
        return f"{round(kmh / 1.609)} mph" if is_f else f"{kmh} km/h"

    def _hour_name(self, hour: int) -> str:
        if self.store.setting("settings")["clock"] == "24":
            return f"{hour:02d}:00"
        return f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}"


def _chart(hours: list[Row]) -> str:
    """Return the points of the day's line, in a box of 720 by 120."""
    low, high = min(row["t"] for row in hours), max(row["t"] for row in hours)
    step = 84 / max(1, high - low)
    places = [
        (round(12 + row["hour"] * 696 / 23), round(102 - (row["t"] - low) * step)) for row in hours
    ]
    return " ".join(f"{x},{y}" for x, y in places)


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    weather = _Weather(context)
    both = ["GET", "POST"]
    return weather.pages.application(
        [
            Route("/", weather.front),
            Route("/search", weather.search),
            Route("/warnings", weather.warnings),
            Route("/alerts", weather.alerts, methods=both),
            Route("/settings", weather.settings, methods=both),
            Route("/about", weather.pages.plain("about.html")),
            Route("/town/{slug}", weather.town),
            Route("/town/{slug}/tomorrow", weather.tomorrow),
            Route("/town/{slug}/month", weather.month),
            Route("/town/{slug}/save", weather.save, methods=["POST"]),
            Route("/town/{slug}/{day}", weather.day),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return searches, saved towns, settings and who wants warnings."""
    store = Store(context.db)
    return {
        "searches": store.rows("SELECT q, found FROM search ORDER BY id"),
        "alerts": store.rows("SELECT email, town, kinds FROM alert ORDER BY id"),
        "saved": [row["town"] for row in store.rows("SELECT town FROM saved ORDER BY rowid")],
        "settings": store.setting("settings") | {"home": store.setting("home")},
    }
