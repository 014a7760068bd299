"""su, pkexec, passwd and crontab: what they do, in their own words."""

import getopt
import os
import shutil

import accounts
import procfs
from asking import (
    KEPT_VARIABLES,
    SECURE_PATH,
    Asker,
    Command,
    Credentials,
    Done,
    Talk,
    identity_of,
    one_password,
)

_USER_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
_CRONTABS = "/var/spool/cron/crontabs"
_MAX_CRONTAB_BYTES = 256 << 10


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
    if asker.account.uid != 0 and not await one_password(talk, "Password: ", target.name):
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
    return Command(argv, shell, env, target.home if login else asker.cwd, identity_of(target))


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
        if not talk.has_terminal or not await one_password(talk, "Password: ", who):
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
    env = {k: v for k, v in asker.env.items() if k in KEPT_VARIABLES}
    env |= {"PATH": SECURE_PATH, "HOME": target.home, "USER": target.name, "LOGNAME": target.name,
            "SHELL": target.shell, "PKEXEC_UID": str(asker.account.uid)}  # fmt: skip
    return Command((exe, *arguments[1:]), exe, env, target.home, identity_of(target))


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
        if not await one_password(talk, "Current password: ", name):
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
