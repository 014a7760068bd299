"""sudo: what it does, in its own words."""

import os
import shutil

import accounts
import sudo_options
from accounts import Account
from asking import (
    KEPT_VARIABLES,
    SECURE_PATH,
    Asker,
    Command,
    Credentials,
    Done,
    Talk,
    identity_of,
)

_TRIES = 3


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
    return Command(argv, exe, env, cwd, identity_of(target, options.group))


def _sudo_environment(
    asker: Asker, options: sudo_options.Options, target: Account
) -> dict[str, str]:
    if "E" in options and "i" not in options:
        env = dict(asker.env)
    else:
        kept = KEPT_VARIABLES | options.keep
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
