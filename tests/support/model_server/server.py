"""The server: answers each request with what a script says, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

__all__ = ["ModelServer", "Reply", "Request", "Script"]


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    path: str
    headers: dict[str, str]  # names in lower case
    body: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What the server sends back.

    Attributes:
        body: JSON, or bytes as they are.
        cut_at: Bytes after which the connection is closed in the middle; None sends all.
        hang: Send nothing until the server is closed: the client's time-out must come first.
    """

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    hang: bool = False

    def data(self) -> bytes:
        """Return the bytes of the body."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Script = Sequence[Reply] | Callable[[Request], Reply]


class ModelServer:
    """Serves on a loopback port while `with` lasts.

    SCRIPT is a list, played in order, whose last reply stays; or a function of the request, for
    one that decides from what it sees.
    """

    def __init__(self, script: Script) -> None:
        self.requests: list[Request] = []
        self._script = script
        self._lock = threading.Lock()
        self._closing = threading.Event()
        outer = self

        class _Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._answer(self)

            def do_GET(self) -> None:
                outer._answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The root, without a slash at its end."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        request = Request(
            handler.path,
            {name.lower(): value for name, value in handler.headers.items()},
            json.loads(raw) if raw else {},
        )
        with self._lock:
            number = len(self.requests)
            self.requests.append(request)
            if callable(self._script):
                reply = self._script(request)
            else:
                reply = self._script[min(number, len(self._script) - 1)]
        if reply.hang:
            self._closing.wait()
            handler.close_connection = True
            return
        data = reply.data()
        handler.send_response(reply.status)
        for name, value in {"content-type": "application/json", **reply.headers}.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data if reply.cut_at is None else data[: reply.cut_at])
        if reply.cut_at is not None:
            handler.close_connection = True
