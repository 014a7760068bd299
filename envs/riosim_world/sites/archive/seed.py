"""Papers, people and tables of Paperhaven."""

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

__all__ = ["OVERLAY_KEYS", "SUBJECTS", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "papers", "signed_in"})

_DATA = seed_data(Path(__file__).with_name("papers.yaml"))
SUBJECTS: Mapping[str, Mapping[str, Any]] = _DATA["subjects"]

_SCHEMA = """
CREATE TABLE paper (
  number TEXT PRIMARY KEY, subject TEXT, part TEXT, title TEXT, authors TEXT, abstract TEXT,
  submitted TEXT, pages INTEGER);
CREATE TABLE search (id INTEGER PRIMARY KEY, kind TEXT, asked TEXT);
CREATE TABLE download (id INTEGER PRIMARY KEY, paper TEXT, title TEXT, user TEXT);
CREATE TABLE subscription (id INTEGER PRIMARY KEY, email TEXT, subjects TEXT);
CREATE TABLE verification (
  id INTEGER PRIMARY KEY, paper TEXT, institution TEXT, user TEXT, password_digest TEXT);
CREATE TABLE enquiry (id INTEGER PRIMARY KEY, name TEXT, email TEXT, body TEXT);
"""
_PAPER_KEYS = {"subject", "part", "title", "authors", "abstract", "age", "number"}


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables, the papers and the accounts."""
    store, accounts = open_accounts(context, _SCHEMA)
    accounts.add("dana.whitfield", "Larch-Window-41", name="Dana Whitfield")
    accounts.add_all(overlay.get("accounts", ()))
    for index, paper in enumerate([*_DATA["papers"], *overlay.get("papers", ())]):
        known_keys("papers", paper, _PAPER_KEYS)
        _add(context, store, paper, index)
    sign_in_from(context, accounts, overlay)


def _add(context: SiteContext, store: Store, paper: Mapping[str, Any], index: int) -> None:
    subject = str(paper.get("subject", "comp"))
    if subject not in SUBJECTS:
        raise ValueError(f"papers: no subject {subject!r}; known: {', '.join(SUBJECTS)}.")
    submitted = context.now - timedelta(days=int(paper.get("age", 3)), hours=index % 11)
    store.insert(
        "paper",
        number=str(paper.get("number", f"{submitted:%y%m}.{1000 + index * 137 % 9000:05d}")),
        subject=subject,
        part=str(paper.get("part", SUBJECTS[subject]["parts"][0])),
        title=str(paper["title"]),
        authors=", ".join(paper["authors"]),
        abstract=str(paper["abstract"]),
        submitted=submitted.isoformat(),
        pages=context.rng.randint(6, 31),
    )
