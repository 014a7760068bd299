"""The door of a site: what would not fit is not let in, so that nothing is done by halves."""

import sqlite3
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from riosim_world.room import bytes_left
from riosim_world.sites.kit.forms import whole

__all__ = ["Porter"]

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_LEAVING = "/logout"  # takes a row away; whoever fills a site can still sign out
_RESERVE_BYTES = 256 * 1024  # what a form writes besides what was sent


class Porter:
    """Middleware in front of a site's pages."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        db: sqlite3.Connection,
        refuse: Callable[[Request], Awaitable[Response]],
    ) -> None:
        self._app = app
        self._db = db
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer that there is no room."""
        is_writing = scope["type"] == "http" and scope["method"] not in _READING
        if is_writing and scope["path"] != _LEAVING and self._is_full(scope):
            response = await self._refuse(Request(scope))
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_full(self, scope: Scope) -> bool:
        n_bytes = whole(Headers(scope=scope).get("content-length", ""))
        return bytes_left(self._db) < n_bytes + _RESERVE_BYTES
