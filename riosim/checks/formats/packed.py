"""What is in packed files: zip, and tar with any usual compression."""

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["PackedFile", "UnreadableArchiveError", "packed_files"]

_MAX_BYTES = 16 * 2**20  # of content, all members together
_MAX_MEMBERS = 2000
_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, NotImplementedError,
    RuntimeError, EOFError, OSError, ValueError,
)  # fmt: skip
_INFLATED = _MAX_BYTES + 2 * _MAX_MEMBERS * tarfile.BLOCKSIZE
_DECOMPRESSORS: Mapping[bytes, Callable[[], Any]] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(wbits=31),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ": lzma.LZMADecompressor,
}

PackedFile = tuple[str, bytes | None]
"""The path of a member, and its content; None if that cannot be read (encrypted, too much)."""


class UnreadableArchiveError(ValueError):
    """The bytes are no archive of a kind that is read, or a damaged one."""


def packed_files(name: str, data: bytes) -> list[PackedFile]:
    """Return the files in an archive, in its order, without folders and links.

    What is beyond the first 2,000 members is left out, and so is content beyond 16 MiB.

    Raises:
        UnreadableArchiveError: It is no such archive, or damaged.
    """
    try:
        if zipfile.is_zipfile(io.BytesIO(data)):
            return list(_in_zip(data))
        return list(_in_tar(_inflated(data)))
    except _DAMAGE as exc:
        raise UnreadableArchiveError(f"{name} is no archive that can be read: {exc}") from exc


def _in_zip(data: bytes) -> Iterator[PackedFile]:
    left = _MAX_BYTES
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist()[:_MAX_MEMBERS]:
            if member.is_dir():
                continue
            content = None if member.flag_bits & 1 else _read_of_zip(archive, member, left)
            left -= len(content or b"")
            yield member.filename, content


def _read_of_zip(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes | None:
    try:
        with archive.open(member) as file:
            content = file.read(left + 1)
    except _DAMAGE:
        return None  # one spoilt member does not hide the others
    return content if len(content) <= left else None


def _inflated(data: bytes) -> bytes:
    """Return a tar without its compression, as far as it is read."""
    for magic, decompressor in _DECOMPRESSORS.items():
        if data.startswith(magic):
            stream = decompressor()
            inflated = bytes(stream.decompress(data, _INFLATED))
            if not stream.eof and len(inflated) < _INFLATED:
                raise EOFError("it is cut off")
            return inflated
    return data


def _in_tar(data: bytes) -> Iterator[PackedFile]:
    left = _MAX_BYTES
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for _ in range(_MAX_MEMBERS):
            try:
                member = archive.next()
            except tarfile.ReadError:
                if len(data) < _INFLATED:
                    raise
                return  # the rest was not inflated
            if member is None:
                return
            if not member.isfile():
                continue
            file = archive.extractfile(member) if member.size <= left else None
            content = None if file is None else file.read()
            left -= len(content or b"")
            yield member.name, content
