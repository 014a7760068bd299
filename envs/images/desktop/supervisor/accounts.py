"""The machine's accounts: /etc/passwd, group and shadow, written in place; passwords."""

import contextlib
import crypt  # libcrypt, the same hashes as Debian's own tools
import hmac
import os
import secrets
from dataclasses import dataclass

USER = "user"
_CHANGE_DATE = "19700"  # days; the seed's clock is not known here
_LOCKED = ("", "*", "!", "!!")


@dataclass(frozen=True, slots=True)
class Account:
    """One line of /etc/passwd, and the groups it is in."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    groups: tuple[int, ...] = ()


def _lines(path: str) -> list[list[str]]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return [line.rstrip("\n").split(":") for line in file if ":" in line]
    except OSError:
        return []


def _write(path: str, rows: list[list[str]], mode: int) -> None:
    """Write in place: some of these files are mounts that cannot be replaced."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, mode)
    with os.fdopen(fd, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.truncate(0)
        file.writelines(":".join(row) + "\n" for row in rows)


def all_accounts() -> list[Account]:
    """Return every account, in the file's order."""
    groups = [row for row in _lines("/etc/group") if len(row) >= 4 and row[2].isdigit()]
    found = []
    for row in _lines("/etc/passwd"):
        if len(row) < 7 or not row[2].isdigit() or not row[3].isdigit():
            continue
        others = tuple(int(g[2]) for g in groups if row[0] in g[3].split(","))
        own = int(row[3])
        found.append(Account(row[0], int(row[2]), own, row[5], row[6], (own, *others)))
    return found


def by_name(name: str) -> Account | None:
    """Return the account of this name, or of this number written `#1000`."""
    if name.startswith("#") and name[1:].isdigit():
        return by_uid(int(name[1:]))
    return next((a for a in all_accounts() if a.name == name), None)


def by_uid(uid: int) -> Account | None:
    """Return the first account with this number."""
    return next((a for a in all_accounts() if a.uid == uid), None)


def group_number(name: str) -> int | None:
    """Return the number of a group."""
    for row in _lines("/etc/group"):
        if len(row) >= 3 and row[0] == name and row[2].isdigit():
            return int(row[2])
    return None


def is_administrator(account: Account) -> bool:
    """Whether the account may use sudo: it is in the group `sudo`, or it is root."""
    return account.uid == 0 or group_number("sudo") in account.groups


def prepare_user(uid: int, gid: int, password: str) -> Account:
    """Give `user` this slot's numbers, its password and its groups; makes what is missing."""
    passwd = [row for row in _lines("/etc/passwd") if row[0] != USER]
    passwd.append([USER, "x", str(uid), str(gid), "User,,,", f"/home/{USER}", "/bin/bash"])
    _write("/etc/passwd", passwd, 0o644)
    group = [row for row in _lines("/etc/group") if row[0] != USER]
    group.append([USER, "x", str(gid), ""])
    if not any(row[0] == "sudo" for row in group):
        group.append(["sudo", "x", "27", ""])
    for row in group:
        if row[0] == "sudo" and USER not in row[3].split(","):
            row[3] = ",".join(filter(None, [*row[3].split(","), USER]))
    _write("/etc/group", group, 0o644)
    set_password(USER, password)
    account = by_name(USER)
    if account is None:
        raise OSError("The account of `user` cannot be read back from /etc/passwd.")
    return account


def set_password(name: str, password: str) -> None:
    """Store the hash of a password."""
    salt = "$6$rounds=1000$" + secrets.token_urlsafe(9).replace("-", ".").replace("_", "/")
    hashed = crypt.crypt(password, salt)
    rows = [row for row in _lines("/etc/shadow") if row[0] != name]
    rows.append([name, hashed, _CHANGE_DATE, "0", "99999", "7", "", "", ""])
    _write("/etc/shadow", rows, 0o640)


def is_password(name: str, guess: str) -> bool:
    """Whether this is the account's password; never for a locked one."""
    stored = next((row[1] for row in _lines("/etc/shadow") if row[0] == name and len(row) > 1), "")
    if stored in _LOCKED or stored.startswith("!"):
        return False
    with contextlib.suppress(OSError, ValueError):
        return hmac.compare_digest(crypt.crypt(guess, stored), stored)
    return False
