"""From a desktop, as `user` and as root, nothing can be reached but its own stage."""

import json

import pytest

from riosim_envs.engine import Engine
from riosim_envs.reach import HostListener, host_addresses, host_reachability, probe_from
from riosim_envs.slot import Slot
from tests.support.echo_image import echo_image
from tests.support.slots import ANSWERING, serve_on, slot_of_echoes

pytestmark = pytest.mark.docker

METADATA = "169.254.169.254"


@pytest.mark.parametrize("user", ["user", "root"])
def test_no_address_of_the_host_answers(slot: Slot, user: str) -> None:
    with HostListener() as host:
        addresses = [*host_addresses(), slot.network.bridge_ip, METADATA]
        assert len(addresses) >= 4
        targets = [(address, host.port) for address in addresses] + [(METADATA, 80)]
        assert probe_from(slot.desktop.exec, targets, user=user) == []
        assert host.n_visits == 0


def test_the_probe_sees_what_can_be_reached(slot: Slot) -> None:
    serve_on(slot.stage, ANSWERING)
    reached = probe_from(slot.desktop.exec, [(slot.network.stage_ip, 8080)])
    assert [one.host for one in reached] == [slot.network.stage_ip]


def test_other_slots_do_not_answer(engine: Engine, slot: Slot) -> None:
    with slot_of_echoes(engine) as other:
        serve_on(other.stage, ANSWERING)
        serve_on(other.desktop, ANSWERING)
        targets = [(other.network.stage_ip, 8080), (other.network.desktop_ip, 8080)]
        assert probe_from(slot.desktop.exec, targets, user="root") == []


def test_the_doctors_probe_finds_nothing(engine: Engine) -> None:
    assert host_reachability(engine, echo_image(), run_id="test-doctor") == []


def test_a_stage_reaches_the_host_no_more_than_its_desktop(slot: Slot) -> None:
    with HostListener() as host:
        targets = [(address, host.port) for address in host_addresses()]
        assert probe_from(_exec_on_stage(slot), targets) == []
        assert host.n_visits == 0


def _exec_on_stage(slot: Slot):
    def run(*argv: str):
        args = {"argv": list(argv), "user": "root", "cwd": "/", "timeout_s": 30}
        ok = slot.stage.channel.request("exec", args).ok
        return type("Done", (), ok)

    return run


def test_there_is_no_ipv6_at_all(slot: Slot) -> None:
    assert slot.desktop.exec("cat", "/proc/net/if_inet6").stdout == ""


def test_the_engines_resolver_can_ask_nobody_but_the_stage(slot: Slot) -> None:
    inspected = slot.engine.inspect(slot.desktop.container_id)
    assert inspected is not None
    assert inspected["HostConfig"]["Dns"] == [slot.network.stage_ip]
    ask = (
        "import socket\n"
        "query = b'\\x12\\x34\\x01\\0\\0\\1\\0\\0\\0\\0\\0\\0\\7example\\3com\\0\\0\\1\\0\\1'\n"
        "sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "sock.settimeout(4.0)\n"
        "sock.sendto(query, ('127.0.0.11', 53))\n"
        "try:\n"
        "    answer = sock.recv(512)\n"
        "    print(int.from_bytes(answer[6:8], 'big'))\n"
        "except OSError:\n"
        "    print(0)\n"
    )
    assert slot.desktop.exec("python3", "-c", ask).stdout == "0\n"


def test_no_port_is_published_and_the_network_leads_nowhere(slot: Slot) -> None:
    inspected = slot.engine.inspect(slot.desktop.container_id)
    assert inspected is not None
    assert not any((inspected["NetworkSettings"]["Ports"] or {}).values())
    assert list(inspected["NetworkSettings"]["Networks"]) == [slot.network.name]
    network = slot.engine.client.api.inspect_network(slot.network.id)
    assert network["Internal"] is True
    assert network["Options"]["com.docker.network.bridge.inhibit_ipv4"] == "true"
    assert json.dumps(network["EnableIPv6"]) == "false"


@pytest.mark.parametrize("kind", ["AF_INET, socket.SOCK_RAW, 1", "AF_PACKET, socket.SOCK_RAW"])
def test_nobody_gets_a_raw_socket(slot: Slot, kind: str) -> None:
    done = slot.desktop.exec(
        "python3", "-c", f"import socket; socket.socket(socket.{kind})", user="root"
    )
    assert "PermissionError" in done.stderr
