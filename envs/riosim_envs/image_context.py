"""A build context: named files, their digest, and the tar that the engine reads."""

import hashlib
import io
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

__all__ = ["BuildContext"]

_IGNORED_PARTS = frozenset({"__pycache__", "_content", ".mypy_cache", ".ruff_cache", ".DS_Store"})
_MEMORY_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass
class BuildContext:
    """What one `docker build` sees, as {path in the context: file on this machine}.

    Attributes:
        files: Regular files and symbolic links, by their path in the context.
        texts: Small generated files, by their path in the context.
    """

    files: dict[str, Path] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def add_tree(self, folder: Path, prefix: str) -> None:
        """Add every file below FOLDER under PREFIX; caches of Python and linters stay out."""
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if _IGNORED_PARTS.isdisjoint(relative.parts) and (path.is_symlink() or path.is_file()):
                self.files[f"{prefix}/{relative.as_posix()}" if prefix else relative.as_posix()] = (
                    path
                )

    def digest(self, *more: str) -> str:
        """Return a short digest of names, contents, execute bits and MORE, the other inputs."""
        total = hashlib.sha256()
        for name in sorted([*self.files, *self.texts]):
            total.update(f"{name}\0{self._kind(name)}\0".encode())
            total.update(hashlib.sha256(self._bytes(name)).digest())
        for text in more:
            total.update(f"+{text}\0".encode())
        return total.hexdigest()[:16]

    def open_tar(self, extra: "BuildContext | None" = None) -> IO[bytes]:
        """Return the context as a rewound tar; EXTRA adds files that are not in the digest."""
        spool = tempfile.SpooledTemporaryFile(max_size=_MEMORY_LIMIT_BYTES)  # noqa: SIM115  # returned open
        with tarfile.open(fileobj=spool, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for context in (self, extra) if extra is not None else (self,):
                for name, path in context._members():
                    context._write(tar, name, path)
        spool.seek(0)
        return spool

    def _members(self) -> Iterator[tuple[str, Path | None]]:
        for name in sorted([*self.files, *self.texts]):
            yield name, self.files.get(name)

    def _write(self, tar: tarfile.TarFile, name: str, path: Path | None) -> None:
        info = tarfile.TarInfo(name)
        info.mtime = 0  # Docker's cache compares contents, but images should not differ by dates
        kind = self._kind(name)
        if kind == "link" and path is not None:
            info.type, info.linkname = tarfile.SYMTYPE, str(path.readlink())
            tar.addfile(info)
            return
        data = self._bytes(name)
        info.mode = 0o755 if kind == "program" else 0o644
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))

    def _kind(self, name: str) -> str:
        path = self.files.get(name)
        if path is None:
            return "file"
        if path.is_symlink():
            return "link"
        return "program" if path.stat().st_mode & 0o100 else "file"

    def _bytes(self, name: str) -> bytes:
        path = self.files.get(name)
        if path is None:
            return self.texts[name].encode()
        return str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
