"""Coins, prices, customers and tables of Coinquay."""

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

__all__ = ["COINS", "OVERLAY_KEYS", "PARTS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "balances", "contacts", "signed_in"})

PARTS = 1_000_000
"""The smallest parts of a coin, in which amounts are kept."""

COINS: Mapping[str, tuple[str, int, str]] = {
    "TRN": (
        "Tarn",
        4_210_000,
        "The oldest of the coins, and the dearest. Blocks every ten minutes.",
    ),
    "BSL": (
        "Basalt",
        231_500,
        "A coin that runs small programs. Popular with people who write them.",
    ),
    "WCK": ("Wick", 8_420, "Quick and cheap to send; a payment is final in three seconds."),
    "LOM": ("Loam", 1_210, "Backed by forests, says its foundation. Counted once a year."),
    "PGL": ("Pigeon", 37, "Began as a joke about pigeons, and is still one."),
}
"""Symbol → name, price in cents at the start, what it is."""

_DAYS = 90
_SCHEMA = """
CREATE TABLE price (coin TEXT, day TEXT, cents INTEGER, PRIMARY KEY (coin, day));
CREATE TABLE balance (user TEXT, coin TEXT, parts INTEGER, PRIMARY KEY (user, coin));
CREATE TABLE address (user TEXT, coin TEXT, address TEXT, PRIMARY KEY (user, coin));
CREATE TABLE contact (user TEXT, name TEXT, coin TEXT, address TEXT);
CREATE TABLE trade (
  id INTEGER PRIMARY KEY, user TEXT, side TEXT, coin TEXT, parts INTEGER, cents INTEGER,
  made TEXT, seeded INTEGER);
CREATE TABLE transfer (
  id INTEGER PRIMARY KEY, user TEXT, coin TEXT, parts INTEGER, address TEXT, note TEXT,
  made TEXT);
CREATE TABLE enquiry (id INTEGER PRIMARY KEY, email TEXT, body TEXT);
"""


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables, the prices of three months and the customers' wallets."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add("arlo.brandt", "Mast-Copper-28", name="Arlo Brandt", email="arlo@brandt.example")
    accounts.add_all(overlay.get("accounts", ()))
    for coin, (_, cents, _) in COINS.items():
        _walk(context, store, coin, cents)
    for row in store.rows("SELECT user FROM account ORDER BY rowid"):
        _open(context, store, row["user"])
    for given in overlay.get("balances", ()):
        known_keys("balances", given, {"user", "coin", "amount"})
        coin = str(given["coin"])
        if coin not in COINS and coin != "USD":
            raise ValueError(f"balances: no coin {coin!r}; known: USD, {', '.join(COINS)}.")
        parts = round(float(given["amount"]) * (100 if coin == "USD" else PARTS))
        sql = "INSERT OR REPLACE INTO balance VALUES (?, ?, ?)"
        store.write(sql, str(given["user"]), coin, parts)
    for given in overlay.get("contacts", ()):
        known_keys("contacts", given, {"user", "name", "coin", "address"})
        store.insert("contact", **{key: str(value) for key, value in given.items()})
    sign_in_from(context, accounts, overlay)


def _walk(context: SiteContext, store: Store, coin: str, cents: int) -> None:
    rows = []
    for ago in range(_DAYS, -1, -1):
        day = (context.now - timedelta(days=ago)).date().isoformat()
        rows.append((coin, day, cents))
        cents = max(2, round(cents * (1 + context.rng.uniform(-0.036, 0.039))))
    for row in rows:
        store.insert("price", coin=row[0], day=row[1], cents=row[2])


def _open(context: SiteContext, store: Store, user: str) -> None:
    rng = context.rng
    store.insert("balance", user=user, coin="USD", parts=rng.randint(20_000, 90_000))
    held = {"TRN": 0.02, "BSL": 0.8, "WCK": 14, "LOM": 60, "PGL": 900}
    for coin, much in held.items():
        parts = round(rng.uniform(0.4, 1.6) * much * PARTS) if coin != "LOM" else 0
        store.insert("balance", user=user, coin=coin, parts=parts)
        address = f"{coin.lower()}1{rng.getrandbits(128):032x}"
        store.insert("address", user=user, coin=coin, address=address)
    for ago, side, coin, much in (
        (61, "buy", "TRN", 0.01),
        (33, "buy", "WCK", 8),
        (9, "sell", "PGL", 120),
    ):
        day = (context.now - timedelta(days=ago)).date().isoformat()
        price = store.value("SELECT cents FROM price WHERE coin = ? AND day = ?", coin, day)
        store.insert(
            "trade",
            user=user,
            side=side,
            coin=coin,
            parts=round(much * PARTS),
            cents=round(much * price),
            made=(context.now - timedelta(days=ago)).isoformat(),
            seeded=1,
        )
