"""Who is let in to the page for a person.

The token stands in the path, so that a browser sends it with nothing else: cookies of a loopback
address go to every port of it. Only the names of this machine are taken as Host, which leaves a
foreign name that points here outside; a decision needs the Origin of the page itself.
"""

import re
import secrets
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Gate"]

_HOST: Final = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Gate:
    """Lets in who asks this machine by its own name, with the token, from the page itself."""

    def __init__(self, inner: ASGIApp, token: str) -> None:
        self._inner = inner
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it with a sentence."""
        headers = Headers(scope=scope)
        first, _, rest = str(scope["path"]).removeprefix("/").partition("/")
        refusal = _refusal(scope["method"], headers)
        answer: ASGIApp
        if refusal is not None:
            answer = PlainTextResponse(refusal, 403)
        elif not secrets.compare_digest(first.encode(), self._token):
            answer = PlainTextResponse("Open the link that riosim printed; it holds a token.", 403)
        elif scope["path"].count("/") == 1:
            answer = RedirectResponse(f"/{first}/")
        else:
            answer = self._inner
            scope = {**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode()}

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.lower().encode(), text.encode()) for name, text in _HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *own]}
            await send(message)

        await answer(scope, receive, send_guarded)


def _refusal(method: str, headers: Headers) -> str | None:
    """Return why a request is not from our own page, or from a person who opens it."""
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        return "This page is served to 127.0.0.1 and localhost only."
    origins = headers.getlist("origin")
    if method not in {"GET", "HEAD"} and not origins:
        return "A decision comes from the page itself (no Origin)."
    if any(origin != f"http://{hosts[0]}" for origin in origins):
        return "A request comes from the page itself (another Origin)."
    is_opened = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == (
        "navigate",
        "document",
    )
    site = headers.get("sec-fetch-site", "none")
    if site not in {"none", "same-origin"} and not (is_opened and method == "GET"):
        return "A request comes from the page itself (another site)."
    return None
