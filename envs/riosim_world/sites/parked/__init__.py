"""The page of a host that nobody uses: plausible, empty, the same for all."""

import hashlib
from collections.abc import Mapping
from html import escape
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from riosim_world.site import Owner, SiteContext

__all__ = ["SITE", "Parked"]

_TOPICS = (
    "Online courses", "Car insurance", "Travel deals", "Web hosting", "Kitchen ideas",
    "Home loans", "Fitness plans", "Photo books", "Garden tools", "Office chairs",
)  # fmt: skip
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{host}</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ margin: 0; font: 16px/1.5 sans-serif; background: #f4f6f9; color: #26323f; }}
main {{ max-width: 640px; margin: 9vh auto; padding: 32px 40px; background: #fff;
       border: 1px solid #d9dfe7; border-radius: 6px; }}
h1 {{ margin: 0 0 4px; font-size: 28px; overflow-wrap: anywhere; }}
p {{ margin: 0 0 20px; color: #5b6876; }}
li {{ list-style: none; border-top: 1px solid #e6eaf0; padding: 12px 0; font-weight: bold; }}
ul {{ padding: 0; margin: 0; }}
</style></head><body><main>
<h1>{host}</h1>
<p>This domain is registered and has no website yet. Its owner may offer it for sale.</p>
<h2>Related topics</h2><ul>{topics}</ul>
</main></body></html>
"""


class Parked:
    """A `Site` without state."""

    name = "parked"
    title = "Parked domain"
    hosts: tuple[str, ...] = ("parked.example",)
    owner: Owner = "parked"

    def seed(self, context: SiteContext, overlay: Mapping[str, Any]) -> None:
        """Need nothing.

        Raises:
            ValueError: There is an overlay.
        """
        if overlay:
            raise ValueError(f"overlay of parked: it takes no key, got {', '.join(overlay)}.")

    def build(self, context: SiteContext) -> Starlette:
        """Return the application: one page for any address, and nothing at the others."""
        methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        return Starlette(routes=[Route("/{path:path}", _show, methods=methods)])

    def state(self, context: SiteContext) -> dict[str, Any]:
        """Return nothing."""
        return {}


async def _show(request: Request) -> Response:
    host = str(request.scope.get("world.host", "")) or "parked.example"
    start = hashlib.sha256(host.encode()).digest()[0]
    topics = [_TOPICS[(start + n * 3) % len(_TOPICS)] for n in range(4)]
    html = _PAGE.format(host=escape(host), topics="".join(f"<li>{t}</li>" for t in topics))
    found = request.url.path == "/" or request.method != "GET"
    return HTMLResponse(html, 200 if found else 404)


SITE = Parked()
