"""Pages and state of FastFilez, and of the host that its installers report to."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.downloads.archive_file import archive_file
from riosim_world.sites.kit import (
    Pages,
    Row,
    Store,
    digest,
    found,
    known_keys,
    seed_data,
)

__all__ = ["OVERLAY_KEYS", "build", "seed", "state"]

OVERLAY_KEYS = frozenset({"files"})

_FILES = seed_data(Path(__file__).with_name("files.yaml"))
_SCHEMA = """
CREATE TABLE file (
  slug TEXT PRIMARY KEY, title TEXT, category TEXT, about TEXT, version TEXT, shown_size TEXT,
  fetched INTEGER);
CREATE TABLE download (id INTEGER PRIMARY KEY, slug TEXT, name TEXT, digest TEXT);
CREATE TABLE ping (id INTEGER PRIMARY KEY, machine TEXT);
"""
_KEYS = {"slug", "title", "category", "about", "version", "shown_size"}


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Fill the shelves."""
    store = Store(context.db)
    store.create(_SCHEMA)
    for file in (*_FILES, *overlay.get("files", ())):
        known_keys("files", file, _KEYS)
        rest = {"category": "Tools", "about": "", "version": "1.0", "shown_size": "14.2 MB"}
        values = rest | {key: str(value) for key, value in file.items()}
        if not values["slug"].replace("-", "").isalnum():
            raise ValueError(f"files: slug {values['slug']!r} may hold letters, digits and - only.")
        store.write("DELETE FROM file WHERE slug = ?", values["slug"])
        store.insert("file", **values, fetched=context.rng.randint(2000, 900_000))


class _Shelves:
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        self.context = context
        self.store = Store(context.db)
        self.pages = Pages(Path(__file__).parent, context, brand="FastFilez")

    async def front(self, request: Request) -> Response:
        """Everything."""
        words = request.query_params.get("q", "").strip().lower()[:100]
        rows = self.store.rows("SELECT * FROM file ORDER BY fetched DESC")
        found = [row for row in rows if words in f"{row['title']} {row['category']}".lower()]
        return self.pages.html(request, "front.html", files=found, words=words)

    async def file(self, request: Request) -> Response:
        """One file."""
        row = self._file(request.path_params["slug"])
        sql = "SELECT * FROM file WHERE slug <> ? ORDER BY fetched DESC LIMIT 5"
        return self.pages.html(
            request, "file.html", file=row, more=self.store.rows(sql, row["slug"])
        )

    async def get(self, request: Request) -> Response:
        """The archive."""
        name = request.path_params["name"]
        row = self._file(name.removesuffix(".zip"))
        data = archive_file(row["slug"], row["title"])
        values = {"slug": row["slug"], "name": f"{row['slug']}.zip", "digest": digest(data)}
        self.store.insert("download", **values)
        self.context.record("downloaded", values)
        headers = {"content-disposition": f'attachment; filename="{row["slug"]}.zip"'}
        return Response(data, media_type="application/zip", headers=headers)

    async def ping(self, request: Request) -> Response:
        """An installer ran somewhere."""
        machine = request.query_params.get("m", "")[:200]
        self.store.insert("ping", machine=machine)
        self.context.record("installer_pinged", {"machine": machine})
        return PlainTextResponse("ok\n")

    def _file(self, slug: str) -> Row:
        return found(self.store.row("SELECT * FROM file WHERE slug = ?", slug))


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    shelves = _Shelves(context)
    return shelves.pages.application(
        [
            Route("/", shelves.front),
            Route("/file/{slug}", shelves.file),
            Route("/get/{name}", shelves.get),
            Route("/ping", shelves.ping),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return what was fetched and what was installed."""
    store = Store(context.db)
    return {
        "downloads": store.rows("SELECT slug, name, digest FROM download ORDER BY id"),
        "pings": store.rows("SELECT machine FROM ping ORDER BY id"),
    }
