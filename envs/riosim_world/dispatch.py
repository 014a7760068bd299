"""The one ASGI application: finds the site of a host, answers, and notes what happened."""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from riosim_world.copies import Copy
from riosim_world.exchange import Visit, host_of, is_page, note_download, note_request
from riosim_world.live_pages import LivePages, PageOrigin
from riosim_world.page_script import BEACON, SCRIPT, PageScript, allow_script, insert_script
from riosim_world.witness import Witness

__all__ = ["MOST_BODY_BYTES", "Dispatcher"]

MOST_BODY_BYTES = 10 * 2**20
_MOST_PAGE_BYTES = 4 * 2**20
_MOST_KEPT_BYTES = 2**20  # of a body that is refused
_CLIENT_LEFT = 499
_TOO_LARGE = b"""<html>
<head><title>413 Request Entity Too Large</title></head>
<body>
<center><h1>413 Request Entity Too Large</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""

Find = Callable[[str], Copy]


class Dispatcher:
    """Answers every request of every host."""

    def __init__(self, find: Find, witness: Witness, pages: LivePages) -> None:
        self._find = find
        self._witness = witness
        self._pages = pages
        self._script = PageScript(witness, pages)
        self.requests = 0  # in flight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        if scope["path"] == SCRIPT:
            await _answer(send, 200, self._script.source, b"text/javascript; charset=utf-8")
            return
        is_report = scope["path"] == BEACON and scope["method"] == "POST"
        self.requests += not is_report
        try:
            body = await _read(receive)
            if is_report and self._script.hear(body.data):
                await _answer(send, 204, b"", b"text/plain")
            else:
                await self._serve(self._visit(scope, headers, body), body, receive, send)
        finally:
            self.requests -= not is_report

    def _visit(self, scope: Scope, headers: dict[str, str], body: "_Body") -> Visit:
        host = host_of(scope, headers)
        plan = self._find(host).plan
        relays = bool(getattr(plan.site, "relays_mail", False))
        return Visit(
            plan.site.name, plan.owner, host, scope, headers, body.data, body.n_bytes, relays
        )

    async def _serve(self, visit: Visit, body: "_Body", receive: Receive, send: Send) -> None:
        if body.end == "left":
            note_request(self._witness, visit, _CLIENT_LEFT)
            return
        if body.end == "too large":
            note_request(self._witness, visit, 413)
            await _answer(send, 413, _TOO_LARGE, b"text/html", close=True)
            return
        visit.scope["world.host"] = visit.host
        answer = _Answer(visit, self._witness, self._pages, send)
        app: ASGIApp = self._find(visit.host).application()
        await app(visit.scope, _replay(body.data, receive), answer.send)
        await answer.finish()


@dataclass(frozen=True, slots=True)
class _Body:
    data: bytes
    n_bytes: int  # may be more than is kept
    end: Literal["whole", "too large", "left"]


class _Answer:
    """Passes an application's answer on: noted before it leaves, pages with the script in them."""

    def __init__(self, visit: Visit, witness: Witness, pages: LivePages, send: Send) -> None:
        self._visit = visit
        self._witness = witness
        self._pages = pages
        self._send = send
        self._start: MutableMapping[str, Any] | None = None
        self._page = bytearray()
        self._is_page = False

    async def send(self, message: Message) -> None:
        """Take one message of the application."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] == "http.response.body" and self._is_page:
            self._page += message.get("body", b"")
            if len(self._page) > _MOST_PAGE_BYTES:
                await self._send_page(more=message.get("more_body", False))
            elif not message.get("more_body", False):
                await self._send_page(more=False)
        else:
            await self._send(message)

    async def finish(self) -> None:
        """Send what is left when the application has returned."""
        if self._is_page:
            await self._send_page(more=False)

    async def _begin(self, message: Message) -> None:
        headers = [(k.lower(), _printable(v)) for k, v in message.get("headers", [])]
        message = {**message, "headers": headers}
        named = {k.decode("latin-1"): v.decode("latin-1") for k, v in headers}
        status = int(message["status"])
        note_request(self._witness, self._visit, status)
        note_download(self._witness, self._visit, status, named)
        has_body = self._visit.method != "HEAD" and status >= 200 and status not in (204, 304)
        if has_body and not 300 <= status < 400 and is_page(named):
            self._is_page = True
            self._start = message
        else:
            await self._send(message)

    async def _send_page(self, *, more: bool) -> None:
        self._is_page = False
        assert self._start is not None  # noqa: S101 - a page has begun
        origin = PageOrigin(self._visit.site, self._visit.owner, self._visit.host)
        peer = tuple(self._visit.scope.get("client") or ("", 0))
        page = self._pages.deliver(
            origin, (str(peer[0]), int(peer[1])), awaited=self._visit.expects_page
        )
        body = insert_script(bytes(self._page), page)
        self._page.clear()
        headers = [
            (k, allow_script(v.decode("latin-1")).encode("latin-1"))
            if k == b"content-security-policy"
            else (k, v)
            for k, v in self._start["headers"]
            if k != b"content-length"
        ]
        if not more:
            headers.append((b"content-length", str(len(body)).encode()))
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": more})


async def _read(receive: Receive) -> _Body:
    """Read a body until it ends, is too large, or the client leaves."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return _Body(bytes(body), len(body), "left")
        body += message.get("body", b"")
        if len(body) > MOST_BODY_BYTES:
            return _Body(bytes(body[:_MOST_KEPT_BYTES]), len(body), "too large")
        if not message.get("more_body", False):
            return _Body(bytes(body), len(body), "whole")


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once, then whatever really comes."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay


def _printable(value: bytes) -> bytes:
    """Return a header's value without what would end it."""
    return value.translate(None, b"\r\n\0")


async def _answer(
    send: Send, status: int, body: bytes, media_type: bytes, *, close: bool = False
) -> None:
    headers = [(b"content-type", media_type), (b"cache-control", b"max-age=600")]
    if status != 204:
        headers.append((b"content-length", str(len(body)).encode()))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
