"""Length-prefixed messages between the host and the processes in its containers.

Standard library only: this file is copied as it is into both images. One frame is two big-endian
32-bit lengths (JSON, blob), a JSON object and a blob. Sizes are capped on both sides, because the
other end is the agent's neighbour.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any

__all__ = ["MAX_BLOB_BYTES", "MAX_JSON_BYTES", "Decoder", "WireError", "encode"]

MAX_JSON_BYTES = 8 * 2**20
MAX_BLOB_BYTES = 256 * 2**20

_HEAD = struct.Struct(">II")


class WireError(ValueError):
    """The other end sent something that is not a frame; `seen` holds the first bytes of it."""

    def __init__(self, message: str, seen: bytes = b"") -> None:
        super().__init__(message)
        self.seen = seen[:200]


def encode(message: dict[str, Any], blob: bytes = b"") -> bytes:
    """Return one frame.

    Raises:
        WireError: The message or the blob is larger than the protocol allows.
    """
    text = json.dumps(message, separators=(",", ":"), ensure_ascii=True).encode()
    _check_sizes(len(text), len(blob), text)
    return _HEAD.pack(len(text), len(blob)) + text + blob


class Decoder:
    """Turns a stream of bytes, cut anywhere, back into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Yield every message that DATA completes.

        Raises:
            WireError: A length is over its cap, or the JSON is not an object.
        """
        self._buffer += data
        while len(self._buffer) >= _HEAD.size:
            n_json, n_blob = _HEAD.unpack_from(self._buffer)
            _check_sizes(n_json, n_blob, bytes(self._buffer[:200]))
            end = _HEAD.size + n_json + n_blob
            if len(self._buffer) < end:
                return
            text = bytes(self._buffer[_HEAD.size : _HEAD.size + n_json])
            blob = bytes(self._buffer[_HEAD.size + n_json : end])
            del self._buffer[:end]
            yield _parse(text), blob


def _check_sizes(n_json: int, n_blob: int, seen: bytes) -> None:
    if n_json > MAX_JSON_BYTES or n_blob > MAX_BLOB_BYTES:
        raise WireError(
            f"A frame announces {n_json} bytes of JSON and {n_blob} of blob; at most "
            f"{MAX_JSON_BYTES} and {MAX_BLOB_BYTES} are allowed.",
            seen,
        )


def _parse(text: bytes) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise WireError(f"A frame holds no JSON: {exc}", text) from exc
    if not isinstance(message, dict):
        raise WireError(f"A frame holds {type(message).__name__}, not an object.", text)
    return message
