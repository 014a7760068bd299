"""The witness's filter, run through a small interpreter of its own."""

import struct

import pytest
import seccomp

NOTIFY, ALLOW = 0x7FC00000, 0x7FFF0000
X86, I386 = 0xC000003E, 0x40000003


def verdict(arch: int, nr: int, arg0: int = 0) -> int:
    words = {0: nr, 4: arch, 16: arg0 & 0xFFFFFFFF}
    program = [
        struct.unpack_from("HBBI", seccomp.FILTER, at) for at in range(0, len(seccomp.FILTER), 8)
    ]
    at, loaded = 0, 0
    while True:
        code, if_true, if_false, value = program[at]
        at += 1
        if code == 0x20:
            loaded = words[value]
        elif code == 0x15:
            at += if_true if loaded == value else if_false
        else:
            return int(value)


@pytest.mark.skipif(X86 not in seccomp.ABIS, reason="the filter is built for this machine")
@pytest.mark.parametrize(
    ("arch", "nr", "arg0", "wanted"),
    [
        (X86, 59, 0, NOTIFY), (X86, 322, 0, NOTIFY), (X86, 231, 0, NOTIFY),
        (X86, 0x40000000 | 520, 0, NOTIFY),
        (X86, 62, -1, NOTIFY), (X86, 62, 1234, ALLOW), (X86, 62, -77, ALLOW), (X86, 1, 0, ALLOW),
        (I386, 11, 0, NOTIFY), (I386, 37, -1, NOTIFY), (I386, 37, 5, ALLOW), (I386, 59, 0, ALLOW),
        (0xDEAD, 59, 0, ALLOW),
    ],
)  # fmt: skip
def test_exec_exit_and_the_kill_of_everything_are_asked_about(arch, nr, arg0, wanted):
    assert verdict(arch, nr, arg0) == wanted
