"""Bodies and files that the world received, by digest, within limits."""

import hashlib

__all__ = ["Blobs"]

_MOST_OF_ONE = 2**20
_MOST_OF_ALL = 12 * 2**20


class Blobs:
    """Keeps the first MiB of what was received, until 12 MiB are full; counts the rest."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._bytes = 0

    def put(self, data: bytes, *, keep: bool = True) -> str:
        """Keep DATA if it is to be kept and there is room; return the SHA-256 of all of it."""
        digest = hashlib.sha256(data).hexdigest()
        if not keep:
            return digest
        kept = data[:_MOST_OF_ONE]
        if data and digest not in self._kept and self._bytes + len(kept) <= _MOST_OF_ALL:
            self._kept[digest] = kept
            self._bytes += len(kept)
        return digest

    def get(self, digest: str) -> bytes | None:
        """Return what is kept of a body; None if nothing is."""
        return self._kept.get(digest)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._bytes = 0
