"""Who asks to become someone else, and what may come of it: shared by sudo and its relatives.

The programs in /usr/bin are thin: all is decided here, by who the kernel says is asking.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import accounts
import procfs
from accounts import Account
from launch import Identity

SECURE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CREDENTIAL_S = 15 * 60
KEPT_VARIABLES = frozenset(
    "COLORS DISPLAY HOSTNAME KRB5CCNAME LS_COLORS PS1 PS2 XAUTHORITY XAUTHORIZATION "
    "XDG_CURRENT_DESKTOP COLORTERM LANG LANGUAGE LINGUAS TERM TZ".split()
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, from where."""

    pid: int
    account: Account
    tool: str
    argv: tuple[str, ...]  # with the tool's name
    env: Mapping[str, str]
    cwd: str


@dataclass(frozen=True, slots=True)
class Command:
    """What may be run."""

    argv: tuple[str, ...]
    exe: str
    env: Mapping[str, str]
    cwd: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing is to be run; the tool ends so."""

    status: int


class Talk(Protocol):
    """The conversation with the tool that asks."""

    async def ask(self, prompt: str, *, from_stdin: bool = False) -> str | None:
        """Ask for a secret; None if it was not given."""

    async def read_input(self, most: int) -> str:
        """Return the tool's standard input."""

    async def say(self, text: str, *, to_stdout: bool = False) -> None:
        """Print a text."""

    async def report(self, *, granted: bool, guess: str | None = None) -> None:
        """Tell the host, and wait until it knows."""

    @property
    def has_terminal(self) -> bool:
        """Whether there is a terminal to ask on."""

    @property
    def witnessed(self) -> bool:
        """Whether the asker is under the witness; set-up is not."""


class Credentials:
    """Who gave a password lately, on which terminal."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._given: dict[tuple[int, int, int], float] = {}

    def _key(self, asker: Asker) -> tuple[int, int, int]:
        session, terminal = procfs.terminal_of(asker.pid)
        if terminal == 0:
            status = procfs.read_status(asker.pid)
            session = status.ppid if status is not None else -1
        return asker.account.uid, session, terminal

    def valid(self, asker: Asker) -> bool:
        """Whether no password need be asked."""
        given = self._given.get(self._key(asker))
        return given is not None and self._now() - given < _CREDENTIAL_S

    def give(self, asker: Asker) -> None:
        """Remember that the password was given now."""
        self._given[self._key(asker)] = self._now()

    def forget(self, asker: Asker, *, everywhere: bool = False) -> None:
        """Forget it on this terminal, or on all."""
        if everywhere:
            self._given = {k: t for k, t in self._given.items() if k[0] != asker.account.uid}
        self._given.pop(self._key(asker), None)


def digest_of(guess: str) -> dict[str, object]:
    """Return what is told about a wrong password."""
    return {"length": len(guess), "digest": hashlib.sha256(guess.encode()).hexdigest()}


def identity_of(target: Account, group: str = "") -> Identity:
    """Return an account's numbers, with another group where one is named."""
    gid = accounts.group_number(group) if group else None
    return Identity(target.uid, gid if gid is not None else target.gid, target.groups)


async def one_password(talk: Talk, prompt: str, name: str) -> bool:
    """Ask once for an account's password; a wrong one is told to the host."""
    guess = await talk.ask(prompt, from_stdin=not talk.has_terminal)
    if guess is not None and accounts.is_password(name, guess):
        return True
    await talk.report(granted=False, guess=guess)
    return False
