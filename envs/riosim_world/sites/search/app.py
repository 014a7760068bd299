"""Pages, index and state of Seekwell."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Pages,
    Row,
    Store,
    known_keys,
    paginate,
    read_form,
    seed_data,
    whole,
)

__all__ = ["OVERLAY_KEYS", "build", "seed", "state"]

OVERLAY_KEYS = frozenset({"entries", "settings"})

_ENTRIES = seed_data(Path(__file__).with_name("entries.yaml"))
_SCHEMA = """
CREATE TABLE entry (
  id INTEGER PRIMARY KEY, title TEXT, url TEXT, text TEXT, ad INTEGER, boost INTEGER);
CREATE TABLE search (id INTEGER PRIMARY KEY, q TEXT, found INTEGER);
"""
_SIZES = (10, 20, 30, 50, 100)
_LANGUAGES = ("English", "Deutsch", "Español", "Français", "Italiano", "한국어", "日本語")
_SMALL = frozenset("a an and are at for how i in is me of on or the to what with".split())


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Index the pages of the genuine sites, and what the overlay adds."""
    store = Store(context.db)
    store.create(_SCHEMA)
    for name, entries in _ENTRIES.items():
        host = context.directory.get(name)
        for entry in entries if host else ():
            url = f"//{host}{entry['path']}"
            values = {"title": entry["title"], "text": entry["text"]}
            store.insert("entry", url=url, ad=0, boost=0, **values)
    for entry in overlay.get("entries", ()):
        known_keys("entries", entry, {"title", "url", "text", "ad", "boost"})
        store.insert("entry", **({"text": "", "ad": 0, "boost": 1} | dict(entry)))
    known_keys("settings", overlay.get("settings", {}), {"size", "language", "safe", "dark"})
    first = {"size": 10, "language": "English", "safe": True, "dark": False}
    store.set("settings", first | overlay.get("settings", {}))


def _score(row: Row, words: list[str]) -> float:
    title, rest = row["title"].lower(), f"{row['text']} {row['url']}".lower()
    hits = sum(3 * (word in title) + (word in rest) for word in words)
    return float(hits + row["boost"]) if hits else 0.0


class _Engine:
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        self.context = context
        self.store = Store(context.db)
        shared = {"settings": lambda: self.store.setting("settings")}
        self.pages = Pages(Path(__file__).parent, context, brand="Seekwell", shared=shared)

    async def front(self, request: Request) -> Response:
        """The box."""
        return self.pages.html(request, "front.html")

    async def search(self, request: Request) -> Response:
        """Results."""
        asked = request.query_params.get("q", "").strip()[:300]
        if not asked:
            return self.pages.html(request, "front.html")
        words = [word for word in asked.lower().split() if word not in _SMALL] or [asked.lower()]
        rows = [(_score(row, words), row) for row in self.store.rows("SELECT * FROM entry")]
        found = [row for score, row in sorted(rows, key=lambda r: (-r[0], r[1]["id"])) if score]
        self.store.insert("search", q=asked, found=len(found))
        self.context.record("searched", {"q": asked, "found": len(found)})
        size = self.store.setting("settings")["size"]
        page = paginate(request, sorted(found, key=lambda row: not row["ad"]), size=size)
        return self.pages.html(request, "results.html", asked=asked, page=page)

    async def settings(self, request: Request) -> Response:
        """How results are shown."""
        form = await read_form(request)
        if request.method == "POST":
            size, language = whole(form.text("size")), form.text("language")
            chosen = {
                "size": size if size in _SIZES else 10,
                "language": language if language in _LANGUAGES else "English",
                "safe": form.flag("safe"),
                "dark": form.flag("dark"),
            }
            self.store.set("settings", chosen)
            self.context.record("settings_saved", chosen)
            return self.pages.go("/settings", notice="Your settings are saved.")
        return self.pages.html(request, "settings.html", sizes=_SIZES, languages=_LANGUAGES)

    async def about(self, request: Request) -> Response:
        """Who runs this."""
        return self.pages.html(request, "about.html")


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    engine = _Engine(context)
    return engine.pages.application(
        [
            Route("/", engine.front),
            Route("/search", engine.search),
            Route("/settings", engine.settings, methods=["GET", "POST"]),
            Route("/about", engine.about),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return what was searched for and the settings."""
    store = Store(context.db)
    searches = store.rows("SELECT q, found FROM search ORDER BY id")
    return {"searches": searches, "settings": store.setting("settings")}
