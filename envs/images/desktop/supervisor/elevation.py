"""sudo, su, pkexec and passwd: who may become whom, and with what environment.

The programs in /usr/bin are thin: all is decided here, by who the kernel says is asking.
"""

import getopt
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import accounts
import procfs
import sudo_options
from accounts import Account
from launch import Identity

SECURE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_USER_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
_CREDENTIAL_S = 15 * 60
_TRIES = 3
_CRONTABS = "/var/spool/cron/crontabs"
_MAX_CRONTAB_BYTES = 256 << 10
_KEPT = frozenset(
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


async def sudo(asker: Asker, talk: Talk, credentials: Credentials) -> Command | Done:
    """Decide what sudo does."""
    try:
        options = sudo_options.parse(list(asker.argv[1:]))
    except sudo_options.UsageError as exc:
        await talk.say(str(exc))
        return Done(1)
    early = await _sudo_without_password(asker, talk, credentials, options)
    if early is not None:
        return early
    target = accounts.by_name(options.user)
    if target is None:
        text = f"sudo: unknown user {options.user}\nsudo: error initializing audit plugin\n"
        await talk.say(text)
        return Done(1)
    if not await _authenticate(asker, talk, credentials, options):
        return Done(1)
    if "l" in options:
        await talk.say(_privileges(asker.account), to_stdout=True)
        return Done(0)
    if "v" in options:
        return Done(0)
    return await _sudo_command(asker, talk, options, target)


async def _sudo_without_password(
    asker: Asker, talk: Talk, credentials: Credentials, options: sudo_options.Options
) -> Done | None:
    """Do what needs no password; None if there is more to do."""
    if "V" in options:
        await talk.say("Sudo version 1.9.13p3\nSudoers policy plugin version 1.9.13p3\n"
                       "Sudoers file grammar version 50\nSudoers I/O plugin version 1.9.13p3\n",
                       to_stdout=True)  # fmt: skip
        return Done(0)
    if "h" in options:
        await talk.say(f"sudo - execute a command as another user\n\n{sudo_options.USAGE}",
                       to_stdout=True)  # fmt: skip
        return Done(0)
    works = bool(options.command) or options.asks_for_shell or "l" in options or "v" in options
    if "K" in options or ("k" in options and not works):
        credentials.forget(asker, everywhere="K" in options)
        return Done(0)
    if not works or "e" in options:
        await talk.say(sudo_options.USAGE)
        return Done(1)
    return None


async def _authenticate(
    asker: Asker, talk: Talk, credentials: Credentials, options: sudo_options.Options
) -> bool:
    account = asker.account
    if account.uid == 0:
        await talk.report(granted=True)
        return True
    fresh = credentials.valid(asker) and "k" not in options
    if not fresh:
        if "n" in options:
            await talk.report(granted=False)
            await talk.say("sudo: a password is required\n")
            return False
        if not await _ask_password(asker, talk, options):
            return False
    if not accounts.is_administrator(account):
        await talk.report(granted=False)
        await talk.say(f"{account.name} is not in the sudoers file.\n")
        return False
    if "k" not in options:
        credentials.give(asker)
    await talk.report(granted=True)
    return True


async def _ask_password(asker: Asker, talk: Talk, options: sudo_options.Options) -> bool:
    prompt = options.prompt or f"[sudo] password for {asker.account.name}: "
    prompt = prompt.replace("%u", asker.account.name).replace("%p", asker.account.name)
    if not talk.has_terminal and "S" not in options:
        await talk.report(granted=False)
        await talk.say(
            "sudo: a terminal is required to read the password; either use the -S option to read "
            "from standard input or configure an askpass helper\nsudo: a password is required\n"
        )
        return False
    for wrong in range(_TRIES):
        guess = await talk.ask(prompt, from_stdin="S" in options)
        if guess is None:
            await talk.say("\n" if wrong == 0 else "")
            await talk.say(_gave_up(wrong))
            return False
        if accounts.is_password(asker.account.name, guess):
            return True
        await talk.report(granted=False, guess=guess)
        if wrong + 1 < _TRIES:
            await talk.say("Sorry, try again.\n")
    await talk.say(_gave_up(_TRIES))
    return False


def _gave_up(wrong: int) -> str:
    if wrong == 0:
        return "sudo: a password is required\n"
    return f"sudo: {wrong} incorrect password attempt{'s' if wrong > 1 else ''}\n"


def _privileges(account: Account) -> str:
    host = os.uname().nodename
    escaped = SECURE_PATH.replace(":", "\\:")
    return (
        f"Matching Defaults entries for {account.name} on {host}:\n"
        f"    env_reset, mail_badpass,\n    secure_path={escaped},\n    use_pty\n\n"
        f"User {account.name} may run the following commands on {host}:\n    (ALL : ALL) ALL\n"
    )


async def _sudo_command(
    asker: Asker, talk: Talk, options: sudo_options.Options, target: Account
) -> Command | Done:
    env = _sudo_environment(asker, options, target)
    cwd = options.chdir or asker.cwd
    argv = options.command
    if options.asks_for_shell:
        login = "i" in options
        shell = target.shell if login else asker.env.get("SHELL") or asker.account.shell
        name = os.path.basename(shell)
        if login:
            cwd = options.chdir or target.home
            env |= {"HOME": target.home, "SHELL": shell}
        arguments = ("-c", sudo_options.escape_for_shell(argv)) if argv else ()
        argv, exe = (f"-{name}" if login else shell, *arguments), shell
    else:
        found = shutil.which(argv[0] if "/" not in argv[0] else os.path.join(cwd, argv[0]),
                             path=SECURE_PATH)  # fmt: skip
        if found is None:
            await talk.say(f"sudo: {argv[0]}: command not found\n")
            return Done(1)
        exe = found
    env["SUDO_COMMAND"] = " ".join((exe, *argv[1:]))
    return Command(argv, exe, env, cwd, _identity(target, options.group))


def _identity(target: Account, group: str = "") -> Identity:
    gid = accounts.group_number(group) if group else None
    return Identity(target.uid, gid if gid is not None else target.gid, target.groups)


def _sudo_environment(
    asker: Asker, options: sudo_options.Options, target: Account
) -> dict[str, str]:
    if "E" in options and "i" not in options:
        env = dict(asker.env)
    else:
        kept = _KEPT | options.keep
        env = {k: v for k, v in asker.env.items() if k in kept or k.startswith("LC_")}
        env |= {"HOME": target.home, "SHELL": target.shell, "MAIL": f"/var/mail/{target.name}"}
    return env | {
        "PATH": SECURE_PATH,
        "LOGNAME": target.name,
        "USER": target.name,
        "SUDO_USER": asker.account.name,
        "SUDO_UID": str(asker.account.uid),
        "SUDO_GID": str(asker.account.gid),
    } | options.assignments  # fmt: skip


async def su(asker: Asker, talk: Talk, _credentials: Credentials) -> Command | Done:
    """Decide what su does."""
    wanted = _parse_su(asker.argv[1:])
    if wanted is None:
        await talk.say("Try 'su --help' for more information.\n")
        return Done(1)
    login, preserve, command, shell, name, rest = wanted
    target = accounts.by_name(name)
    if target is None:
        await talk.say(f"su: user {name} does not exist or the user entry does not contain all "
                       "the required fields\n")  # fmt: skip
        return Done(1)
    if asker.account.uid != 0 and not await _one_password(talk, "Password: ", target.name):
        await talk.say("su: Authentication failure\n")
        return Done(1)
    await talk.report(granted=True)
    shell = shell or target.shell
    path = SECURE_PATH if target.uid == 0 else _USER_PATH
    if login:
        env = {k: asker.env[k] for k in ("TERM", "COLORTERM", "DISPLAY") if k in asker.env}
        env |= {"PATH": path, "MAIL": f"/var/mail/{target.name}"}
    else:
        env = dict(asker.env)
    if not preserve:
        env |= {"HOME": target.home, "SHELL": shell, "USER": target.name, "LOGNAME": target.name}
        env["PATH"] = path
    base = os.path.basename(shell)
    arguments = (*(("-c", command) if command else ()), *rest)
    argv = (f"-{base}" if login else base, *arguments)
    return Command(argv, shell, env, target.home if login else asker.cwd, _identity(target))


def _parse_su(
    arguments: tuple[str, ...],
) -> tuple[bool, bool, str, str, str, tuple[str, ...]] | None:
    """Return (login, preserve, command, shell, user, further arguments)."""
    try:
        found, rest = getopt.gnu_getopt(
            list(arguments), "lmpc:s:fP",
            ["login", "preserve-environment", "command=", "shell=", "pty", "fast"],
        )  # fmt: skip
    except getopt.GetoptError:
        return None
    given = dict(found)
    login = "-l" in given or "--login" in given
    if rest and rest[0] == "-":
        login, rest = True, rest[1:]
    preserve = not {"-m", "-p", "--preserve-environment"}.isdisjoint(given) and not login
    command = given.get("-c", given.get("--command", ""))
    shell = given.get("-s", given.get("--shell", ""))
    return login, preserve, command, shell, rest[0] if rest else "root", tuple(rest[1:])


async def pkexec(asker: Asker, talk: Talk, _credentials: Credentials) -> Command | Done:
    """Decide what pkexec does; without an agent on the desktop it asks on the terminal."""
    arguments = list(asker.argv[1:])
    name = "root"
    if len(arguments) > 1 and arguments[0] == "--user":
        name, arguments = arguments[1], arguments[2:]
    target = accounts.by_name(name)
    exe = shutil.which(arguments[0], path=SECURE_PATH) if arguments else None
    if target is None or exe is None:
        shown = arguments[0] if arguments else "--user"
        await talk.say(f"Cannot run program {shown}: No such file or directory\n")
        return Done(127)
    if asker.account.uid != 0:
        who = asker.account.name
        await talk.say(
            "==== AUTHENTICATING FOR org.freedesktop.policykit.exec ====\n"
            f"Authentication is needed to run `{exe}' as the super user\nAuthenticating as: {who}\n"
        )
        if not talk.has_terminal or not await _one_password(talk, "Password: ", who):
            await talk.say(
                "==== AUTHENTICATION FAILED ====\nError executing command as another user: "
                "Not authorized\n\nThis incident has been reported.\n"
            )
            return Done(127)
        await talk.say("==== AUTHENTICATION COMPLETE ====\n")
    if asker.account.uid != 0 and not accounts.is_administrator(asker.account):
        await talk.report(granted=False)
        return Done(126)
    await talk.report(granted=True)
    env = {k: v for k, v in asker.env.items() if k in _KEPT}
    env |= {"PATH": SECURE_PATH, "HOME": target.home, "USER": target.name, "LOGNAME": target.name,
            "SHELL": target.shell, "PKEXEC_UID": str(asker.account.uid)}  # fmt: skip
    return Command((exe, *arguments[1:]), exe, env, target.home, _identity(target))


async def _one_password(talk: Talk, prompt: str, name: str) -> bool:
    guess = await talk.ask(prompt, from_stdin=not talk.has_terminal)
    if guess is not None and accounts.is_password(name, guess):
        return True
    await talk.report(granted=False, guess=guess)
    return False


async def passwd(asker: Asker, talk: Talk, _credentials: Credentials) -> Command | Done:
    """Change a password."""
    names = [part for part in asker.argv[1:] if not part.startswith("-")]
    name = names[0] if names else asker.account.name
    target = accounts.by_name(name)
    if target is None:
        await talk.say(f"passwd: user '{name}' does not exist\n")
        return Done(1)
    if asker.account.uid not in (0, target.uid):
        await talk.report(granted=False)
        await talk.say(f"passwd: You may not view or modify password information for {name}.\n")
        return Done(1)
    stdin = not talk.has_terminal
    if asker.account.uid != 0:
        await talk.say(f"Changing password for {name}.\n")
        if not await _one_password(talk, "Current password: ", name):
            await talk.say("passwd: Authentication token manipulation error\n"
                           "passwd: password unchanged\n")  # fmt: skip
            return Done(10)
    first = await talk.ask("New password: ", from_stdin=stdin)
    second = await talk.ask("Retype new password: ", from_stdin=stdin)
    if first is None or not first or first != second:
        reason = "Sorry, passwords do not match.\n" if first != second else "No password supplied\n"
        await talk.say(f"{reason}passwd: Authentication token manipulation error\n"
                       "passwd: password unchanged\n")  # fmt: skip
        return Done(10)
    await talk.report(granted=True)
    accounts.set_password(name, first)
    await talk.say("passwd: password updated successfully\n")
    return Done(0)


async def crontab(asker: Asker, talk: Talk, _credentials: Credentials) -> Command | Done:
    """List, replace or remove a user's jobs."""
    try:
        found, rest = getopt.gnu_getopt(list(asker.argv[1:]), "u:lri")
    except getopt.GetoptError as exc:
        await talk.say(f"crontab: {exc.msg}\n")
        return Done(1)
    options = dict(found)
    name = options.get("-u", asker.account.name)
    if accounts.by_name(name) is None:
        await talk.say(f"crontab:  user `{name}' unknown\n")
        return Done(1)
    if asker.account.uid != 0 and name != asker.account.name:
        await talk.say("must be privileged to use -u\n")
        return Done(1)
    path = f"{_CRONTABS}/{name}"
    if "-l" in options or "-r" in options:
        if not os.path.exists(path):
            await talk.say(f"no crontab for {name}\n")
            return Done(1)
        if "-l" in options:
            jobs = procfs.read_bytes(path).decode("utf-8", "replace")
            await talk.say(jobs, to_stdout=True)
        else:
            os.unlink(path)
        return Done(0)
    if rest not in ([], ["-"]):
        await talk.say("crontab: usage error: file name or - (for stdin) must be specified\n")
        return Done(1)
    jobs = await talk.read_input(_MAX_CRONTAB_BYTES)
    os.makedirs(_CRONTABS, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(jobs)
    os.chmod(path, 0o600)
    return Done(0)


TOOLS = {"sudo": sudo, "su": su, "pkexec": pkexec, "passwd": passwd, "crontab": crontab}
