"""The operations of the desktop, one method each; see docs/architecture.md for the table."""

import asyncio
import os
import tarfile
import time
from collections.abc import Awaitable, Callable
from typing import Any

import accounts
import files
import machine
import procfs
import seccomp
import session as desktop_session
from commands import Processes
from file_watch import FileWatch
from host_link import HostLink
from launch import ROOT, Identity, LaunchSpec
from resources import Usage
from session import Session
from tree_client import TreeClient
from witness import Witness

Answer = tuple[dict[str, Any], bytes]
Handler = Callable[[dict[str, Any], bytes], Awaitable[Answer]]

_ROOT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MAX_ENTRIES = 500_000


class RequestError(Exception):
    """A request that cannot be met; `kind` is one of the protocol's."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Operations:
    """Answers the host's requests."""

    def __init__(
        self,
        link: HostLink,
        processes: Processes,
        witness: Witness,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._link, self._processes, self._witness = link, processes, witness
        self._session: Session | None = None
        self._usage = Usage()
        self._tree = TreeClient(loop)
        self._watch = FileWatch(link, loop)
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = loop
        self.finished: asyncio.Future[str] = loop.create_future()
        self._handlers: dict[str, Handler] = {
            "hello": self._hello,
            "start": self._start,
            "untar": self._untar,
            "exec": self._exec,
            "spawn": self._spawn,
            "run_python": self._run_python,
            "read": self._read,
            "listing": self._listing,
            "processes": self._processes_list,
            "tree": self._tree_now,
            "usage": self._usage_now,
            "shutdown": self._shutdown,
        }

    def request(self, message: dict[str, Any], blob: bytes) -> None:
        """Begin to answer a request."""
        task = self._loop.create_task(self._answer(message, blob))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._answered(done, message.get("id")))

    def _answered(self, task: "asyncio.Task[None]", number: Any) -> None:
        """Forget a request; what nobody foresaw is answered, too."""
        self._tasks.discard(task)
        exc = task.exception()
        if exc is not None:
            self._link.refuse(number, "failed", f"the supervisor erred: {exc!r}")

    async def _answer(self, message: dict[str, Any], blob: bytes) -> None:
        number, op, args = message.get("id"), message.get("op"), message.get("args", {})
        handler = self._handlers.get(op) if isinstance(op, str) else None
        if handler is None or not isinstance(args, dict):
            known = ", ".join(self._handlers)
            self._link.refuse(number, "bad_request", f"No operation {op!r}; there are: {known}.")
            return
        try:
            ok, out = await handler(args, blob)
        except RequestError as exc:
            self._link.refuse(number, exc.kind, str(exc))
        except (FileNotFoundError, NotADirectoryError) as exc:
            self._link.refuse(number, "not_found", f"{op}: {exc}")
        except TimeoutError as exc:
            self._link.refuse(number, "timeout", f"{op}: {exc}")
        except (KeyError, TypeError, ValueError) as exc:
            self._link.refuse(number, "bad_request", f"{op}: {type(exc).__name__}: {exc}")
        except (OSError, tarfile.TarError, MemoryError, EOFError) as exc:
            self._link.refuse(number, "failed", f"{op}: {type(exc).__name__}: {exc}")
        else:
            self._link.answer(number, ok, out)
            if op == "shutdown":
                self.finished.set_result("shut down by the host")

    # --- the machine ---------------------------------------------------------------------------

    async def _hello(self, _args: dict[str, Any], _blob: bytes) -> Answer:
        witness = "seccomp" if seccomp.available() else "none"
        return {"protocol": 1, "kernel": os.uname().release, "witness": witness}, b""

    async def _start(self, args: dict[str, Any], blob: bytes) -> Answer:
        if self._session is not None:
            raise RequestError("bad_request", "start: the machine has been started already.")
        began = time.monotonic()
        account = accounts.prepare_user(int(args["uid"]), int(args["gid"]), str(args["password"]))
        machine.set_name(str(args["hostname"]))
        machine.set_resolver(str(args["dns"]))
        if blob:
            machine.trust(blob.decode())
        await machine.prepare_home(account)
        prepared = time.monotonic()
        env = machine.environment(account, str(args["display"]))
        self._session = Session(account, env)
        self._tree.use_session(env["DBUS_SESSION_BUS_ADDRESS"], account.uid)
        if args.get("session", True):
            await desktop_session.start(self._session, self._processes, self._session_lost)
        self._witness.relabel("agent")
        self._watch.watch(account.home)
        now = time.monotonic()
        return {
            "prepared_ms": round((prepared - began) * 1000, 1),
            "session_ms": round((now - prepared) * 1000, 1),
        }, b""

    def _session_lost(self, reason: str) -> None:
        self._link.event("session.lost", "agent", {"reason": reason})

    def _need_session(self) -> Session:
        if self._session is None:
            raise RequestError("bad_request", "The machine has not been started: send `start`.")
        return self._session

    async def _usage_now(self, _args: dict[str, Any], _blob: bytes) -> Answer:
        return self._usage.now(), b""

    async def _shutdown(self, _args: dict[str, Any], _blob: bytes) -> Answer:
        return {}, b""

    # --- programs ------------------------------------------------------------------------------

    def _identity(self, user: str) -> tuple[Identity, dict[str, str], str]:
        if user == "user":
            session = self._need_session()
            return session.identity, dict(session.env), session.account.home
        if user == "root":
            env = {"PATH": _ROOT_PATH, "HOME": "/root", "USER": "root", "LOGNAME": "root"}
            if self._session is not None:
                env = dict(self._session.env) | env
            return ROOT, env, "/"
        raise RequestError("bad_request", f"`user` is {user!r}; it must be `user` or `root`.")

    async def _exec(self, args: dict[str, Any], _blob: bytes) -> Answer:
        identity, env, home = self._identity(str(args.get("user", "user")))
        spec = LaunchSpec(
            _argv(args), _environment(env, args), args.get("cwd") or home, identity,
            witnessed=False, label="setup",
        )  # fmt: skip
        _check_program(spec)
        stdin = str(args.get("stdin") or "").encode()
        timeout_s = float(args.get("timeout_s", 30.0))
        done = await self._processes.run(spec, stdin, timeout_s)
        if done.timed_out:
            raise RequestError(
                "timeout",
                f"exec: {spec.argv[0]} did not end within {timeout_s:g} s and was killed.",
            )
        return _said(done.status, done.stdout, done.stderr), b""

    async def _spawn(self, args: dict[str, Any], _blob: bytes) -> Answer:
        session = self._need_session()
        spec = LaunchSpec(
            _argv(args), _environment(session.env, args), args.get("cwd") or session.account.home,
            session.identity, by_host=True,
        )  # fmt: skip
        _check_program(spec)
        return {"pid": self._processes.start_silent(spec)}, b""

    async def _run_python(self, args: dict[str, Any], _blob: bytes) -> Answer:
        session = self._need_session()
        argv = ("/usr/bin/python3", "-")
        spec = LaunchSpec(argv, dict(session.env), session.account.home, session.identity)
        timeout_s = float(args.get("timeout_s", 30.0))
        done = await self._processes.run(spec, str(args["code"]).encode(), timeout_s)
        return _said(done.status, done.stdout, done.stderr) | {"timed_out": done.timed_out}, b""

    async def _processes_list(self, _args: dict[str, Any], _blob: bytes) -> Answer:
        return {"processes": procfs.list_processes()}, b""

    async def _tree_now(self, args: dict[str, Any], _blob: bytes) -> Answer:
        self._need_session()
        tree = await self._tree.tree(int(args.get("max_nodes", 2000)), str(args.get("app") or ""))
        return {}, tree

    # --- files ---------------------------------------------------------------------------------

    async def _untar(self, args: dict[str, Any], blob: bytes) -> Answer:
        owner = args.get("owner")
        numbers = {"root": (0, 0), None: None}
        if owner == "user":
            account = self._need_session().account
            numbers["user"] = (account.uid, account.gid)
        if owner not in numbers:
            raise RequestError("bad_request", f"untar: `owner` is {owner!r}.")
        await files.untar(blob, str(args["dest"]), numbers[owner])
        return {}, b""

    async def _read(self, args: dict[str, Any], _blob: bytes) -> Answer:
        state, data = files.read_regular(str(args["path"]), int(args.get("max_bytes", 1 << 20)))
        return {
            "size": state.st_size,
            "mode": state.st_mode & 0o7777,
            "uid": state.st_uid,
            "gid": state.st_gid,
            "truncated": state.st_size > len(data),
        }, data

    async def _listing(self, args: dict[str, Any], _blob: bytes) -> Answer:
        most = min(int(args.get("max_entries", 100_000)), _MAX_ENTRIES)
        roots = [str(root) for root in args["roots"]]
        return {}, await files.listing(roots, digest=bool(args.get("digest")), max_entries=most)


def _argv(args: dict[str, Any]) -> tuple[str, ...]:
    argv = args["argv"]
    if not isinstance(argv, list) or not argv:
        raise RequestError("bad_request", f"`argv` must be a list of texts, not {argv!r}.")
    return tuple(str(part) for part in argv)


def _environment(base: Any, args: dict[str, Any]) -> dict[str, str]:
    return dict(base) | {str(k): str(v) for k, v in (args.get("env") or {}).items()}


def _check_program(spec: LaunchSpec) -> None:
    name = spec.argv[0]
    path = os.path.join(spec.cwd, name) if "/" in name else name
    if not machine.program_exists(path, spec.env.get("PATH", _ROOT_PATH)):
        raise RequestError("not_found", f"No program {name!r} in {spec.env.get('PATH')}.")


def _said(status: int, stdout: bytes, stderr: bytes) -> dict[str, Any]:
    return {
        "status": status,
        "stdout": stdout.decode("utf-8", "replace"),
        "stderr": stderr.decode("utf-8", "replace"),
    }
