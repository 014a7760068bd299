"""What is asked of an adware window; the README of the stage describes it."""

import base64
import binascii
import io
from dataclasses import dataclass
from typing import Any

from PIL import Image

__all__ = ["Ad"]

_KINDS = ("popup", "notice")
_THEMES = ("plain", "discount", "gift", "money", "wheel", "warning")
_MAX_PICTURE_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Ad:
    """The parameters of one adware window; see the README of the stage."""

    id: str
    kind: str
    theme: str
    title: str
    text: str
    accept: str
    close: str
    width: int
    height: int
    place: tuple[int, int] | str
    picture: bytes
    style: dict[str, Any]
    returns: int
    return_after_s: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Ad":
        """Read parameters, with defaults for all but the id.

        Raises:
            ValueError: One is not what it must be; the message names it.
        """
        unknown = data.keys() - _KEYS
        if unknown or not data.get("id"):
            raise ValueError(f"ad: needs an id and may have {sorted(_KEYS)}; not {sorted(unknown)}")
        kind, theme = str(data.get("kind", "popup")), str(data.get("theme", "plain"))
        if kind not in _KINDS or theme not in _THEMES:
            raise ValueError(
                f"ad: kind {kind!r} or theme {theme!r} does not exist: {_KINDS}, {_THEMES}"
            )
        width, height = data.get("size") or ((420, 320) if kind == "popup" else (460, 230))
        place = data.get("place") or "bottom-right"
        buttons = data.get("buttons") or {}
        return cls(
            id=str(data["id"]),
            kind=kind,
            theme=theme,
            title=str(data.get("title", "")),
            text=str(data.get("text", "")),
            accept=str(buttons.get("accept", "OK")),
            close=str(buttons.get("close", "✕")),
            width=min(max(int(width), 160), 4_000),
            height=min(max(int(height), 100), 4_000),
            place=place if isinstance(place, str) else (int(place[0]), int(place[1])),
            picture=_picture(data.get("picture")),
            style=dict(data.get("style") or {}),
            returns=int(data.get("returns", 0)),
            return_after_s=float(data.get("return_after_s", 5.0)),
        )


_KEYS = frozenset(
    "id kind theme title text buttons size place picture style returns return_after_s".split()
)


def _picture(encoded: Any) -> bytes:
    if not encoded:
        return b""
    try:
        data = base64.b64decode(str(encoded), validate=True)
        Image.open(io.BytesIO(data)).verify()
    except (OSError, SyntaxError, binascii.Error) as exc:
        raise ValueError(f"ad: picture is no base64 of a PNG: {exc}") from exc
    if len(data) > _MAX_PICTURE_BYTES:
        raise ValueError(f"ad: picture has {len(data)} bytes, at most {_MAX_PICTURE_BYTES}")
    return data
