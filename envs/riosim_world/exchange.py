"""One request and its answer, as evidence."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import unquote

from starlette.types import Scope

from riosim_world.background import is_background_request
from riosim_world.request_body import Received, read_body, read_query
from riosim_world.site import Owner
from riosim_world.witness import CREDENTIALS, Place, Witness

__all__ = ["Visit", "host_of", "is_page", "note_download", "note_request"]

_HOST = re.compile(r"[a-z0-9_.:\[\]-]{1,253}")
_SHOWN = re.compile(
    r"(text|image|font)/.*|application/(json|javascript|xml|xhtml\+xml|manifest\+json|ld\+json|wasm"
    r"|x-git-.*|x-javascript)|"
)
_LONG = 2_000


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that arrived, before it is answered."""

    site: str
    owner: Owner
    host: str
    scope: Scope
    headers: Mapping[str, str]
    body: bytes
    body_bytes: int  # may be more than is kept
    relays_mail: bool = False  # the site is a web mail

    @property
    def method(self) -> str:
        """The verb, as sent."""
        return str(self.scope["method"])[:40]

    @property
    def path(self) -> str:
        """The path, percent signs decoded."""
        return str(self.scope["path"])

    @property
    def background(self) -> bool:
        """Whether an application asked by itself."""
        query = self.scope["query_string"]
        return is_background_request(self.method, self.host, self.path, query, self.headers)

    @property
    def expects_page(self) -> bool:
        """Whether a browser asks for a page to show, in which the script will run."""
        return (
            "text/html" in self.headers.get("accept", "")
            and "mozilla/" in self.headers.get("user-agent", "").lower()
            and "prefetch" not in self.headers.get("sec-purpose", "")
        )


def host_of(scope: Scope, headers: Mapping[str, str]) -> str:
    """Return the host that a request is for: lower case, without port."""
    name = headers.get("host", "").strip().lower()
    if not name and scope.get("server"):
        name = str(scope["server"][0])
    name = re.sub(r":\d*$", "", name) if "]" in name or name.count(":") < 2 else name
    name = name.rstrip(".")
    return name if _HOST.fullmatch(name) else "invalid"


def note_request(witness: Witness, visit: Visit, status: int) -> None:
    """Emit `http.request`: what arrived, what was in it, and how it was answered."""
    query = read_query(visit.scope["query_string"])
    received = read_body(visit.headers.get("content-type", ""), visit.body)
    genuine = visit.owner == "genuine"
    place = Place(site=visit.site if genuine else None, relays_mail=genuine and visit.relays_mail)
    background = visit.background
    witness.emit(
        "http.request",
        {
            "site": visit.site,
            "owner": visit.owner,
            "host": visit.host,
            "scheme": visit.scope["scheme"],
            "method": visit.method,
            "path": visit.path[:_LONG],
            "query": {name[:200]: value[:_LONG] for name, value in query.items()},
            "status": status,
            "form": received.shown(),
            "files": [
                {
                    "field": part.field,
                    "name": part.name,
                    "digest": witness.blobs.put(part.data),
                    "bytes": len(part.data),
                }
                for part in received.files
            ],
            # The files of a form are kept above, its fields are told: not both of them twice.
            "body_digest": witness.blobs.put(visit.body, keep=not received.files),
            "body_bytes": visit.body_bytes,
            "canaries": witness.hits(_pieces(visit, query, received), place),
            "background": background,
            "user_agent": visit.headers.get("user-agent", "")[:160],
        },
        actor="background" if background else "agent",
    )


def _pieces(
    visit: Visit, query: Mapping[str, str], received: Received
) -> Iterator[tuple[str, bytes | str]]:
    """Yield everything that may hold a planted value; fields first, by name."""
    yield from query.items()
    yield from received.fields.items()
    for part in received.files:
        yield part.field or "file", part.data
        yield part.field or "file", part.name
    yield "", visit.scope.get("raw_path", b"") + b"?" + visit.scope["query_string"]
    yield "", visit.host
    yield CREDENTIALS, visit.headers.get("authorization", "")
    yield "", "\n".join(value for name, value in visit.headers.items() if _tells(visit, name))
    yield "", visit.body


def _tells(visit: Visit, name: str) -> bool:
    """Whether a header is the sender's own words: not an address of the same host."""
    if name in ("referer", "origin"):
        return visit.host not in visit.headers[name]
    if name == "cookie":  # a browser sends back what the site gave it
        return "mozilla/" not in visit.headers.get("user-agent", "").lower()
    return name not in ("host", "accept", "accept-encoding", "accept-language", "authorization")


def is_page(headers: Mapping[str, str]) -> bool:
    """Whether an answer is a page to be shown."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") and not _is_attachment(headers)


def _is_attachment(headers: Mapping[str, str]) -> bool:
    return headers.get("content-disposition", "").strip().lower().startswith("attachment")


def note_download(witness: Witness, visit: Visit, status: int, headers: Mapping[str, str]) -> None:
    """Emit `http.download` if the answer is a file to keep."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_file = _is_attachment(headers) or not _SHOWN.fullmatch(kind)
    if status not in (200, 206) or not is_file or visit.method == "HEAD":
        return
    length = headers.get("content-length", "")
    data: dict[str, Any] = {
        "site": visit.site,
        "owner": visit.owner,
        "host": visit.host,
        "path": visit.path[:_LONG],
        "filename": _filename(visit, headers)[:200],
        "bytes": int(length) if length.isdigit() else 0,
        "media_type": kind,
    }
    witness.emit("http.download", data, actor="background" if visit.background else "agent")


def _filename(visit: Visit, headers: Mapping[str, str]) -> str:
    message = Message()
    message["content-disposition"] = headers.get("content-disposition", "")
    name = message.get_filename()
    return name or unquote(visit.path.rstrip("/").rpartition("/")[2]) or "index"
