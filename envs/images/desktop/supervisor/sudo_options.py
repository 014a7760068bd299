"""The command line of sudo."""

import getopt
from dataclasses import dataclass, field

_SHORT = "+ABbC:D:EeHhg:iKklnPp:R:r:SsT:t:U:u:Vv"
_LONG = {
    "askpass": "A", "background": "b", "close-from=": "C", "chdir=": "D", "edit": "e",
    "set-home": "H", "help": "h", "group=": "g", "login": "i", "remove-timestamp": "K",
    "reset-timestamp": "k", "list": "l", "non-interactive": "n", "preserve-groups": "P",
    "prompt=": "p", "stdin": "S", "shell": "s", "command-timeout=": "T", "other-user=": "U",
    "user=": "u", "version": "V", "validate": "v",
}  # fmt: skip

USAGE = """usage: sudo -h | -K | -k | -V
usage: sudo -v [-ABkNnS] [-g group] [-h host] [-p prompt] [-u user]
usage: sudo -l [-ABkNnS] [-g group] [-h host] [-p prompt] [-U user] [-u user] [command [arg ...]]
usage: sudo [-ABbEHkNnPS] [-C num] [-D directory] [-g group] [-h host] [-p prompt] [-R directory] \
[-T timeout] [-u user] [VAR=value] [-i | -s] [command [arg ...]]
usage: sudo -e [-ABkNnS] [-C num] [-D directory] [-g group] [-h host] [-p prompt] [-R directory] \
[-T timeout] [-u user] file ...
"""


class UsageError(Exception):
    """The command line is not one of sudo's; the text is what sudo says."""


@dataclass(frozen=True, slots=True)
class Options:
    """What sudo was asked."""

    flags: frozenset[str] = frozenset()
    user: str = "root"
    group: str = ""
    prompt: str = ""
    chdir: str = ""
    keep: frozenset[str] = frozenset()  # variables named by --preserve-env=
    assignments: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()

    def __contains__(self, flag: str) -> bool:
        return flag in self.flags

    @property
    def asks_for_shell(self) -> bool:
        """Whether a shell is wanted: -i or -s."""
        return "i" in self or "s" in self


def parse(arguments: list[str]) -> Options:
    """Read the arguments after `sudo`.

    Raises:
        UsageError: They make no sense.
    """
    longs = [*_LONG, "preserve-env"]
    rest, keep = _without_named_variables(arguments)
    try:
        found, command = getopt.getopt(rest, _SHORT, longs)
    except getopt.GetoptError as exc:
        raise UsageError(f"sudo: {_as_sudo_says(exc)}\n{USAGE}") from None
    by_long = {f"--{name.rstrip('=')}": letter for name, letter in _LONG.items()}
    values: dict[str, str] = {}
    for name, value in found:
        letter = "E" if name == "--preserve-env" else by_long.get(name, name[1:])
        values[letter] = value
    assignments: dict[str, str] = {}
    while command and "=" in command[0] and command[0].partition("=")[0].isidentifier():
        name, _, value = command.pop(0).partition("=")
        assignments[name] = value
    return Options(
        frozenset(values), values.get("u", "root"), values.get("g", ""), values.get("p", ""),
        values.get("D", ""), keep, assignments, tuple(command),
    )  # fmt: skip


def _without_named_variables(arguments: list[str]) -> tuple[list[str], frozenset[str]]:
    """Take out `--preserve-env=…`, whose value is optional: getopt has no such options."""
    keep: set[str] = set()
    rest = list(arguments)
    position = 0
    while position < len(rest) and rest[position].startswith("-") and rest[position] != "--":
        argument = rest[position]
        if argument.startswith("--preserve-env="):
            keep |= set(argument.partition("=")[2].split(","))
            del rest[position]
        else:
            position += 2 if len(argument) == 2 and f"{argument[1]}:" in _SHORT else 1
    return rest, frozenset(keep)


def _as_sudo_says(error: getopt.GetoptError) -> str:
    option = error.opt
    if "requires argument" in error.msg:
        return f"option requires an argument -- '{option}'"
    if len(option) > 1:
        return f"unrecognized option '--{option}'"
    return f"invalid option -- '{option}'"


def escape_for_shell(command: tuple[str, ...]) -> str:
    """Return a command as sudo -i and -s hand it to `shell -c`."""
    return " ".join(
        "".join(c if c.isalnum() or c in "_-$" else f"\\{c}" for c in word) for word in command
    )
