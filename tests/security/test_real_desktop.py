"""What the agent's root cannot do on the real desktop: hush its witness, or reach beyond."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from riosim.errors import SandboxError
from riosim_envs.desktop_facts import SessionSettings
from riosim_envs.engine import Engine
from riosim_envs.postmortem import changes_from_engine, listing_from_engine
from riosim_envs.reach import HostListener, host_addresses, probe_from
from riosim_envs.slot import Slot
from tests.support.echo_image import real_image
from tests.support.slots import slot_of_echoes

pytestmark = [pytest.mark.docker, pytest.mark.slow]


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
