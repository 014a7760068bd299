"""Customers, accounts and bookings of Harborline Bank."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Store,
    known_keys,
    open_accounts,
    sign_in_from,
)

__all__ = ["OVERLAY_KEYS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "bookings", "payees", "signed_in"})

_SCHEMA = """
CREATE TABLE pot (number TEXT PRIMARY KEY, user TEXT, name TEXT, cents INTEGER);
CREATE TABLE booking (id INTEGER PRIMARY KEY, pot TEXT, day TEXT, what TEXT, cents INTEGER);
CREATE TABLE payee (user TEXT, name TEXT, number TEXT);
CREATE TABLE transfer (
  id INTEGER PRIMARY KEY, user TEXT, source TEXT, name TEXT, number TEXT, cents INTEGER, note TEXT);
CREATE TABLE statement (id INTEGER PRIMARY KEY, user TEXT, pot TEXT, month TEXT);
CREATE TABLE profile (user TEXT PRIMARY KEY, address TEXT, phone TEXT, tax TEXT);
CREATE TABLE enquiry (id INTEGER PRIMARY KEY, name TEXT, phone TEXT, body TEXT);
"""
_SHOPS = (
    ("Corner Bakery Mill Road", 380, 1450),
    ("Marketlane groceries", 2100, 9800),
    ("City trams", 290, 290),
    ("Blue Heron Café", 520, 2300),
    ("Pharmacy at the Quay", 640, 3900),
    ("Larkfield Library café", 310, 980),
    ("Hardware Oskarsen", 1100, 7400),
    ("Ferry Larkfield – Gull Island", 640, 640),
    ("Cash machine Harbour Square", 4000, 12000),
)
_MONTHLY = (
    (12, "Salary Larkfield University", 312_450, 312_450),
    (9, "Rent Quayside Rentals", -118_000, -118_000),
    (17, "Power & Water Works", -11_800, -6_200),
    (4, "Reelhouse monthly", -999, -999),
)
"""What comes and goes once a month: the day of thirty, and from how much to how much."""
_PAYEES = (
    ("Nora Ellery", "HL40 2210 7735"),
    ("Quayside Rentals", "HL62 9010 1184"),
    ("Theo Marchetti", "HL17 5502 9946"),
)


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables; every customer has a current and a savings account."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add("m.castellan", "Harbor-Finch-90", name="Maren Castellan")
    accounts.add_all(overlay.get("accounts", ()))
    for row in store.rows("SELECT user FROM account ORDER BY rowid"):
        _open(context, store, row["user"])
    for payee in overlay.get("payees", ()):
        known_keys("payees", payee, {"user", "name", "number"})
        store.insert("payee", **payee)
    for booking in overlay.get("bookings", ()):
        known_keys("bookings", booking, {"user", "what", "cents", "days"})
        sql = "SELECT number FROM pot WHERE user = ? ORDER BY rowid"
        pot = store.value(sql, booking["user"])
        if pot is None:
            raise ValueError(f"bookings: no customer {booking['user']!r}.")
        days = int(booking.get("days", 1))
        _book(context, store, pot, days, booking["what"], booking["cents"])
    sign_in_from(context, accounts, overlay)


def _open(context: SiteContext, store: Store, user: str) -> None:
    rng = context.rng
    digits = [
        f"{rng.randint(10, 99)} {rng.randint(1000, 9999)} {rng.randint(1000, 9999)}" for _ in "ab"
    ]
    for name, number in zip(("Current account", "Savings account"), digits, strict=True):
        store.insert("pot", number=f"HL{number}", user=user, name=name, cents=0)
        _book(
            context,
            store,
            f"HL{number}",
            74,
            "Balance carried forward",
            rng.randint(2000, 9000) * 100,
        )
    current = f"HL{digits[0]}"
    for day in range(72, 0, -1):
        for on, what, low, high in _MONTHLY:
            if day % 30 == on:
                _book(context, store, current, day, what, rng.randint(low, high))
        if rng.random() < 0.6:
            what, low, high = rng.choice(_SHOPS)
            _book(context, store, current, day, what, -rng.randint(low, high))
    for name, number in _PAYEES:
        store.insert("payee", user=user, name=name, number=number)
    profile = (user, f"{rng.randint(2, 88)} Ropewalk, Larkfield", f"555-01{rng.randint(10, 99)}")
    store.write(
        "INSERT INTO profile VALUES (?, ?, ?, ?)", *profile, f"TX-{rng.randint(10**6, 10**7)}"
    )


def _book(context: SiteContext, store: Store, pot: str, days: int, what: str, cents: int) -> None:
    day = (context.now - timedelta(days=days)).date().isoformat()
    store.insert("booking", pot=pot, day=day, what=what, cents=cents)
    store.write("UPDATE pot SET cents = cents + ? WHERE number = ?", cents, pot)
