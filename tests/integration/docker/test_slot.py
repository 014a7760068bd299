"""Slots: what one is made of, and that nothing of it stays behind."""

import socket
from unittest import mock

import pytest

from riosim.errors import ProtocolError, SandboxError
from riosim_envs.engine import Engine
from riosim_envs.reach import HostListener, host_addresses, probe_from
from riosim_envs.slot import Slot
from tests.support.slots import counts, echo_settings, slot_of_echoes

pytestmark = pytest.mark.docker


def test_a_closed_slot_leaves_nothing_behind(engine: Engine) -> None:
    with slot_of_echoes(engine) as slot:
        run_id = slot.settings.run_id
        assert counts(engine, run_id) == (2, 1, 1)
        slot.close()
        slot.close()
        assert counts(engine, run_id) == (0, 0, 0)


def test_a_half_opened_slot_leaves_nothing_behind(engine: Engine) -> None:
    settings = echo_settings(desktop_image="riosim-dev/there-is-no-such-image:latest")
    with pytest.raises(SandboxError, match="there-is-no-such-image"):
        Slot.open(engine, settings)
    assert counts(engine, settings.run_id) == (0, 0, 0)


def test_a_guest_of_another_version_is_refused_and_removed(engine: Engine) -> None:
    settings = echo_settings()
    with mock.patch.object(Slot, "_start_stage", autospec=True) as start:
        start.side_effect = ProtocolError("speaks protocol 2")
        with pytest.raises(ProtocolError):
            Slot.open(engine, settings)
    assert counts(engine, settings.run_id) == (0, 0, 0)


def test_a_renewed_desktop_is_another_machine_on_the_same_stage(slot: Slot) -> None:
    stage, first = slot.stage.container_id, slot.desktop.container_id
    assert slot.desktop.exec("sh", "-c", "echo mark > /mark", user="root").status == 0
    slot.renew()
    assert slot.stage.container_id == stage
    assert slot.desktop.container_id != first
    assert slot.desktop.exec("cat", "/mark").status == 1
    assert slot.engine.inspect(first) is None


def test_two_slots_share_neither_subnet_nor_numeric_ids(engine: Engine, slot: Slot) -> None:
    with slot_of_echoes(engine) as other:
        assert other.network.subnet != slot.network.subnet
        assert abs(other.uid - slot.uid) >= 10


def test_the_desktop_sees_the_stages_sockets_and_cannot_write_there(slot: Slot) -> None:
    made = slot.stage.channel.request(
        "exec",
        {"argv": ["touch", "/tmp/.X11-unix/X0"], "user": "root", "cwd": "/", "timeout_s": 5},
    )
    assert made.ok["status"] == 0
    assert slot.desktop.exec("ls", "/tmp/.X11-unix").stdout == "X0\n"
    assert slot.desktop.exec("touch", "/tmp/.X11-unix/X1", user="root").status != 0


def test_the_stage_has_a_read_only_root_and_no_capability(slot: Slot) -> None:
    facts = slot.stage.channel.request("capabilities").ok
    assert {facts[name] for name in ("CapPrm", "CapEff", "CapBnd")} == {"0000000000000000"}
    inspected = engine_facts(slot, slot.stage.container_id)
    assert inspected["HostConfig"]["ReadonlyRootfs"] is True
    assert inspected["Config"]["User"] == "10001:10001"


def test_events_before_anybody_listens_are_kept_in_order(slot: Slot) -> None:
    slot.desktop.channel.request("emit", {"n": 5, "ack": True})
    while slot.desktop.channel.request("acks").ok["n"] < 5:
        pass
    heard: list[object] = []
    slot.inbox.listen(lambda source, event: heard.append((source, event["data"]["pid"])))
    assert heard == [("desktop", number) for number in range(5)]


def test_a_door_lets_the_host_in_and_the_desktop_nowhere(engine: Engine) -> None:
    serve = (
        "import os, socket\n"
        "listener = socket.create_server(('0.0.0.0', 8080))\n"
        "if os.fork() == 0:\n"
        "    for fd in (0, 1, 2): os.close(fd)\n"
        "    while True: listener.accept()\n"
    )
    with slot_of_echoes(engine) as slot:
        args = {"argv": ["python3", "-c", serve], "user": "root", "cwd": "/", "timeout_s": 10}
        assert slot.stage.channel.request("exec", args).ok["status"] == 0
        address = slot.open_door()
        assert slot.open_door() == address
        with socket.create_connection((address, 8080), timeout=5.0):
            pass
        with HostListener() as host:
            targets = [(one, host.port) for one in host_addresses()] + [(address, 8080)]
            assert probe_from(slot.desktop.exec, targets, user="root") == []
        slot.close()
        assert counts(engine, slot.settings.run_id) == (0, 0, 0)


def engine_facts(slot: Slot, container_id: str) -> dict[str, dict[str, object]]:
    found = slot.engine.inspect(container_id)
    assert found is not None
    return found
