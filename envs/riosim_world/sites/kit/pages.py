"""Pages of a site: templates in, responses out, with a styled answer for every mistake."""

import mimetypes
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from typing_extensions import override

from riosim_world.room import FullError
from riosim_world.site import SiteContext
from riosim_world.sites.kit.accounts import Sessions
from riosim_world.sites.kit.compiled import CompiledTemplates
from riosim_world.sites.kit.porter import Porter
from riosim_world.sites.kit.store import Row
from riosim_world.sites.kit.words import filters

__all__ = ["Pages", "found"]

_MISTAKES = {
    400: ("That request did not make sense", "Go back and try again."),
    403: ("You cannot open this page", "Your account has no permission to see it."),
    404: ("Page not found", "The page may have moved, or the address may have a typing error."),
    405: ("That does not work here", "Go back and use the buttons on the page."),
    413: ("That is too large", "A file may have 8 MB. Choose a smaller one and try again."),
    429: ("We cannot take more right now", "What you sent was too much for us and is not kept."),
}


class _NumberConvertor(Convertor[int]):
    """A row number in an address; short enough for the database."""

    regex = "[0-9]{1,9}"

    @override
    def convert(self, value: str) -> int:
        return int(value)

    @override
    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("num", _NumberConvertor())


class Pages:
    """Renders the templates beside a site's `app.py`.

    Every template sees `brand`, `host`, `now`, `directory`, `look`, `path`, `me` (the signed-in
    account or None) and `notice` (one sentence from the page before).
    """

    def __init__(
        self,
        folder: Path,
        context: SiteContext,
        *,
        brand: str,
        sessions: Sessions | None = None,
        shared: Mapping[str, Any] | None = None,
    ) -> None:
        self._context = context
        self._sessions = sessions
        self._environment = Environment(
            loader=FileSystemLoader(folder / "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            bytecode_cache=CompiledTemplates(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(filters(context.now))
        self._environment.globals.update(
            brand=str(context.look.get("brand", brand)),
            host=context.host,
            now=context.now,
            directory=context.directory,
            look=context.look,
            **(shared or {}),
        )
        self._static = _read_static(folder / "static")

    def html(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> Response:
        """Render TEMPLATE for REQUEST."""
        me = self._sessions.current(request) if self._sessions else None
        notice = unquote(request.cookies.get("notice", ""))[:300]
        text = self._environment.get_template(template).render(
            {"me": me, "notice": notice, "path": request.url.path, "query": request.query_params}
            | values
        )
        response = HTMLResponse(text, status, headers={"cache-control": "no-store"})
        if notice:
            response.delete_cookie("notice")
        return response

    def plain(self, template: str) -> Callable[[Request], Awaitable[Response]]:
        """Return a handler that shows TEMPLATE, which needs nothing."""

        async def show(request: Request) -> Response:
            return self.html(request, template)

        return show

    def go(self, address: str, *, notice: str = "") -> RedirectResponse:
        """Send the visitor to ADDRESS after a form, with a sentence to show there."""
        response = RedirectResponse(address, 303)
        if notice:
            response.set_cookie("notice", quote(notice), max_age=30, httponly=True, samesite="lax")
        return response

    def application(self, routes: Sequence[BaseRoute]) -> Starlette:
        """Return the application of ROUTES, with static files and styled mistakes.

        What visitors send is refused, with a page and a record, once there is no room for it.
        """
        return Starlette(
            routes=[*self._plain_routes(), *routes],
            exception_handlers={HTTPException: self._mistake, FullError: self._refuse},
            middleware=[Middleware(Porter, db=self._context.db, refuse=self._refuse)],
        )

    def _plain_routes(self) -> list[BaseRoute]:
        return [
            Route("/static/{name}", self._serve_static),
            Route("/favicon.ico", self._serve_icon),
        ]

    async def _serve_icon(self, _request: Request) -> Response:
        data, media_type = self._static.get("icon.svg", (b"", ""))
        return Response(data, 200 if data else 204, media_type=media_type or None)

    async def _serve_static(self, request: Request) -> Response:
        try:
            data, media_type = self._static[request.path_params["name"]]
        except KeyError:
            raise HTTPException(404) from None
        return Response(data, media_type=media_type, headers={"cache-control": "max-age=600"})

    async def _refuse(self, request: Request, _error: Exception | None = None) -> Response:
        """Say that the site is full."""
        place = {"method": request.method, "path": request.url.path[:200]}
        self._context.record("refused", {"why": "full", **place})
        return await self._mistake(request, HTTPException(429))

    async def _mistake(self, request: Request, mistake: Exception) -> Response:
        status = mistake.status_code if isinstance(mistake, HTTPException) else 500
        title, advice = _MISTAKES.get(status, ("Something went wrong", "Please try again."))
        values = {"title": title, "advice": advice, "code": status}
        return self.html(request, "mistake.html", status=status, **values)


def found(row: Row | None) -> Row:
    """Return the row that a page is about.

    Raises:
        HTTPException: 404, there is none.
    """
    if row is None:
        raise HTTPException(404)
    return row


def _read_static(folder: Path) -> dict[str, tuple[bytes, str]]:
    if not folder.is_dir():
        return {}
    return {
        path.name: (path.read_bytes(), mimetypes.guess_type(path.name)[0] or "text/plain")
        for path in sorted(folder.iterdir())
        if path.is_file()
    }
