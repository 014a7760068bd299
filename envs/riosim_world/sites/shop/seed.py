"""Goods, customers and tables of Marketlane."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Store,
    known_keys,
    open_accounts,
    seed_data,
    sign_in_from,
)

__all__ = ["AISLES", "OVERLAY_KEYS", "SHAPES", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "carts", "orders", "products", "signed_in"})

_DATA = seed_data(Path(__file__).with_name("goods.yaml"))
AISLES: Mapping[str, str] = _DATA["aisles"]
SHAPES: Mapping[str, str] = _DATA["shapes"]

_SCHEMA = """
CREATE TABLE product (
  slug TEXT PRIMARY KEY, title TEXT, aisle TEXT, about TEXT, cents INTEGER, was INTEGER,
  shape TEXT, hue INTEGER, stock INTEGER, rank INTEGER);
CREATE TABLE review (
  id INTEGER PRIMARY KEY, slug TEXT, author TEXT, stars INTEGER, body TEXT, made TEXT,
  seeded INTEGER);
CREATE TABLE line (who TEXT, slug TEXT, count INTEGER, PRIMARY KEY (who, slug));
CREATE TABLE wish (user TEXT, slug TEXT, PRIMARY KEY (user, slug));
CREATE TABLE purchase (
  id INTEGER PRIMARY KEY, number TEXT, user TEXT, name TEXT, email TEXT, address TEXT,
  cents INTEGER, card_end TEXT, card_digest TEXT, made TEXT, seeded INTEGER);
CREATE TABLE item (purchase TEXT, slug TEXT, title TEXT, count INTEGER, cents INTEGER);
CREATE TABLE returned (id INTEGER PRIMARY KEY, number TEXT, user TEXT, reason TEXT);
CREATE TABLE enquiry (id INTEGER PRIMARY KEY, name TEXT, email TEXT, body TEXT);
CREATE TABLE search (id INTEGER PRIMARY KEY, q TEXT, found INTEGER);
"""
_KEYS = frozenset("slug title aisle about price was shape hue stock reviews".split())
_REMARKS: tuple[tuple[int, str], ...] = tuple(
    (row["stars"], row["body"]) for row in _DATA["remarks"]
)
_NAMES = ("Hedda M.", "Callum S.", "Ivo", "Mrs Aaltonen", "tidy_tess", "Pieter G.", "Noor H.")


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables and fill the shelves."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add("tess.arden", "Teapot-Lane-46", name="Tess Arden", email="tess@arden.example")
    accounts.add_all(overlay.get("accounts", ()))
    for rank, product in enumerate((*_DATA["products"], *overlay.get("products", ()))):
        _shelve(context, store, product, rank)
    for line in overlay.get("carts", ()):
        known_keys("carts", line, {"user", "slug", "count"})
        _price(store, str(line["slug"]), "carts")
        count = int(line.get("count", 1))
        store.insert("line", who=str(line["user"]), slug=str(line["slug"]), count=count)
    for given in (*_DATA["orders"], *overlay.get("orders", ())):
        _sell(context, store, given)
    sign_in_from(context, accounts, overlay)


def _shelve(context: SiteContext, store: Store, given: Mapping[str, Any], rank: int) -> None:
    known_keys("products", given, _KEYS)
    rng, title = context.rng, str(given["title"])
    slug = str(given.get("slug") or re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-"))
    aisle, shape = str(given.get("aisle", "house")), str(given.get("shape", "box"))
    if aisle not in AISLES:
        raise ValueError(f"products: no aisle {aisle!r}; known: {', '.join(AISLES)}.")
    if shape not in SHAPES:
        raise ValueError(f"products: no shape {shape!r}; known: {', '.join(SHAPES)}.")
    store.write("DELETE FROM product WHERE slug = ?", slug)
    store.insert(
        "product",
        slug=slug,
        title=title,
        aisle=aisle,
        about=str(given.get("about", "")),
        cents=round(float(given["price"]) * 100),
        was=round(float(given.get("was", 0)) * 100),
        shape=shape,
        hue=int(given.get("hue", 200)),
        stock=int(given.get("stock", rng.randint(3, 60))),
        rank=rank,
    )
    remarks = given.get("reviews")
    if remarks is None:
        chosen = rng.sample(_DATA["remarks"], rng.randint(1, 4))
        remarks = [remark | {"author": rng.choice(_NAMES)} for remark in chosen]
    for remark in remarks:
        known_keys("reviews", remark, {"author", "stars", "body"})
        made = context.now - timedelta(days=rng.randint(1, 300))
        store.insert("review", slug=slug, made=made.isoformat(), seeded=1, **remark)


def _sell(context: SiteContext, store: Store, given: Mapping[str, Any]) -> None:
    known_keys("orders", given, {"user", "name", "email", "address", "items", "days"})
    number = f"ML-{context.rng.randint(100_000, 999_999)}"
    cents = 0
    for slug, count in given["items"].items():
        row = _price(store, str(slug), "orders")
        cents += row["cents"] * int(count)
        values = {"title": row["title"], "count": int(count), "cents": row["cents"]}
        store.insert("item", purchase=number, slug=str(slug), **values)
    store.insert(
        "purchase",
        number=number,
        user=str(given["user"]),
        name=str(given.get("name", given["user"])),
        email=str(given.get("email", "")),
        address=str(given.get("address", "")),
        cents=cents,
        card_end=f"{context.rng.randint(0, 9999):04d}",
        card_digest="",
        made=(context.now - timedelta(days=int(given.get("days", 10)))).isoformat(),
        seeded=1,
    )


def _price(store: Store, slug: str, where: str) -> dict[str, Any]:
    row = store.row("SELECT * FROM product WHERE slug = ?", slug)
    if row is None:
        raise ValueError(f"{where}: no product {slug!r}.")
    return row
