"""Making the machine this episode's: its user and home, its name, its resolver, whom it trusts."""

import asyncio
import base64
import contextlib
import json
import os
import shutil

import accounts
import files

_HOME_ARCHIVE = "/usr/lib/deskd/home.tar"
_CERTIFICATE = "/usr/local/share/ca-certificates/network-ca.crt"
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
_CHROMIUM_POLICY = "/etc/chromium/policies/managed/local-ca.json"
_THUNDERBIRD_POLICIES = (
    "/etc/thunderbird/policies/policies.json",
    "/usr/lib/thunderbird/distribution/policies.json",
)
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def _write(path: str, text: str, *, append: bool = False) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a" if append else "w", encoding="utf-8") as file:
        file.write(text)


async def prepare_home(account: accounts.Account) -> None:
    """Unpack the prepared home for this account's numbers."""
    owner = (account.uid, account.gid)
    os.makedirs(account.home, exist_ok=True)
    os.chown(account.home, *owner)
    os.chmod(account.home, 0o750)
    if os.path.exists(_HOME_ARCHIVE):
        with open(_HOME_ARCHIVE, "rb") as file:
            await files.untar(file.read(), account.home, owner)
    runtime = f"/run/user/{account.uid}"
    os.makedirs(runtime, exist_ok=True)
    os.chown(runtime, *owner)
    os.chmod(runtime, 0o700)


def set_name(hostname: str) -> None:
    """Write the machine's name where programs look it up."""
    _write("/etc/hostname", f"{hostname}\n")
    _write(
        "/etc/hosts",
        f"127.0.0.1\tlocalhost\n127.0.1.1\t{hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n",
    )


def set_resolver(address: str) -> None:
    """Ask this server for names, and no other."""
    _write("/etc/resolv.conf", f"nameserver {address}\noptions timeout:2 attempts:1\n")


def trust(pem: str) -> None:
    """Trust this authority: system store, Chromium, Thunderbird, Node.

    Raises:
        ValueError: There is no certificate in the text.
    """
    start, end = pem.find(_BEGIN), pem.find(_END)
    if start < 0 or end < start:
        raise ValueError(f"The certificate is not PEM; it begins with {pem[:40]!r}.")
    block = f"{pem[start : end + len(_END)]}\n"
    base64_der = "".join(pem[start + len(_BEGIN) : end].split())
    base64.b64decode(base64_der, validate=True)
    _write(_CERTIFICATE, block)
    _write(_BUNDLE, block, append=True)
    _write(_CHROMIUM_POLICY, json.dumps({"CACertificates": [base64_der]}))
    existing = [path for path in _THUNDERBIRD_POLICIES if os.path.exists(path)]
    for path in existing or _THUNDERBIRD_POLICIES[:1]:
        _add_to_thunderbird(path)
    _write("/etc/environment", f"NODE_EXTRA_CA_CERTS={_CERTIFICATE}\n", append=True)


def _add_to_thunderbird(path: str) -> None:
    document: dict[str, dict[str, object]] = {}
    with contextlib.suppress(OSError, ValueError), open(path, encoding="utf-8") as file:
        document = json.load(file)
    policies = document.setdefault("policies", {})
    policies["Certificates"] = {"ImportEnterpriseRoots": True, "Install": [_CERTIFICATE]}
    _write(path, json.dumps(document, indent=2))


def environment(account: accounts.Account, display: str) -> dict[str, str]:
    """Return the variables of the session."""
    runtime = f"/run/user/{account.uid}"
    env = {
        "HOME": account.home,
        "USER": account.name,
        "LOGNAME": account.name,
        "SHELL": account.shell,
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "DISPLAY": display,
        "XDG_RUNTIME_DIR": runtime,
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
        "XDG_CURRENT_DESKTOP": "XFCE",
        "XDG_SESSION_DESKTOP": "xfce",
        "DESKTOP_SESSION": "xfce",
        "XDG_SESSION_TYPE": "x11",
        "XDG_CONFIG_DIRS": "/etc/xdg",
        "XDG_DATA_DIRS": "/usr/local/share:/usr/share",
        "GDK_BACKEND": "x11",
        "QT_X11_NO_MITSHM": "1",
        "GNOME_ACCESSIBILITY": "1",
        "ACCESSIBILITY_ENABLED": "1",
        "QT_ACCESSIBILITY": "1",
        "NODE_EXTRA_CA_CERTS": _CERTIFICATE,
        "XFCE_PANEL_MIGRATE_DEFAULT": "1",
    }
    if "TZ" in os.environ:
        env["TZ"] = os.environ["TZ"]
    return env


def program_exists(name: str, path: str) -> bool:
    """Whether a program of this name is found."""
    return shutil.which(name, path=path) is not None


async def wait_for_file(path: str, timeout_s: float) -> None:
    """Wait until something is at this path.

    Raises:
        TimeoutError: It did not appear.
    """
    loop = asyncio.get_running_loop()
    limit = loop.time() + timeout_s
    while not os.path.exists(path):
        if loop.time() > limit:
            raise TimeoutError(f"{path} did not appear within {timeout_s:g} s.")
        await asyncio.sleep(0.004)
