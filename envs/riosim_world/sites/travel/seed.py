"""Flights, rooms and travellers of Farewell Travel."""

import math
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Accounts,
    Row,
    Store,
    known_keys,
    open_accounts,
    seed_data,
    sign_in_from,
)

__all__ = ["OVERLAY_KEYS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "bookings", "flights", "miles", "signed_in"})

_SCHEMA = """
CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT, country TEXT, x INTEGER, y INTEGER);
CREATE TABLE flight (
  id INTEGER PRIMARY KEY, origin TEXT, target TEXT, airline TEXT, number TEXT, leaves INTEGER,
  minutes INTEGER, stops INTEGER, via TEXT, cents INTEGER, miles INTEGER);
CREATE INDEX flight_way ON flight (origin, target);
CREATE TABLE hotel (
  id INTEGER PRIMARY KEY, town TEXT, name TEXT, about TEXT, stars INTEGER, rating INTEGER,
  cents INTEGER);
CREATE TABLE booking (
  id INTEGER PRIMARY KEY, reference TEXT, kind TEXT, user TEXT, email TEXT, names TEXT,
  document TEXT, what TEXT, day TEXT, nights INTEGER, cents INTEGER, miles INTEGER, card TEXT,
  cancelled INTEGER, seeded INTEGER);
CREATE TABLE traveller (user TEXT PRIMARY KEY, miles INTEGER);
CREATE TABLE search (
  id INTEGER PRIMARY KEY, kind TEXT, origin TEXT, target TEXT, day TEXT, miles INTEGER);
"""
_AIRLINES = (("Auk Air", "AK"), ("Meridian Wings", "MW"), ("Northlight", "NL"), ("Petrel", "PT"))
_FLIGHT = {"origin", "target", "airline", "number", "leaves", "minutes", "stops", "via", "cents",
           "miles"}  # fmt: skip
_FIRST_TRIP = {
    "user": "noor.halim",
    "names": "Noor Halim",
    "days": 24,
    "cents": 18_400,
    "what": "Petrel PT 318, Larkfield – Lisbon, 9:40",
    "document": "LK 5550117",
}
_BOOKING = {"user", "names", "what", "days", "cents", "document", "kind"}


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables; a handful of flights each way between any two towns."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add(
        "noor.halim", "Saffron-Tide-82", name="Noor Halim", email="noor.halim@postbay.test"
    )
    accounts.add_all(overlay.get("accounts", ()))
    towns = seed_data(Path(__file__).with_name("towns.yaml"))
    _fill(context, store, towns)
    for given in overlay.get("flights", ()):
        known_keys("flights", given, _FLIGHT)
        first = {"airline": "Auk Air", "number": "AK 900", "leaves": 600, "minutes": 120,
                 "stops": 0, "via": "", "cents": 19900, "miles": 12000}  # fmt: skip
        store.insert("flight", **(first | dict(given)))
    miles = overlay.get("miles", {})
    for row in store.rows("SELECT user FROM account ORDER BY rowid"):
        held = int(miles.get(row["user"], 60_000))
        store.write("INSERT INTO traveller VALUES (?, ?)", row["user"], held)
    for given in (_FIRST_TRIP, *overlay.get("bookings", ())):
        known_keys("bookings", given, _BOOKING)
        _book(context, store, accounts, given)
    sign_in_from(context, accounts, overlay, member="noor.halim")


def _fill(context: SiteContext, store: Store, towns: list[Row]) -> None:
    rng, flights = context.rng, []
    for town in towns:
        values = (town["code"], town["name"], town["country"], town["x"], town["y"])
        store.write("INSERT INTO town VALUES (?, ?, ?, ?, ?)", *values)
        for name, about in town["hotels"]:
            rating, cents = rng.randint(72, 97), rng.randint(62, 260) * 100
            store.insert("hotel", town=town["code"], name=name, about=about,
                         stars=rng.randint(2, 5), rating=rating, cents=cents)  # fmt: skip
        for other in towns:
            if other is not town:
                flights += [_flight(context, town, other, towns) for _ in range(rng.randint(3, 6))]
    columns = "origin, target, airline, number, leaves, minutes, stops, via, cents, miles"
    marks = ", ".join("?" for _ in columns.split(","))
    with context.db:
        context.db.executemany(f"INSERT INTO flight ({columns}) VALUES ({marks})", flights)  # noqa: S608 - ours


def _flight(context: SiteContext, town: Row, other: Row, towns: list[Row]) -> tuple[Any, ...]:
    rng = context.rng
    far = math.dist((town["x"], town["y"]), (other["x"], other["y"]))
    stops = 0 if far < 60 or rng.random() < (0.65 if far < 200 else 0.3) else 1
    middles = [row for row in towns if row is not town and row is not other]
    via = rng.choice(middles)["name"] if stops else ""
    minutes = round((50 + far * 1.9 + stops * rng.randint(80, 240)) / 5) * 5
    cents = round((3900 + far * 95 * rng.uniform(0.7, 1.6)) * (0.85 if stops else 1) / 100) * 100
    airline, letters = rng.choice(_AIRLINES)
    leaves = rng.randrange(5 * 60 + 30, 22 * 60, 5)
    number = f"{letters} {rng.randint(100, 989)}"
    miles = max(6, round(cents * 0.6 / 1000)) * 1000
    return (town["code"], other["code"], airline, number, leaves, minutes, stops, via, cents, miles)


def _book(context: SiteContext, store: Store, accounts: Accounts, given: Mapping[str, Any]) -> None:
    account = accounts.find(str(given["user"]))
    if account is None:
        raise ValueError(f"bookings: no traveller {given['user']!r}.")
    day = (context.now + timedelta(days=int(given.get("days", 14)))).date().isoformat()
    store.insert(
        "booking",
        reference="".join(context.rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(6)),
        kind=str(given.get("kind", "flight")),
        user=account["user"],
        email=account["email"],
        names=str(given["names"]),
        document=str(given.get("document", "")),
        what=str(given["what"]),
        day=day,
        nights=0,
        cents=int(given.get("cents", 0)),
        miles=0,
        card="4417",
        cancelled=0,
        seeded=1,
    )
