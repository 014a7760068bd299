"""Reading, listing and unpacking files, in the supervisor itself and without surprises.

Long work is done in slices: each coroutine here lets the loop go on every few milliseconds.
"""

import asyncio
import hashlib
import io
import json
import os
import stat
import tarfile
import time
from collections.abc import Iterator
from typing import Any

DIGEST_BYTES = 8 << 20
_SLICE_S = 0.004
_TYPES = {
    stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket", stat.S_IFCHR: "char", stat.S_IFBLK: "block",
}  # fmt: skip


class Slices:
    """Gives way to the loop whenever a few milliseconds of work are done."""

    def __init__(self) -> None:
        self._until = time.monotonic() + _SLICE_S

    async def breathe(self) -> None:
        """Let others run if this slice is over."""
        if time.monotonic() > self._until:
            await asyncio.sleep(0)
            self._until = time.monotonic() + _SLICE_S


def read_regular(path: str, most: int) -> tuple[os.stat_result, bytes]:
    """Return a regular file's state and its first bytes; never waits on a pipe or a device.

    Raises:
        OSError: The file cannot be opened.
        ValueError: The path is not that of a regular file.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        state = os.fstat(fd)
        if not stat.S_ISREG(state.st_mode):
            kind = _TYPES.get(stat.S_IFMT(state.st_mode), "special")
            raise ValueError(f"{path} is a {kind}, not a regular file.")
        parts, left = [], most
        while left > 0 and (part := os.read(fd, min(left, 1 << 20))):
            parts.append(part)
            left -= len(part)
        return state, b"".join(parts)
    finally:
        os.close(fd)


async def listing(roots: list[str], *, digest: bool, max_entries: int) -> bytes:
    """Return JSON lines, one entry each, sorted by path; the last says so where it was cut."""
    slices = Slices()
    entries: list[dict[str, Any]] = []
    truncated = False
    for root in dict.fromkeys(os.path.normpath(root) for root in roots):
        for path in _walk(root):
            await slices.breathe()
            if len(entries) >= max_entries:
                truncated = True
                break
            entry = _entry(path)
            if entry is None:
                continue
            if digest and entry["type"] == "file" and entry["size"] <= DIGEST_BYTES:
                entry["digest"] = _digest(path)
            entries.append(entry)
    entries.sort(key=lambda entry: str(entry["path"]))
    lines = [json.dumps(entry, separators=(",", ":")) for entry in entries]
    if truncated:
        lines.append(json.dumps({"path": "", "type": "truncated", "size": len(entries)}))
    return "\n".join(lines).encode()


def _walk(root: str) -> Iterator[str]:
    """Yield the root and everything below it, on its own file system, links not followed."""
    try:
        device = os.lstat(root).st_dev
    except OSError:
        return
    stack = [root]
    while stack:
        path = stack.pop()
        yield path
        try:
            with os.scandir(path) as found:
                children = sorted(found, key=lambda item: item.name, reverse=True)
        except OSError:  # a file, or gone
            continue
        for child in children:
            try:
                is_dir = child.is_dir(follow_symlinks=False)
                if is_dir and child.stat(follow_symlinks=False).st_dev != device:
                    continue
            except OSError:
                continue
            stack.append(child.path)


def _entry(path: str) -> dict[str, Any] | None:
    try:
        state = os.lstat(path)
        target = os.readlink(path) if stat.S_ISLNK(state.st_mode) else None
    except OSError:
        return None
    entry: dict[str, Any] = {
        "path": path,
        "type": _TYPES.get(stat.S_IFMT(state.st_mode), "other"),
        "mode": stat.S_IMODE(state.st_mode),
        "uid": state.st_uid,
        "gid": state.st_gid,
        "size": state.st_size,
        "mtime_ns": state.st_mtime_ns,
    }
    if target is not None:
        entry["target"] = target
    return entry


def _digest(path: str) -> str:
    try:
        _, data = read_regular(path, DIGEST_BYTES)
    except (OSError, ValueError):
        return ""
    return hashlib.sha256(data).hexdigest()


async def untar(archive: bytes, dest: str, owner: tuple[int, int] | None) -> None:
    """Unpack an archive below a folder; OWNER, where given, replaces the owners in it.

    Raises:
        OSError: The folder cannot be written.
        tarfile.TarError: The archive is not one, or wants to leave the folder.
    """
    slices = Slices()
    _make_parents(dest, owner)
    folders: list[tuple[str, tarfile.TarInfo]] = []
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            await slices.breathe()
            path = os.path.normpath(os.path.join(dest, member.name.lstrip("/")))
            if path != os.path.normpath(dest) and not path.startswith(dest.rstrip("/") + "/"):
                raise tarfile.TarError(f"{member.name!r} would be unpacked outside {dest}.")
            _extract(tar, member, path, owner)
            if member.isdir():
                folders.append((path, member))
        for path, member in reversed(folders):
            os.chmod(path, member.mode & 0o7777)
            os.utime(path, (member.mtime, member.mtime))


def _extract(
    tar: tarfile.TarFile, member: tarfile.TarInfo, path: str, owner: tuple[int, int] | None
) -> None:
    _make_parents(os.path.dirname(path), owner)
    if member.isdir():
        os.makedirs(path, mode=0o700, exist_ok=True)
    elif member.issym():
        _remove(path)
        os.symlink(member.linkname, path)
    elif member.islnk():
        _remove(path)
        os.link(os.path.join(path[: -len(member.name)], member.linkname), path)
    elif member.isfile():
        _remove(path)
        _write(tar, member, path)
    else:
        return
    uid, gid = owner if owner is not None else (member.uid, member.gid)
    os.chown(path, uid, gid, follow_symlinks=False)
    if member.isfile():
        os.chmod(path, member.mode & 0o7777)  # after chown, which clears setuid
        os.utime(path, (member.mtime, member.mtime))


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> None:
    source = tar.extractfile(member)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as sink:
        while source is not None and (part := source.read(1 << 18)):
            sink.write(part)


def _remove(path: str) -> None:
    if os.path.islink(path) or os.path.exists(path):
        os.unlink(path)


def _make_parents(folder: str, owner: tuple[int, int] | None) -> None:
    """Make missing parents, owned like what goes into them."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        os.mkdir(path, 0o755)
        if owner is not None:
            os.chown(path, *owner)
