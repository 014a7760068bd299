"""What the desktop may do: Chromium's own sandbox works, what breaks out does not."""

import json

import pytest

from riosim.content import content_root
from tests.integration.image.conftest import Machine

pytestmark = pytest.mark.docker

# Each asks the kernel for something, in a user namespace of its own, and prints the error number.
_TRIES = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.unshare(0x10000000)
print("unshare_user", ctypes.get_errno())
CALLS = {
    "mount": (165, b"none", b"/tmp", b"tmpfs", 0, 0),
    "umount2": (166, b"/tmp", 0),
    "pivot_root": (155, b"/tmp", b"/tmp"),
    "setns": (308, 0, 0),
    "bpf": (321, 0, 0, 0),
    "keyctl": (250, 0, 0),
    "add_key": (248, b"user", b"a", b"b", 1, -3),
    "userfaultfd": (323, 0),
    "io_uring_setup": (425, 1, 0),
    "perf_event_open": (298, 0, 0, -1, -1, 0),
    "open_tree": (428, -100, b"/", 1),
    "fsopen": (430, b"tmpfs", 0),
    "move_mount": (429, -1, b"", -1, b"", 4),
    "kexec_load": (246, 0, 0, 0, 0),
    "init_module": (175, 0, 0, b""),
    "unshare_mounts": (272, 0x20000),
    "unshare_names": (272, 0x4000000),
    "clone3": (435, 0, 0),
    "reboot": (169, 0, 0, 0, 0),
}
for name, (number, *arguments) in CALLS.items():
    ctypes.set_errno(0)
    result = libc.syscall(number, *arguments)
    print(name, ctypes.get_errno() if result < 0 else "done")
"""
_EPERM, _ENOSYS = "1", "38"


@pytest.mark.parametrize("user", ["user", "root"])
def test_a_user_namespace_can_be_made_and_opens_nothing(shared_machine: Machine, user: str) -> None:
    _, output = shared_machine.run(f"python3 -c '{_TRIES}'", user=user)
    found = dict(line.split() for line in output.splitlines())
    assert found.pop("unshare_user") == "0", output
    assert found.pop("clone3") == _ENOSYS, output
    assert found == dict.fromkeys(found, _EPERM), output
    assert len(found) == 18


_RENDERERS = """
for folder in /proc/[0-9]*; do
    if tr '\\0' ' ' 2>/dev/null < $folder/cmdline | grep -q -- '--type=[r]enderer'; then
        cd $folder && echo $(readlink ns/user ns/pid ns/net) $(grep Seccomp: status)
    fi
done
"""


@pytest.mark.parametrize("browser", ["chromium", "code"])
def test_a_browser_shows_pages_in_a_sandbox_of_its_own(machine: Machine, browser: str) -> None:
    machine.start(browser)
    machine.wait(lambda: bool(machine.application_windows()), f"{browser}'s window")
    _, ours = machine.run("readlink /proc/self/ns/user /proc/self/ns/pid /proc/self/ns/net")
    found: list[list[str]] = []

    def a_renderer_runs() -> bool:
        found[:] = [line.split() for line in machine.run(_RENDERERS, user="root")[1].splitlines()]
        return bool(found)

    machine.wait(a_renderer_runs, "a renderer")
    for *spaces, word, mode in found:
        assert len(spaces) == 3
        assert not set(spaces) & set(ours.split()), "it shares a namespace with the session"
        assert (word, mode) == ("Seccomp:", "2")


def test_no_program_of_ours_starts_a_browser_with_its_sandbox_off() -> None:
    for path in sorted(content_root("images").rglob("*")):
        if path.is_file() and path.suffix not in {".png", ".pyc"}:
            assert "--no-sandbox" not in path.read_text(), path


def test_the_profile_is_an_allow_list_that_names_no_call_twice_in_vain() -> None:
    profile = json.loads((content_root("images") / "seccomp-desktop.json").read_text())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    plain = [
        name
        for rule in profile["syscalls"]
        if rule["action"] == "SCMP_ACT_ALLOW" and not rule.get("args")
        for name in rule["names"]
    ]
    assert sorted(set(plain)) == sorted(plain)
    assert {"seccomp", "ptrace", "chroot"} <= set(plain)
    assert not {"mount", "setns", "bpf", "keyctl", "userfaultfd", "clone3"} & set(plain)
