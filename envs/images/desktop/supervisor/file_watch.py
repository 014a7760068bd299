"""Dates for changes of files: one inotify instance over the home, bounded in every direction.

What changed is known from listings; these events only say when, and never who.
"""

import asyncio
import contextlib
import os
import struct
import time

import kernel
from host_link import HostLink

_MODIFIED, _ATTRIBUTES, _WRITTEN = 0x2, 0x4, 0x8
_MOVED_FROM, _MOVED_TO, _CREATED, _DELETED = 0x40, 0x80, 0x100, 0x200
_OVERFLOW, _IGNORED, _IS_DIR = 0x4000, 0x8000, 0x40000000
_ONLY_DIR, _NO_FOLLOW = 0x01000000, 0x02000000
_MASK = (
    _ATTRIBUTES | _WRITTEN | _MOVED_FROM | _MOVED_TO | _CREATED | _DELETED | _ONLY_DIR | _NO_FOLLOW
)
_HOW = {
    _CREATED: "created", _WRITTEN: "written", _DELETED: "deleted",
    _MOVED_FROM: "moved_from", _MOVED_TO: "moved_to", _ATTRIBUTES: "attributes",
}  # fmt: skip
_HEAD = struct.Struct("=iIII")
_MAX_WATCHES = 4096
_EVENTS_PER_S = 100
_SAME_PATH_S = 0.5
_SKIPPED = frozenset(
    {".cache", "Cache", "Code Cache", "GPUCache", "cache2", "startupCache", "Cached"}
)


class FileWatch:
    """Watches folders recursively and sends `file.changed`."""

    def __init__(self, link: HostLink, loop: asyncio.AbstractEventLoop) -> None:
        self._link, self._loop = link, loop
        self._fd = -1
        self._folders: dict[int, str] = {}
        self._recent: dict[tuple[str, str], float] = {}
        self._second, self._sent, self._dropped = 0, 0, 0

    def watch(self, root: str) -> None:
        """Begin to watch a folder and all below it."""
        try:
            self._fd = kernel.inotify_open()
        except OSError as exc:
            data = {"which": "inotify", "reason": str(exc)}
            self._link.event("system.limit", "background", data)
            return
        self._add(root)
        self._loop.add_reader(self._fd, self._read)

    def _add(self, root: str) -> None:
        stack = [root]
        while stack and len(self._folders) < _MAX_WATCHES:
            path = stack.pop()
            try:
                number = kernel.inotify_watch(self._fd, os.fsencode(path), _MASK)
                with os.scandir(path) as found:
                    stack += [
                        item.path
                        for item in found
                        if item.name not in _SKIPPED and item.is_dir(follow_symlinks=False)
                    ]
            except OSError:
                continue
            self._folders[number] = path

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._fd, 65536)
            position = 0
            while position < len(data):
                watch, mask, _cookie, size = _HEAD.unpack_from(data, position)
                start = position + _HEAD.size
                position = start + size
                self._take(watch, mask, os.fsdecode(data[start:position].rstrip(b"\0")))

    def _take(self, watch: int, mask: int, name: str) -> None:
        if mask & _OVERFLOW:
            self._dropped += 1
            return
        if mask & _IGNORED:
            self._folders.pop(watch, None)
            return
        folder = self._folders.get(watch)
        if folder is None or name in _SKIPPED:
            return
        path = os.path.join(folder, name) if name else folder
        if mask & _IS_DIR and mask & (_CREATED | _MOVED_TO):
            self._add(path)
        how = next((word for bit, word in _HOW.items() if mask & bit), None)
        if how is not None:
            self._report(path, how)

    def _report(self, path: str, how: str) -> None:
        now = time.monotonic()
        if now - self._recent.get((path, how), -1.0) < _SAME_PATH_S:
            return
        if int(now) != self._second:
            self._second, self._sent = int(now), 0
            self._recent = {k: t for k, t in self._recent.items() if now - t < _SAME_PATH_S}
            if self._dropped:
                data = {"which": "file_events", "dropped": self._dropped}
                self._dropped = 0
                self._link.event("system.limit", "background", data)
        if self._sent >= _EVENTS_PER_S:
            self._dropped += 1
            return
        self._sent += 1
        self._recent[path, how] = now
        self._link.event("file.changed", "background", {"path": path, "how": how})
