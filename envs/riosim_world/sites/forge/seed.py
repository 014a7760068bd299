"""People, repositories and issues of Codeberth."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from riosim_world.repository import Commit
from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Accounts,
    Store,
    known_keys,
    open_accounts,
    seed_data,
    sign_in_from,
)

__all__ = ["OVERLAY_KEYS", "add_issue", "seed"]

OVERLAY_KEYS = frozenset({"accounts", "issues", "repositories", "signed_in"})

_DATA = seed_data(Path(__file__).with_name("repositories.yaml"))
_SCHEMA = """
CREATE TABLE repository (
  name TEXT PRIMARY KEY COLLATE NOCASE, owner TEXT, about TEXT, topics TEXT, stars INTEGER,
  private INTEGER, seeded INTEGER);
CREATE TABLE issue (
  id INTEGER PRIMARY KEY, repo TEXT, number INTEGER, kind TEXT, title TEXT, body TEXT, author TEXT,
  open INTEGER, seeded INTEGER);
CREATE TABLE reply (
  id INTEGER PRIMARY KEY, issue INTEGER, author TEXT, body TEXT, seeded INTEGER);
CREATE TABLE star (user TEXT, repo TEXT, PRIMARY KEY (user, repo));
CREATE TABLE choice (id INTEGER PRIMARY KEY, kind TEXT, data TEXT);
"""
_REPOSITORY_KEYS = {"name", "about", "topics", "stars", "private", "commits", "issues", "pulls"}
_ISSUE_KEYS = {"repo", "title", "body", "author", "replies"}


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Make the tables and the repositories."""
    store, accounts = open_accounts(context, _SCHEMA)
    for user, name in _DATA["people"].items():
        accounts.add(user, f"{user}-{context.rng.getrandbits(40):010x}", name=name)
    accounts.add(
        "alex-morgan", "Copper-Gull-72", name="Alex Morgan", email="alex.morgan@postbay.test"
    )
    accounts.add_all(overlay.get("accounts", ()))
    for repository in (*_DATA["repositories"], *overlay.get("repositories", ())):
        _add(context, store, accounts, repository)
    for issue in overlay.get("issues", ()):
        known_keys("issues", issue, _ISSUE_KEYS)
        add_issue(store, issue["repo"], "issue", issue)
    sign_in_from(context, accounts, overlay)


def add_issue(store: Store, repo: str, kind: str, issue: Mapping[str, Any]) -> int:
    """Add an issue or pull request to REPO and return its number."""
    number = 1 + int(store.value("SELECT count(*) FROM issue WHERE repo = ?", repo))
    row = {"title": issue["title"], "body": issue.get("body", ""), "author": issue["author"]}
    seeded = int(issue.get("seeded", 1))
    key = store.insert("issue", repo=repo, number=number, kind=kind, open=1, seeded=seeded, **row)
    for reply in issue.get("replies", ()):
        store.insert("reply", issue=key, author=reply["author"], body=reply["body"], seeded=1)
    return number


def _add(context: SiteContext, store: Store, accounts: Accounts, given: Mapping[str, Any]) -> None:
    known_keys("repositories", given, _REPOSITORY_KEYS)
    name = str(given["name"])
    owner, slash, _ = name.partition("/")
    if not slash:
        raise ValueError(f"repositories: {name!r} must be owner/name.")
    if accounts.find(owner) is None:
        accounts.add(owner, f"{owner}-{context.rng.getrandbits(40):010x}")
    store.insert(
        "repository",
        name=name,
        owner=owner,
        about=given.get("about", ""),
        topics=" ".join(given.get("topics", ())),
        stars=given.get("stars", 0),
        private=int(given.get("private", False)),
        seeded=1,
    )
    commits = [_commit(context, owner, commit) for commit in given.get("commits", ())]
    context.repos.create(name, commits)
    for kind in ("issue", "pull"):
        for issue in given.get(f"{kind}s", ()):
            add_issue(store, name, kind, issue)


def _commit(context: SiteContext, owner: str, given: Mapping[str, Any]) -> Commit:
    known_keys("commits", given, {"message", "files", "author", "hours"})
    when = context.now - timedelta(hours=float(given.get("hours", 24)))
    author = str(given.get("author", f"{owner} <{owner}@users.codeberth.test>"))
    return Commit(str(given["message"]), dict(given["files"]), author, when)
