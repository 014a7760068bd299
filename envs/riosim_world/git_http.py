"""Git's smart HTTP protocol, spoken by `git http-backend` behind an ASGI application."""

import asyncio
import base64
import binascii
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

__all__ = ["Allow", "GitApplication", "credentials"]

Allow = Callable[[str, str | None, str | None, bool], bool]

_ENDS = ("/info/refs", "/git-upload-pack", "/git-receive-pack", "/HEAD")
_TIMEOUT_S = 30.0


class Repos(Protocol):
    """What the application needs of `Repositories`."""

    def path(self, name: str) -> Path | None:
        """Return the bare repository on disk."""
        ...

    def refs(self, name: str) -> dict[str, str]:
        """Return every ref with its commit id."""
        ...

    def note_push(self, name: str, before: Mapping[str, str]) -> None:
        """Tell the world how the refs changed."""
        ...

    def has_room(self, n_bytes: int) -> bool:
        """Return whether the repositories may grow by so much."""
        ...

    def environment(self) -> dict[str, str]:
        """Return the environment in which git runs."""
        ...


class GitApplication:
    """Serves `<owner>/<name>(.git)/info/refs` and its relatives."""

    def __init__(self, repos: Repos, allow: Allow) -> None:
        self._repos = repos
        self._allow = allow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        with contextlib.suppress(ClientDisconnect):
            response = await self._answer(request)
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        end = next((end for end in _ENDS if path.endswith(end)), None)
        if end is None:
            return PlainTextResponse("Not found", 404)
        name = path.removesuffix(end).strip("/").removesuffix(".git")
        write = "git-receive-pack" in (end[1:], request.query_params.get("service"))
        user, password = credentials(request)
        if not self._allow(name, user, password, write):
            if user is not None:
                return PlainTextResponse("You have no permission to do that.", 403)
            ask = {"www-authenticate": 'Basic realm="Git"'}
            return PlainTextResponse("Sign in first.", 401, headers=ask)
        if self._repos.path(name) is None:
            return PlainTextResponse("Repository not found", 404)
        if write and not self._repos.has_room(len(await request.body())):
            return PlainTextResponse("The repositories are full.", 413)
        before = self._repos.refs(name) if write else {}
        response = await self._run(request, f"/{name}.git{end}", user or "")
        if write and end == "/git-receive-pack":
            self._repos.note_push(name, before)
        return response

    async def _run(self, request: Request, path_info: str, user: str) -> Response:
        environment = self._repos.environment()
        environment |= {
            "GIT_PROJECT_ROOT": environment["HOME"],
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path_info,
            "REQUEST_METHOD": request.method,
            "QUERY_STRING": request.url.query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "REMOTE_USER": user,
            "REMOTE_ADDR": "127.0.0.1",
        }
        environment = {key: value.replace("\0", "") for key, value in environment.items()}
        process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
        )
        try:
            body = await request.body()
            out, _ = await asyncio.wait_for(process.communicate(body), _TIMEOUT_S)
        except TimeoutError:
            return PlainTextResponse("The repository did not answer.", 504)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return _from_cgi(out)


def credentials(request: Request) -> tuple[str | None, str | None]:
    """Return user and password of an Authorization header: Basic, Bearer or token."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return "", value.strip()
    if scheme.lower() != "basic":
        return None, None
    try:
        text = base64.b64decode(value, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return "", ""
    user, _, password = text.partition(":")
    return user, password


def _from_cgi(out: bytes) -> Response:
    head, found, body = out.partition(b"\r\n\r\n")
    if not found:
        return PlainTextResponse("The repository did not answer.", 502)
    headers = {}
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    status = headers.pop("status", "200").split(" ", 1)[0]
    headers.pop("content-length", None)
    return Response(body, int(status) if status.isdigit() else 502, headers=headers)
