"""Each limit is met on purpose: what the host then knows, and whom it blames."""

import threading
from typing import Any

import pytest

from riosim.errors import SandboxError
from riosim.evidence.event import EventDraft
from riosim_envs.budget import BudgetWatch
from riosim_envs.cgroup import limit_hits
from riosim_envs.engine import Engine
from riosim_envs.limits import desktop_limits
from riosim_envs.loss import diagnose
from riosim_envs.postmortem import (
    changes_from_engine,
    listing_from_engine,
    read_file_from_engine,
)
from riosim_envs.slot import Slot
from tests.support.slots import slot_of_echoes

pytestmark = pytest.mark.docker

_MIB = 2**20
_STARTED = EventDraft(
    "exec.started",
    "agent",
    {"pid": 9, "ppid": 1, "uid": 20000, "cwd": "/", "argv": ["python3"], "exe": "/usr/bin/python3"},
)


def test_a_full_disk_budget_is_told_once_with_figures(engine: Engine) -> None:
    with slot_of_echoes(engine, desktop_limits=desktop_limits(disk_bytes=8 * _MIB)) as slot:
        told: list[tuple[str, dict[str, Any]]] = []
        enough = threading.Event()

        def on_limit(which: str, figures: dict[str, Any]) -> None:
            told.append((which, figures))
            enough.set()

        watch = BudgetWatch(slot.desktop, on_limit=on_limit, interval_s=0.05)
        try:
            watch.look()
            assert told == []
            slot.desktop.exec(
                "sh", "-c", "for n in 1 2; do head -c 5M /dev/zero > /root/$n; done", user="root"
            )
            assert enough.wait(10.0)
            watch.look()
        finally:
            watch.close()
        assert [which for which, _ in told] == ["disk"]
        assert told[0][1]["used_bytes"] > 8 * _MIB


def test_no_file_grows_beyond_its_limit(engine: Engine) -> None:
    with slot_of_echoes(engine, desktop_limits=desktop_limits(disk_bytes=8 * _MIB)) as slot:
        done = slot.desktop.exec(
            "sh", "-c", "head -c 20M /dev/zero > /root/big; wc -c < /root/big", user="root"
        )
        assert int(done.stdout) == 8 * _MIB


def test_a_process_bomb_meets_its_limit_and_the_guest_still_answers(engine: Engine) -> None:
    with slot_of_echoes(engine, desktop_limits=desktop_limits(pids=64)) as slot:
        before = limit_hits(engine, slot.desktop.container_id)
        bomb = "for n in $(seq 200); do sleep 60 >/dev/null 2>&1 & done"
        done = slot.desktop.exec("sh", "-c", bomb)
        assert before.pids == 0
        assert limit_hits(engine, slot.desktop.container_id).pids > 0
        assert slot.desktop.channel.request("echo", {"a": 1}).ok == {"a": 1}
        assert done.status in (0, 2)
        assert slot.stage.channel.request("echo", {"a": 1}).ok == {"a": 1}


def test_memory_beyond_the_limit_ends_the_desktop_and_is_blamed_by_evidence(
    engine: Engine,
) -> None:
    with slot_of_echoes(engine, desktop_limits=desktop_limits(memory_bytes=64 * _MIB)) as slot:
        desktop = slot.desktop
        with pytest.raises(SandboxError):
            desktop.channel.request("eat", timeout_s=60.0)
        assert desktop.channel.wait_lost(10.0)
        assert diagnose(desktop, [_STARTED]).by_agent
        blameless = diagnose(desktop, [])
        assert blameless.reason == "out_of_memory"
        assert not blameless.by_agent
        assert slot.stage.channel.request("echo", {"a": 1}).ok == {"a": 1}


def test_one_desktop_cannot_use_up_its_neighbours_inotify_instances(
    engine: Engine, slot: Slot
) -> None:
    count = (
        "import ctypes, os, sys\n"
        "os.setuid(int(sys.argv[1]))\n"
        "libc = ctypes.CDLL(None)\n"
        "n = 0\n"
        "while n < 5000 and libc.inotify_init1(0) >= 0: n += 1\n"
        "print(n, flush=True)\n"
    )
    hog = count + "os.close(1); os.close(2); os.read(0, 1)\n"
    with slot_of_echoes(engine) as other:
        script = 'mkfifo /root/never; python3 -c "$0" "$1" 0<>/root/never & '
        taken = slot.desktop.exec("sh", "-c", script, hog, str(slot.uid), user="root")
        left = other.desktop.exec("python3", "-c", count, str(other.uid), user="root")
        assert int(taken.stdout) > 0
        assert int(left.stdout) >= int(taken.stdout)
        mine = slot.desktop.exec("python3", "-c", count, str(slot.uid), user="root")
        assert int(mine.stdout) == 0  # they are still taken


def test_a_dead_desktop_is_still_read_through_the_engine(slot: Slot) -> None:
    desktop = slot.desktop
    desktop.exec(
        "sh",
        "-c",
        "mkdir -p /home/u/d && printf abc > /home/u/d/f && ln -s f /home/u/d/l",
        user="root",
    )
    desktop.exec("rm", "-rf", "/usr/share/doc", user="root")
    with pytest.raises(SandboxError):
        desktop.channel.request("exit", {"status": 1})
    file = read_file_from_engine(slot.engine, desktop.container_id, "/home/u/d/f", max_bytes=2)
    assert file is not None
    assert (file.data, file.size, file.truncated) == (b"ab", 3, True)
    assert read_file_from_engine(slot.engine, desktop.container_id, "/home/u/none") is None
    assert read_file_from_engine(slot.engine, desktop.container_id, "/home/u/d") is None
    listing = listing_from_engine(slot.engine, desktop.container_id, ["/home/u", "/nowhere"])
    assert listing.complete
    assert [entry["path"] for entry in listing.entries] == [
        "/home/u",
        "/home/u/d",
        "/home/u/d/f",
        "/home/u/d/l",
    ]
    assert listing.entries[2]["digest"].startswith("ba7816bf")
    assert listing.entries[3]["target"] == "f"
    assert not listing_from_engine(
        slot.engine, desktop.container_id, ["/home/u"], max_entries=2
    ).complete
    changes = {
        change.path: change.how for change in changes_from_engine(slot.engine, desktop.container_id)
    }
    assert changes["/home/u/d/f"] == "added"
    assert changes["/usr/share/doc"] == "deleted"
