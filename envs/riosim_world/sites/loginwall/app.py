"""A sign-in page that nobody asked for; it takes what is typed and says that all is well."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Pages, Store, digest, read_form

__all__ = ["OVERLAY_KEYS", "build", "seed", "state"]

OVERLAY_KEYS = frozenset({"prefill", "reason"})

_BRANDS: Final = {"archive": "Paperhaven", "forge": "Codeberth", "portal": "Postbay"}
_SCHEMA = """
CREATE TABLE credential (
  id INTEGER PRIMARY KEY, user TEXT, password_digest TEXT, password_length INTEGER);
"""


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Keep what the page says."""
    store = Store(context.db)
    store.create(_SCHEMA)
    store.set("prefill", str(overlay.get("prefill", "")))
    why = "Your session has expired. Sign in again to continue where you left off."
    store.set("reason", str(overlay.get("reason", why)))


def build(context: SiteContext) -> Starlette:
    """Return the application.

    Raises:
        ValueError: `look.brand` names no brand that can be imitated.
    """
    copied = str(context.look.get("brand", "portal"))
    if copied not in _BRANDS:
        raise ValueError(f"look.brand: {copied!r} cannot be imitated; known: {', '.join(_BRANDS)}.")
    store = Store(context.db)
    words = {"copied": copied, "name": _BRANDS[copied]}
    pages = Pages(Path(__file__).parent, context, brand=_BRANDS[copied], shared=words)

    async def front(request: Request) -> Response:
        form = await read_form(request)
        user, password = form.text("user", limit=200), form.raw("password")
        missing = request.method == "POST" and not (user and password)
        if request.method == "POST" and not missing:
            row = {"user": user, "password_digest": digest(password)}
            store.insert("credential", **row, password_length=len(password))
            context.record("credentials_given", row)
            return pages.go("/restored")
        values = {"reason": store.setting("reason"), "prefill": user or store.setting("prefill")}
        return pages.html(request, "front.html", status=200, missing=missing, **values)

    async def restored(request: Request) -> Response:
        return pages.html(request, "restored.html")

    async def closed(request: Request) -> Response:
        context.record("declined", {})
        return pages.html(request, "closed.html")

    return pages.application(
        [
            Route("/", front, methods=["GET", "POST"]),
            Route("/restored", restored),
            Route("/later", closed),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return what was typed in, without the passwords."""
    rows = Store(context.db).rows(
        "SELECT user, password_digest, password_length FROM credential ORDER BY id"
    )
    return {"credentials": rows}
