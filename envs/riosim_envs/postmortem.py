"""Reading a desktop through the engine: one that is dead, emptied, or no longer answers."""

import hashlib
import io
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from docker.errors import NotFound
from typing_extensions import override

from riosim.errors import SandboxError
from riosim_envs.desktop_facts import FileRead, Listing
from riosim_envs.engine import Engine, docker_errors

__all__ = [
    "Change",
    "changes_from_engine",
    "listing_from_engine",
    "read_file_from_engine",
]

DIGEST_BYTES: Final = 64 * 2**20
"""Larger files are listed without a digest, as the supervisor does."""
_MAX_BYTES: Final = 8 * 2**30
_CHANGES: Final[dict[int, Literal["changed", "added", "deleted"]]] = {
    0: "changed",
    1: "added",
    2: "deleted",
}
_CHUNK: Final = 2**20


@dataclass(frozen=True, slots=True)
class Change:
    """How a path of a container differs from its image."""

    path: str
    how: Literal["changed", "added", "deleted"]


def changes_from_engine(engine: Engine, container_id: str) -> list[Change]:
    """Return what differs from the image, by path; fast even after `rm -rf /`."""
    with docker_errors(f"asking what changed in {container_id[:12]}"):
        found: list[dict[str, Any]] = engine.client.api.diff(container_id) or []
    known = [(str(one["Path"]), _CHANGES.get(int(one["Kind"]))) for one in found]
    return sorted(
        (Change(path, how) for path, how in known if how is not None), key=lambda one: one.path
    )


def read_file_from_engine(
    engine: Engine, container_id: str, path: str, *, max_bytes: int = 2**20
) -> FileRead | None:
    """Return a regular file's first bytes, or None if there is no such file."""
    with _archive(engine, container_id, path) as tar:
        for member in tar or ():
            if not member.isreg() or tar is None:
                return None
            content = tar.extractfile(member)
            data = content.read(max_bytes) if content is not None else b""
            return FileRead(
                data=data,
                size=member.size,
                mode=member.mode,
                uid=member.uid,
                gid=member.gid,
                truncated=member.size > len(data),
            )
    return None


def listing_from_engine(
    engine: Engine,
    container_id: str,
    roots: Sequence[str],
    *,
    digest: bool = True,
    max_entries: int = 200_000,
) -> Listing:
    """Return what lies below ROOTS, in the supervisor's form; roots that are gone are left out."""
    entries: dict[str, dict[str, Any]] = {}
    n_bytes, complete = 0, True
    for root in roots:
        parent = root.rstrip("/").rpartition("/")[0]
        with _archive(engine, container_id, root) as tar:
            for member in tar or ():
                n_bytes += member.size
                if len(entries) >= max_entries or n_bytes > _MAX_BYTES:
                    complete = False
                    break
                path = f"{parent}/{member.name}".rstrip("/")
                entries[path] = _entry(tar, member, path, digest=digest)
                if member.islnk():  # another name of a file that came before: it has the content
                    same = entries.get(f"{parent}/{member.linkname}", {})
                    entries[path] |= {key: same[key] for key in ("size", "digest") if key in same}
    return Listing((entries[path] for path in sorted(entries)), complete=complete)


def _entry(
    tar: tarfile.TarFile | None, member: tarfile.TarInfo, path: str, *, digest: bool
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "path": path,
        "type": _type(member),
        "mode": member.mode,
        "uid": member.uid,
        "gid": member.gid,
        "size": member.size,
        "mtime_ns": int(member.mtime * 1_000_000_000),
    }
    if member.issym():
        entry["target"] = member.linkname
        entry["size"] = len(member.linkname.encode())
    if digest and tar is not None and member.isreg() and member.size <= DIGEST_BYTES:
        content = tar.extractfile(member)
        if content is not None:
            entry["digest"] = hashlib.sha256(content.read()).hexdigest()
    return entry


def _type(member: tarfile.TarInfo) -> str:
    kinds = {
        tarfile.LNKTYPE: "file",
        tarfile.DIRTYPE: "dir",
        tarfile.SYMTYPE: "link",
        tarfile.FIFOTYPE: "fifo",
        tarfile.CHRTYPE: "char",
        tarfile.BLKTYPE: "block",
    }
    return "file" if member.isreg() else kinds.get(member.type, "other")


@contextmanager
def _archive(engine: Engine, container_id: str, path: str) -> Iterator[tarfile.TarFile | None]:
    """Open a path of a container as a stream of members; None if it is not there."""
    with docker_errors(f"reading {path!r:.200} of {container_id[:12]}"):
        try:
            chunks, _ = engine.client.api.get_archive(container_id, path, chunk_size=_CHUNK)
        except NotFound:
            yield None
            return
        try:
            with tarfile.open(fileobj=io.BufferedReader(_Chunks(chunks)), mode="r|") as tar:
                yield tar
        except tarfile.TarError as exc:
            raise SandboxError(f"The engine's archive of {path!r:.200} is damaged: {exc}") from exc
        finally:
            chunks.close()


class _Chunks(io.RawIOBase):
    """A generator of bytes as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    @override
    def readable(self) -> bool:
        """Say yes."""
        return True

    @override
    def readinto(self, buffer: Any) -> int:
        """Fill BUFFER with what is there."""
        if not self._rest:
            self._rest = next(self._chunks, b"")
        n = min(len(buffer), len(self._rest))
        buffer[:n], self._rest = self._rest[:n], self._rest[n:]
        return n
