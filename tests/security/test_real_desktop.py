"""What the agent's root cannot do on the real desktop: hush its witness, or reach beyond."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from riosim.errors import SandboxError
from riosim_envs.desktop_facts import ExecResult, SessionSettings
from riosim_envs.engine import Engine
from riosim_envs.postmortem import changes_from_engine, listing_from_engine
from riosim_envs.reach import HostListener, host_addresses, probe_from
from riosim_envs.slot import Slot
from riosim_world.services import PORTS
from tests.support.echo_image import real_image
from tests.support.slots import ANSWERING, serve_on, slot_of_echoes

pytestmark = [pytest.mark.docker, pytest.mark.slow]

METADATA = "169.254.169.254"
OUTSIDE = ("1.1.1.1", "8.8.8.8", "192.0.2.1")
ENGINE_PORTS = (2375, 2376)
SCAN = """
import socket, sys
for port in range(1, 65536):
    with socket.socket() as sock:
        sock.settimeout(5)
        if sock.connect_ex((sys.argv[1], port)) == 0:
            print(port)
"""


@pytest.fixture(scope="module")
def real_slot(engine: Engine) -> Iterator[Slot]:
    """A slot of the real images."""
    images = {"desktop_image": real_image("desktop"), "stage_image": real_image("stage")}
    with slot_of_echoes(engine, **images) as opened:
        yield opened


@pytest.fixture
def real(real_slot: Slot) -> Slot:
    """The real slot with a fresh desktop whose session runs, and a stage that is well."""
    real_slot.renew()
    display = real_slot.stage.start()
    ca_pem = str(real_slot.stage.world("hello").ok["ca_pem"]).encode()
    real_slot.inbox.listen(lambda source, event: None)
    settings = SessionSettings(
        display=display, uid=real_slot.uid, gid=real_slot.gid, dns_ip=real_slot.network.stage_ip
    )
    real_slot.desktop.start(settings, ca_pem)
    return real_slot


def as_root(slot: Slot, script: str, *, timeout_s: float = 60.0) -> str:
    """Run a script as the agent's root, and return what it said."""
    code = (
        "import subprocess\n"
        f"done = subprocess.run(['sudo', '-S', 'sh', '-c', {script!r}], input=b'password\\n',\n"
        "                      capture_output=True)\n"
        "print(done.returncode, done.stdout.decode(), done.stderr.decode())\n"
    )
    return slot.desktop.run_python(code, timeout_s=timeout_s).stdout


def as_agent(slot: Slot, *before: str) -> Callable[..., ExecResult]:
    """Return what runs a program as the agent does; BEFORE stands before the program."""

    def run(*argv: str) -> ExecResult:
        code = (
            "import subprocess, sys\n"
            f"argv = {[*before, *argv]!r}\n"
            "done = subprocess.run(argv, capture_output=True, input=b'password\\n')\n"
            "sys.stdout.buffer.write(done.stdout)\n"
            "sys.stderr.buffer.write(done.stderr)\n"
            "sys.exit(done.returncode)\n"
        )
        done = slot.desktop.run_python(code, timeout_s=300.0)
        return ExecResult(done.status, done.stdout, done.stderr)

    return run


def as_agents_root(slot: Slot) -> Callable[..., ExecResult]:
    """Return what runs a program through the agent's sudo."""
    return as_agent(slot, "sudo", "-S")


def nameservers() -> list[str]:
    """Return the resolvers that this host uses."""
    words = [line.split() for line in Path("/etc/resolv.conf").read_text().splitlines()]
    return [parts[1] for parts in words if parts[:1] == ["nameserver"] and ":" not in parts[1]]


def test_the_agents_root_is_root_without_the_supervisors_power_to_trace(real: Slot) -> None:
    said = as_root(real, "id -u; grep Cap /proc/self/status")
    assert "\n0\n" in f"\n{said.partition(' ')[2]}"
    lines = [line.split() for line in said.splitlines() if line.startswith("Cap")]
    masks = {name: int(mask, 16) for name, mask in lines}
    # Without SETPCAP it stays in the bounding set; no-new-privileges keeps it from coming back.
    assert all(not masks[name] & 1 << 19 for name in ("CapInh:", "CapPrm:", "CapEff:", "CapAmb:"))
    assert masks["CapEff:"] & 1


@pytest.mark.parametrize(
    "script",
    [
        "echo lies > /proc/1/fd/1",
        "echo lies > /proc/1/fd/0",
        "cat /proc/1/environ",
        "cat /proc/1/mem",
        "ls -l /proc/1/cwd/",
        "kill -9 1; kill -STOP 1; test -e /nowhere",
    ],
)
def test_the_agents_root_cannot_reach_into_the_supervisor(real: Slot, script: str) -> None:
    said = as_root(real, script)
    assert not said.startswith("0 "), said
    assert real.desktop.usage().pids > 0


def test_nothing_on_the_host_answers_the_agent_or_its_root(real: Slot) -> None:
    with HostListener() as host:
        targets = [(address, host.port) for address in host_addresses()]
        assert probe_from(real.desktop.exec, targets) == []
        assert probe_from(real.desktop.exec, targets, user="root") == []
        assert host.n_visits == 0


def test_killing_everything_as_root_leaves_eyes_and_witness(real: Slot) -> None:
    heard: list[str] = []
    told = threading.Event()

    def listen(source: str, event: dict[str, Any]) -> None:
        heard.append(event["kind"])
        if event["kind"] == "exec.kill_all":
            told.set()

    real.inbox.listen(listen)
    real.desktop.run_python(
        "import subprocess; subprocess.run(['sudo','-S','kill','-9','-1'], input=b'password\\n')"
    )
    assert told.wait(20.0), heard
    frame = real.stage.capture()
    assert frame.data.startswith(b"\x89PNG")
    assert real.desktop.usage().pids >= 1
    assert real.desktop.channel.lost is None


def test_an_emptied_desktop_still_answers_and_the_engine_sees_what_is_gone(real: Slot) -> None:
    before = {entry["path"] for entry in real.desktop.listing(["/etc"], digest=False)}
    as_root(real, "rm -rf --no-preserve-root / 2>/dev/null", timeout_s=120.0)
    after = {entry["path"] for entry in real.desktop.listing(["/etc"], digest=False)}
    assert "/etc/passwd" in before
    assert "/etc/passwd" not in after
    gone = {change.path for change in changes_from_engine(real.engine, real.desktop.container_id)}
    assert "/etc/passwd" in gone
    read = listing_from_engine(real.engine, real.desktop.container_id, ["/etc"])
    assert "/etc/passwd" not in {entry["path"] for entry in read.entries}
    assert real.stage.capture().data.startswith(b"\x89PNG")


def test_a_fork_loop_leaves_the_stage_its_speed_and_the_witness_its_voice(real: Slot) -> None:
    code = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n"
    with pytest.raises(SandboxError):
        real.desktop.channel.request(
            "run_python", {"code": code, "timeout_s": 300.0}, timeout_s=5.0
        )
    assert real.stage.capture(timeout_s=5.0).data.startswith(b"\x89PNG")
    assert real.desktop.usage(timeout_s=20.0).pids > 100


def test_the_agents_root_finds_no_way_out(real: Slot, engine: Engine) -> None:
    with slot_of_echoes(engine) as other, HostListener() as host:
        for machine in (other.stage, other.desktop):
            serve_on(machine, ANSWERING)
        hosts = [*host_addresses(), real.network.bridge_ip, METADATA, *OUTSIDE]
        targets = [(one, port) for one in hosts for port in (host.port, *ENGINE_PORTS)]
        targets += [(METADATA, 80), *((one, 443) for one in (*OUTSIDE, *nameservers()))]
        targets += [(other.network.stage_ip, 8080), (other.network.desktop_ip, 8080)]
        within = [(real.network.stage_ip, 53)]  # so that the probe is seen to see
        for run in (as_agent(real), as_agents_root(real)):
            assert [one.host for one in probe_from(run, targets + within)] == [within[0][0]]
        assert host.n_visits == 0


def test_the_agents_root_finds_no_socket_of_the_engine(real: Slot) -> None:
    sockets = as_root(real, "find / -xdev -type s; cat /proc/net/unix")
    assert "docker" not in sockets
    assert "containerd" not in sockets
    assert "/tmp/.X11-unix/X" in sockets  # so that it is seen to see
    mounts = as_root(real, "cut -d' ' -f2 /proc/mounts").split()
    assert not [one for one in mounts if "docker" in one or one.startswith("/host")]


def test_the_stage_offers_the_desktop_the_worlds_services_and_no_control(real: Slot) -> None:
    said = as_agents_root(real)("python3", "-c", SCAN, real.network.stage_ip)
    found = {int(word) for word in said.stdout.split()}
    world = {port for name, port in PORTS.items() if name != "dns"}
    assert found - {PORTS["dns"]} == world, said


def test_the_stages_screen_socket_is_all_that_it_shares(real: Slot) -> None:
    said = as_root(
        real,
        "touch /tmp/.X11-unix/mine; rm -f /tmp/.X11-unix/X*; mount -o remount,rw /tmp/.X11-unix; "
        "ls /tmp/.X11-unix; ls /proc/*/exe -l",
    )
    assert said.count("Read-only file system") >= 2, said
    assert "Xvfb" not in said  # the stage's processes are not even seen
    assert real.stage.capture().data.startswith(b"\x89PNG")
