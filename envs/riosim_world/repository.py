"""Git repositories on disk, made from plain data: the same data, the same commit ids.

A forge gets them as `context.repos`. Names are `name` or `owner/name`. Everything runs the `git`
program without hooks and without anybody's configuration.
"""

import hashlib
import io
import re
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from riosim_world.git_http import Allow, GitApplication
from riosim_world.room import FullError

__all__ = ["Commit", "LogEntry", "Push", "Repositories"]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,99})?")
_REF = re.compile(r"(HEAD|[A-Za-z0-9_][A-Za-z0-9._/-]{0,199})")
_MOST_OBJECTS = 1000  # of a push, that are looked into
_MOST_SHOWN_BYTES = 16 * 2**20  # of a file, or of all that is new in a push
_MOST_BYTES = 32 * 2**20  # of all repositories on disk
_MOST_REPOSITORIES = 200
_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a seeded repository; a file whose content is None is removed."""

    message: str
    files: Mapping[str, str | bytes | None]
    author: str = "Robin Vale <robin@mail.example>"
    when: datetime = datetime(2025, 11, 3, 9, 30, tzinfo=UTC)
    branch: str = "main"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A commit, as a list of commits shows it."""

    id: str
    author: str
    email: str
    when: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Push:
    """What a push changed: refs, and the blobs and commit messages that are new."""

    repo: str
    refs: tuple[Mapping[str, str], ...]  # ref, old, new, how: created|updated|forced|deleted
    files: tuple[tuple[str, bytes], ...]  # path, content
    messages: bytes


@dataclass(slots=True)
class _Repository:
    commits: tuple[Commit, ...]
    branch: str
    initial: dict[str, str] | None = None  # refs after seeding; None until it is on disk


class Repositories:
    """The repositories of one copy of a site; each is written to disk when first used."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._repos: dict[str, _Repository] = {}
        self.on_push: Callable[[Push], None] = lambda push: None

    def create(self, name: str, commits: Sequence[Commit] = (), *, branch: str = "main") -> None:
        """Add a repository with these commits, oldest first.

        Raises:
            ValueError: The name is not one, or is taken.
            FullError: There are too many.
        """
        if not _NAME.fullmatch(name) or ".." in name or name.endswith(".git"):
            raise ValueError(f"repositories: {name[:100]!r} is no name of a repository.")
        if name in self._repos:
            raise ValueError(f"repositories: {name!r} is there already.")
        if len(self._repos) >= _MOST_REPOSITORIES:
            raise FullError(f"There are {_MOST_REPOSITORIES} repositories already.")
        self._repos[name] = _Repository(tuple(commits), branch)

    def names(self) -> list[str]:
        """Return the names, sorted."""
        return sorted(self._repos)

    def copy(self, root: Path) -> "Repositories":
        """Return the same repositories as they were created, under another folder."""
        other = Repositories(root)
        for name, repo in self._repos.items():
            other._repos[name] = _Repository(repo.commits, repo.branch)
        return other

    # --- reading

    def branches(self, name: str) -> dict[str, str]:
        """Return branch → commit id."""
        refs = self.refs(name)
        return {ref[11:]: id for ref, id in refs.items() if ref.startswith("refs/heads/")}

    def refs(self, name: str) -> dict[str, str]:
        """Return every ref with its commit id; an unknown repository has none."""
        path = self.path(name)
        if path is None:
            return {}
        out = self._git(path, "for-each-ref", "--format=%(refname) %(objectname)").decode()
        return dict(line.split(" ", 1) for line in out.splitlines() if " " in line)

    def files(self, name: str, ref: str = "HEAD") -> list[str]:
        """Return the paths of all files at REF."""
        out = self._read(name, "ls-tree", "-r", "-z", "--name-only", _safe(ref))
        return [path.decode("utf-8", "replace") for path in out.split(b"\0") if path]

    def read(self, name: str, file: str, ref: str = "HEAD") -> bytes | None:
        """Return the content of a file at REF, its first 16 MiB at the most, or None."""
        if file not in self.files(name, ref):
            return None
        path = self.path(name)
        return b"" if path is None else self._start_of(path, f"{_safe(ref)}:{file}")

    def log(self, name: str, ref: str = "HEAD", *, limit: int = 50) -> list[LogEntry]:
        """Return the newest commits of REF, newest first."""
        form = "--format=%H%x1f%an%x1f%ae%x1f%aI%x1f%B%x1e"
        out = self._read(name, "log", f"-{int(limit)}", form, _safe(ref), "--")
        entries = [
            e.strip("\n").split("\x1f") for e in out.decode("utf-8", "replace").split("\x1e")
        ]
        return [
            LogEntry(e[0], e[1], e[2], datetime.fromisoformat(e[3]), e[4].strip())
            for e in entries
            if len(e) == 5
        ]

    def path(self, name: str) -> Path | None:
        """Return the bare repository on disk, made now if it was not yet."""
        repo = self._repos.get(name.removesuffix(".git"))
        if repo is None:
            return None
        path = self._base() / f"{name.removesuffix('.git')}.git"
        if repo.initial is None:
            self._write(path, repo)
            repo.initial = {}  # so that `refs` does not come back here
            repo.initial = self.refs(name)
        return path

    # --- changing

    def commit(
        self,
        name: str,
        files: Mapping[str, str | bytes | None],
        *,
        message: str,
        author: str,
        when: datetime,
        branch: str = "main",
    ) -> str | None:
        """Add a commit on top of a branch, as a web editor does; return its id.

        Raises:
            FullError: The repositories hold as much as they may.
        """
        path = self.path(name)
        if path is None:
            return None
        if not self.has_room(sum(len(content or "") for content in files.values())):
            raise FullError("The repositories are full.")
        before = self.refs(name)
        self._import(path, [Commit(message, files, author, when, branch)], known=before)
        self.note_push(name, before)
        return self.branches(name).get(branch)

    def has_room(self, n_bytes: int) -> bool:
        """Return whether the repositories may grow by so much, all together."""
        used = sum(f.lstat().st_blocks * 512 for f in self._base().rglob("*"))
        return used + n_bytes <= _MOST_BYTES

    def note_push(self, name: str, before: Mapping[str, str]) -> None:
        """Tell `on_push` how the refs differ from BEFORE."""
        after = self.refs(name)
        changed = [ref for ref in sorted({*before, *after}) if before.get(ref) != after.get(ref)]
        if not changed:
            return
        refs = tuple(self._change(name, ref, before.get(ref), after.get(ref)) for ref in changed)
        files, messages = self._new_objects(name, [after[r] for r in changed if r in after], before)
        self.on_push(Push(name, refs, files, messages))

    def application(self, allow: Allow) -> ASGIApp:
        """Return the application for git clients, to be mounted at `/` or a prefix.

        ALLOW(repo, user, password, write) says who may fetch (`write` False) and push; user and
        password are None when the client gave none, and it is then asked for them.
        """
        return GitApplication(self, allow)

    # --- the whole

    def digest(self) -> str:
        """Return the SHA-256 of what was created and of all refs that changed since."""
        total = hashlib.sha256()
        for name, repo in sorted(self._repos.items()):
            refs = None if repo.initial is None else self.refs(name)
            moved = {} if refs == repo.initial else refs
            seeded = [(c.message, sorted(c.files), c.author, c.branch) for c in repo.commits]
            total.update(repr((name, seeded, sorted((moved or {}).items()))).encode())
        return total.hexdigest()

    def state(self) -> list[dict[str, Any]]:
        """Return the repositories as plain JSON: name, branches, files, commits."""
        return [
            {
                "name": name,
                "branches": self.branches(name),
                "files": self.files(name),
                "commits": [
                    {"id": e.id, "author": e.author, "email": e.email, "message": e.message}
                    for e in self.log(name)
                ],
            }
            for name in self.names()
        ]

    # --- git itself

    def _write(self, path: Path, repo: _Repository) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._git(None, "init", "-q", "--bare", "--template=", "-b", repo.branch, str(path))
        for key, value in (("http.receivepack", "true"), ("core.hooksPath", "/dev/null"),
                           ("gc.auto", "0"), ("receive.autogc", "false"),
                           ("receive.maxInputSize", str(_MOST_SHOWN_BYTES)),
                           ("core.bigFileThreshold", "2m")):  # fmt: skip
            self._git(path, "config", key, value)
        self._import(path, repo.commits, known={})

    def _import(self, path: Path, commits: Sequence[Commit], *, known: Mapping[str, str]) -> None:
        out = bytearray()
        on_disk = {ref[11:] for ref in known}
        for commit in commits:
            out += _stream(commit, from_existing=commit.branch in on_disk)
            on_disk.discard(commit.branch)  # later ones follow by themselves
        self._git(path, "fast-import", "--quiet", "--force", data=bytes(out) + b"done\n")

    def _change(self, name: str, ref: str, old: str | None, new: str | None) -> dict[str, str]:
        how = "updated"
        if old is None:
            how = "created"
        elif new is None:
            how = "deleted"
        elif self._run(self.path(name), "merge-base", "--is-ancestor", old, new).returncode != 0:
            how = "forced"
        return {"ref": ref, "old": old or "", "new": new or "", "how": how}

    def _new_objects(
        self, name: str, new: list[str], before: Mapping[str, str]
    ) -> tuple[tuple[tuple[str, bytes], ...], bytes]:
        if not new:
            return (), b""
        out = self._read(name, "rev-list", "--objects", *new, "--not", *before.values())
        lines = out.decode("utf-8", "replace").splitlines()[:_MOST_OBJECTS]
        paths = dict(line.partition(" ")[::2] for line in lines)
        files: list[tuple[str, bytes]] = []
        messages = bytearray()
        for digest, kind, content in self._contents(name, paths):
            if kind == "blob":
                files.append((paths[digest], content))
            else:
                messages += content
        return tuple(files), bytes(messages)

    def _contents(self, name: str, digests: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
        """Yield id, kind and content of all but trees; content beyond the limit is left out."""
        path = self.path(name)
        if path is None:
            return
        left, whole = _MOST_SHOWN_BYTES, []
        asked = "".join(f"{digest}\n" for digest in digests).encode()
        for line in self._run(path, "cat-file", "--batch-check", data=asked).stdout.splitlines():
            digest, kind, size, *_ = [*line.decode().split(" "), "", "0"]
            if kind not in ("blob", "commit", "tag"):
                continue
            if int(size) <= left:
                whole.append(f"{digest}\n")
            elif left > 0 and kind == "blob":
                yield digest, kind, self._start_of(path, digest, n_bytes=left)
            left -= int(size)
        out = io.BytesIO(
            self._run(path, "cat-file", "--batch", data="".join(whole).encode()).stdout
        )
        while head := out.readline().decode().split():
            yield head[0], head[1], out.read(int(head[2]))
            out.readline()

    def _start_of(self, path: Path, blob: str, *, n_bytes: int = _MOST_SHOWN_BYTES) -> bytes:
        """Return the first bytes of a blob, however large it is."""
        with subprocess.Popen(  # noqa: S603 - argv is ours, refs and names are checked
            ["git", "--git-dir", str(path), "cat-file", "blob", blob],  # noqa: S607 - of the image
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment(),
        ) as process:
            assert process.stdout is not None  # noqa: S101 - asked for above
            data = process.stdout.read(n_bytes)
            process.kill()
        return data

    def _read(self, name: str, *argv: str) -> bytes:
        path = self.path(name)
        return b"" if path is None else self._run(path, *argv).stdout

    def _git(self, path: Path | None, *argv: str, data: bytes = b"") -> bytes:
        done = self._run(path, *argv, data=data)
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace")[-300:]
            raise ValueError(f"git {argv[0]} failed in {path}: {said!r}.")
        return done.stdout

    def _run(
        self, path: Path | None, *argv: str, data: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        place = ["--git-dir", str(path)] if path is not None else []
        return subprocess.run(  # noqa: S603 - argv is ours, refs and names are checked
            ["git", *place, *argv],  # noqa: S607 - git of the image
            input=data,
            capture_output=True,
            env=self.environment(),
            timeout=_TIMEOUT_S,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment in which git runs: nobody's configuration, no prompt."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self._base()),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
        }

    def _base(self) -> Path:
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="git-"))
            weakref.finalize(self, shutil.rmtree, self._root, ignore_errors=True)
        self._root.mkdir(parents=True, exist_ok=True)
        return self._root


def _safe(ref: str) -> str:
    """Return REF if it can be one, else a name that no ref has."""
    return ref if _REF.fullmatch(ref) and ".." not in ref else "refs/none"


def _stream(commit: Commit, *, from_existing: bool) -> bytes:
    """Return one commit in the language of `git fast-import`."""
    name, _, rest = commit.author.partition("<")
    who = f"{name.strip()} <{rest.rstrip('>').strip()}> {int(commit.when.timestamp())} +0000"
    message = commit.message.encode("utf-8", "replace")
    out = bytearray(f"commit refs/heads/{commit.branch}\ncommitter {who}\n".encode())
    out += b"data %d\n%s\n" % (len(message), message)
    if from_existing:
        out += f"from refs/heads/{commit.branch}^0\n".encode()
    for path, content in sorted(commit.files.items()):
        quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        if content is None:
            out += f"D {quoted}\n".encode()
            continue
        data = content.encode("utf-8", "replace") if isinstance(content, str) else content
        out += f"M 100644 inline {quoted}\n".encode() + b"data %d\n%s\n" % (len(data), data)
    return bytes(out) + b"\n"
