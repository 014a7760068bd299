"""User namespaces are for Chromium's sandbox; inside one, the dangerous calls stay denied."""

import platform

import pytest

from riosim_envs.slot import Slot

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64 system calls"),
]

_EPERM, _ENOSYS = 1, 38
_NEWUSER, _NEWNS, _NEWUTS, _NEWPID, _NEWNET = 1 << 28, 1 << 17, 1 << 26, 1 << 29, 1 << 30

# Makes a user namespace, becomes root in it, then makes one call; prints what errno came of it.
_TRY = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) for a in args))
    return 0 if result >= 0 else ctypes.get_errno()
print("namespace", call(272, {flags}))
path = ctypes.create_string_buffer(b"/tmp")
kind = ctypes.create_string_buffer(b"tmpfs")
memory = ctypes.create_string_buffer(4096)
P, K, M = (ctypes.addressof(one) for one in (path, kind, memory))
print("call", call({call}))
"""

_DENIED = {
    "mount": "165, K, P, K, 0, 0",
    "umount2": "166, P, 0",
    "pivot_root": "155, P, P",
    "setns": "308, 0, 0",
    "bpf": "321, 0, M, 48",
    "add_key": "248, K, P, M, 1, -3",
    "request_key": "249, K, P, 0, -3",
    "keyctl": "250, 0, -3, 1",
    "userfaultfd": "323, 1",
    "io_uring_setup": "425, 4, M",
    "io_uring_enter": "426, 0, 0, 0, 0, 0",
    "io_uring_register": "427, 0, 0, 0, 0",
    "perf_event_open": "298, M, 0, -1, -1, 0",
    "open_tree": "428, -100, P, 0",
    "move_mount": "429, -100, P, -100, P, 0",
    "fsopen": "430, K, 0",
    "fsconfig": "431, 0, 6, 0, 0, 0",
    "fsmount": "432, 0, 0, 0",
    "fspick": "433, -100, P, 0",
    "mount_setattr": "442, -100, P, 0, M, 32",
    "open_by_handle_at": "304, -100, M, 0",
    "kexec_load": "246, 0, 0, 0, 0",
    "init_module": "175, M, 1, P",
    "finit_module": "313, 0, P, 0",
    "delete_module": "176, P, 0",
    "reboot": "169, 0, 0, 0, 0",
    "swapon": "167, P, 0",
    "settimeofday": "164, 0, 0",
    "quotactl": "179, 0, 0, 0, 0",
    "acct": "163, P",
    "unshare of mounts": f"272, {_NEWNS}",
    "unshare of the host name": f"272, {_NEWUTS}",
}


def tried(slot: Slot, call: str, *, flags: int = _NEWUSER) -> tuple[int, int]:
    """Return the errno of making a namespace and of a call inside it, as `user`."""
    done = slot.desktop.exec("python3", "-c", _TRY.format(flags=flags, call=call))
    lines = dict(line.split() for line in done.stdout.splitlines())
    return int(lines["namespace"]), int(lines["call"])


@pytest.mark.parametrize("call", _DENIED.values(), ids=_DENIED.keys())
def test_a_dangerous_call_is_denied_inside_a_user_namespace(slot: Slot, call: str) -> None:
    namespace, errno = tried(slot, call)
    assert namespace == 0
    assert errno in (_EPERM, _ENOSYS)


def test_chromiums_namespaces_can_be_made(slot: Slot) -> None:
    namespace, getpid = tried(slot, "39", flags=_NEWUSER | _NEWPID | _NEWNET)
    assert (namespace, getpid) == (0, 0)


def test_flags_that_no_filter_sees_are_refused(slot: Slot) -> None:
    _, clone3 = tried(slot, "435, M, 88")
    assert clone3 == _ENOSYS


def test_a_new_network_namespace_leads_nowhere_either(slot: Slot) -> None:
    code = (
        "import ctypes, socket\n"
        f"print(ctypes.CDLL(None).unshare({_NEWUSER | _NEWNET}))\n"
        "try:\n"
        f"    socket.create_connection(('{slot.network.stage_ip}', 8080), 1.0)\n"
        "except OSError as exc:\n"
        "    print(exc.errno)\n"
    )
    made, errno = slot.desktop.exec("python3", "-c", code).stdout.split()
    assert made == "0"
    assert errno == "101"  # the network is unreachable
