"""The page for a person: one loopback port, what it serves, and the stream of states."""

import asyncio
import json
import secrets
import socket
import threading
from contextlib import suppress
from importlib.resources import files
from typing import Annotated, Any, Final, TypeVar

import uvicorn
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from riosim.action import MAX_TEXT_CHARS, parse_action
from riosim.errors import InvalidActionError, UsageError
from riosim_agents.person.desk import Desk
from riosim_agents.person.gate import Gate

__all__ = ["Door"]

_PORTS_TRIED: Final = 32
_MAX_BODY_BYTES: Final = 500_000
_HEARTBEAT_S: Final = 15.0
_CLOSE_S: Final = 10.0
_TYPES: Final = {"html": "text/html", "css": "text/css", "js": "text/javascript"}

_Seat = Annotated[str, Field(min_length=8, max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_AnyBody = TypeVar("_AnyBody", bound=_Body)


class _Taking(_Body):
    seat: _Seat


class _Deciding(_Body):
    seat: _Seat
    number: int
    action: dict[str, Any]
    thought: Annotated[str, Field(max_length=MAX_TEXT_CHARS)] = ""


class Door:
    """Serves the page of one desk on a thread of its own until it is closed.

    Args:
        desk: What is played.
        port: The port; if it is taken, one of the 31 after it. 0 is any free one.

    Raises:
        UsageError: All of these ports are taken.
    """

    def __init__(self, desk: Desk, *, port: int = 0) -> None:
        self._desk = desk
        self._token = secrets.token_urlsafe(24)
        self._socket = _listen_on(port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            _app(desk, self._token),
            log_config=None,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="human door", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the page; holds the token."""
        return f"http://127.0.0.1:{self.port}/{self._token}/"

    def close(self) -> None:
        """Close the desk, the port and the thread. Idempotent."""
        self._desk.close()
        self._server.should_exit = True
        self._thread.join(_CLOSE_S)
        self._socket.close()


def _listen_on(port: int) -> socket.socket:
    ports = [0] if port == 0 else range(port, min(port + _PORTS_TRIED, 65_536))
    last: OSError | None = None
    for one in ports:
        try:
            return socket.create_server(("127.0.0.1", one))
        except OSError as exc:
            last = exc
    raise UsageError(
        f"The page for the person cannot be served: no port from {port} to {max(ports)} is free "
        f"({last}). Give another with -A port=…, or 0 for any."
    )


def _app(desk: Desk, token: str) -> ASGIApp:
    page = files("riosim_agents") / "person" / "page"
    assets = {
        item.name: item.read_bytes()
        for item in page.iterdir()
        if item.name.split(".")[-1] in _TYPES
    }

    async def asset(request: Request) -> Response:
        name = request.path_params.get("name", "page.html")
        if name not in assets:
            return PlainTextResponse("There is nothing here.", 404)
        return Response(assets[name], media_type=_TYPES[name.split(".")[-1]])

    async def stream(request: Request) -> Response:
        seat = request.query_params.get("seat", "")
        if not 8 <= len(seat) <= 64:
            return PlainTextResponse("A seat has 8 to 64 characters.", 422)
        return _Stream(desk, seat)

    async def picture(request: Request) -> Response:
        found = desk.picture(request.path_params["number"])
        if found is None:
            return PlainTextResponse("This picture is no longer shown.", 404)
        return Response(found, media_type="image/png")

    async def tree(request: Request) -> Response:
        found = desk.tree(request.path_params["number"])
        if found is None:
            return PlainTextResponse("There is no accessibility tree.", 404)
        return PlainTextResponse(found.encode(errors="replace"))

    async def take(request: Request) -> Response:
        body = await _body(request, _Taking)
        if isinstance(body, Response):
            return body
        return JSONResponse({"is_yours": desk.take(body.seat)})

    async def decide(request: Request) -> Response:
        body = await _body(request, _Deciding)
        if isinstance(body, Response):
            return body
        try:
            action = parse_action(body.action)
        except InvalidActionError as exc:
            return JSONResponse({"problem": str(exc)}, 422)
        problem = desk.answer(body.seat, body.number, action, body.thought)
        return JSONResponse({"problem": problem}, 200 if problem is None else 409)

    return Gate(
        Starlette(
            routes=[
                Route("/", asset),
                Route("/stream", stream),
                Route("/picture/{number:int}", picture),
                Route("/tree/{number:int}", tree),
                Route("/take", take, methods=["POST"]),
                Route("/decide", decide, methods=["POST"]),
                Route("/{name}", asset),
            ]
        ),
        token,
    )


async def _body(request: Request, kind: type[_AnyBody]) -> _AnyBody | Response:
    """Return what the page sent, or what to answer if it is nothing that the page sends."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return JSONResponse({"problem": "Only application/json is taken."}, 415)
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > _MAX_BODY_BYTES:
            return JSONResponse({"problem": f"More than {_MAX_BODY_BYTES} bytes."}, 413)
    try:
        return kind.model_validate_json(data)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return JSONResponse({"problem": f"{where}: {first['msg']}"[:500]}, 422)


class _Stream(Response):
    """Server-sent events: the state of one seat, whole, whenever it changes."""

    def __init__(self, desk: Desk, seat: str) -> None:
        super().__init__(media_type="text/event-stream")
        del self.headers["content-length"]
        self._desk = desk
        self._seat = seat

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the page is gone or the desk is closed; the seat is held as long."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def on_change() -> None:
            with suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(changed.set)

        gone = asyncio.create_task(_until_gone(receive))
        end = self._desk.listen(on_change)
        self._desk.sit(self._seat)
        try:
            while not gone.done():
                changed.clear()
                state = self._desk.state(self._seat)
                await send(_piece(f"data: {json.dumps(state)}\n\n"))
                if state["phase"] == "closed":
                    break
                while not gone.done() and not changed.is_set():
                    await _first_of(changed, gone)
                    if not changed.is_set():
                        await send(_piece(": still here\n\n"))
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            end()
            self._desk.leave(self._seat)
            gone.cancel()


async def _first_of(changed: asyncio.Event, gone: "asyncio.Task[None]") -> None:
    """Wait until there is news, the page is gone, or a heartbeat is due."""
    news = asyncio.create_task(changed.wait())
    try:
        await asyncio.wait([news, gone], timeout=_HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        news.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _piece(text: str) -> Message:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}
