"""Towns, their days and the warnings of Fairglass."""

import calendar
import math
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Row, Store, known_keys, seed_data

__all__ = ["OVERLAY_KEYS", "SKIES", "seed"]

OVERLAY_KEYS = frozenset({"days", "home", "settings", "warnings"})
SKIES = {
    "sunny": "Sunny",
    "fair": "Sun and clouds",
    "cloudy": "Cloudy",
    "showers": "Showers",
    "rain": "Rain",
    "storm": "Thunderstorms",
    "snow": "Snow",
    "fog": "Fog, then brighter",
}

_SCHEMA = """
CREATE TABLE town (slug TEXT PRIMARY KEY, name TEXT, region TEXT, mean REAL, swing REAL);
CREATE TABLE day (
  town TEXT, day TEXT, high INTEGER, low INTEGER, sky TEXT, chance INTEGER, rain INTEGER,
  wind INTEGER, humidity INTEGER, PRIMARY KEY (town, day));
CREATE TABLE warning (
  id INTEGER PRIMARY KEY, town TEXT, level TEXT, title TEXT, body TEXT, until TEXT);
CREATE TABLE search (id INTEGER PRIMARY KEY, q TEXT, found INTEGER);
CREATE TABLE alert (id INTEGER PRIMARY KEY, email TEXT, town TEXT, kinds TEXT);
CREATE TABLE saved (town TEXT PRIMARY KEY);
"""
_DAYS = {"town", "days", "high", "low", "sky", "chance", "rain", "wind"}
_WARNING = {"town", "level", "title", "body", "hours"}
_WARNINGS = (
    ("larkfield", "yellow", "Strong wind along the coast",
     "Gusts up to 70 km/h between noon and midnight. Secure what can be blown away; the ferry "
     "to Gull Island may run late.", 16),
    ("gull-island", "yellow", "Strong wind along the coast",
     "Gusts up to 80 km/h between noon and midnight. Small boats should stay in the harbour.", 16),
    ("reykjavik", "orange", "Heavy snow",
     "Up to 25 cm by tomorrow evening. Mountain roads may be closed at short notice.", 30),
)  # fmt: skip


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Draw the weather of this month and the next two, and keep what the overlay says of it."""
    store = Store(context.db)
    store.create(_SCHEMA)
    towns = seed_data(Path(__file__).with_name("towns.yaml"))
    rows = []
    for town in towns:
        values = (town["slug"], town["name"], town["region"], town["mean"], town["swing"])
        store.write("INSERT INTO town VALUES (?, ?, ?, ?, ?)", *values)
        rows += _weather(context, town)
    with context.db:
        context.db.executemany("INSERT INTO day VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    for town, level, title, body, hours in _WARNINGS:
        _warn(context, store, {"town": town, "level": level, "title": title, "body": body,
                               "hours": hours})  # fmt: skip
    sql = "UPDATE day SET wind = 52 WHERE town IN ('larkfield', 'gull-island') AND day = ?"
    store.write(sql, context.now.date().isoformat())
    for warning in overlay.get("warnings", ()):
        known_keys("warnings", warning, _WARNING)
        _warn(context, store, warning)
    for given in overlay.get("days", ()):
        known_keys("days", given, _DAYS)
        _set_day(context, store, given)
    known_keys("settings", overlay.get("settings", {}), {"unit", "clock"})
    store.set("settings", {"unit": "C", "clock": "24"} | overlay.get("settings", {}))
    home = str(overlay.get("home", "larkfield"))
    if store.row("SELECT 1 FROM town WHERE slug = ?", home) is None:
        raise ValueError(f"home: there is no town {home!r}.")
    store.set("home", home)


def _weather(context: SiteContext, town: Row) -> list[tuple[Any, ...]]:
    rng = context.rng
    first = context.now.date().replace(day=1)
    mood, rows = 0.0, []
    for day in (first + timedelta(days=n) for n in range(_n_days(first))):
        mood = 0.75 * mood + rng.gauss(0, 2)
        season = math.cos(2 * math.pi * (day.timetuple().tm_yday - 200) / 365)
        mean = town["mean"] + town["swing"] * season * (-1 if town.get("south") else 1) + mood
        wet = rng.random() < town["wet"]
        half = rng.uniform(2.2, 4) if wet else rng.uniform(3.5, 7)
        high, low = round(mean + half), round(mean - half)
        chance = rng.randint(55, 95) if wet else rng.randint(0, 30)
        millimetres = rng.randint(1, 18) if wet else 0
        sky = _sky(rng.random(), high, millimetres, wet=wet)
        wind, humidity = rng.randint(4, 38), rng.randint(60, 95) if wet else rng.randint(35, 70)
        day_row = (high, low, sky, chance, millimetres, wind, humidity)
        rows.append((town["slug"], day.isoformat(), *day_row))
    return rows


def _n_days(first: date) -> int:
    days, month = 0, first
    for _ in range(3):
        n_days = calendar.monthrange(month.year, month.month)[1]
        days, month = days + n_days, month + timedelta(days=n_days)
    return days


def _sky(chance: float, high: int, millimetres: int, *, wet: bool) -> str:
    if not wet:
        return "sunny" if chance < 0.4 else "fair" if chance < 0.75 else "cloudy"
    if high <= 2:
        return "snow"
    if millimetres <= 2:
        return "fog" if chance < 0.15 else "showers"
    if high >= 22 and chance < 0.35:
        return "storm"
    return "rain" if millimetres > 7 else "showers"


def _warn(context: SiteContext, store: Store, given: Mapping[str, Any]) -> None:
    until = context.now + timedelta(hours=int(given.get("hours", 12)))
    values = {key: str(given[key]) for key in ("town", "level", "title", "body")}
    store.insert("warning", **values, until=until.isoformat())


def _set_day(context: SiteContext, store: Store, given: Mapping[str, Any]) -> None:
    day = (context.now.date() + timedelta(days=int(given.get("days", 0)))).isoformat()
    if given.get("sky", "sunny") not in SKIES:
        raise ValueError(f"days: no sky {given['sky']!r}. Known: {', '.join(SKIES)}.")
    for key in given.keys() - {"town", "days"}:
        sql = f"UPDATE day SET {key} = ? WHERE town = ? AND day = ?"  # noqa: S608 - key is known
        if store.write(sql, given[key], str(given.get("town", "")), day) == 0:
            raise ValueError(f"days: no weather of {given.get('town')!r} on {day}.")
