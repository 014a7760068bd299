"""What root of the desktop may do is what the documentation says, and nothing of the host is in."""

import re

import pytest

from riosim.content import content_root
from riosim_envs.desktop_container import CAPABILITIES
from riosim_envs.slot import Slot

pytestmark = pytest.mark.docker

_BITS = {
    "CHOWN": 0,
    "DAC_OVERRIDE": 1,
    "FOWNER": 3,
    "FSETID": 4,
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "SYS_CHROOT": 18,
    "SYS_PTRACE": 19,
}


def documented_capabilities() -> set[str]:
    """Return what the table in the images' README gives a reason for."""
    text = (content_root("images") / "README.md").read_text()
    table = text.partition("| capability |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:] if line.startswith("|")]
    return set(re.findall(r"[A-Z_]{4,}", " ".join(cells)))


def test_the_capabilities_are_the_documented_ones(slot: Slot) -> None:
    assert documented_capabilities() == set(CAPABILITIES)
    facts = slot.desktop.channel.request("capabilities").ok
    mask = sum(1 << _BITS[name] for name in CAPABILITIES)
    assert int(facts["CapPrm"], 16) == mask
    assert int(facts["CapBnd"], 16) == mask
    assert int(facts["CapAmb"], 16) == 0


def test_no_program_gains_privileges_and_a_filter_is_on(slot: Slot) -> None:
    status = slot.desktop.exec("cat", "/proc/self/status").stdout
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
    assert re.search(r"^Seccomp:\s+2$", status, re.MULTILINE)


def test_nothing_of_the_host_is_mounted(slot: Slot) -> None:
    inspected = slot.engine.inspect(slot.desktop.container_id)
    assert inspected is not None
    assert [mount["Destination"] for mount in inspected["Mounts"]] == ["/tmp/.X11-unix"]
    assert inspected["Mounts"][0]["RW"] is False
    assert not inspected["HostConfig"]["Binds"]
    assert not inspected["HostConfig"]["Devices"]
    assert inspected["HostConfig"]["Privileged"] is False
    found = slot.desktop.exec("sh", "-c", "ls /var/run/docker.sock /run/docker.sock", user="root")
    assert found.stdout == ""


def test_no_variable_of_the_hosts_environment_goes_in(slot: Slot) -> None:
    inspected = slot.engine.inspect(slot.desktop.container_id)
    assert inspected is not None
    image = slot.engine.client.api.inspect_image(slot.settings.desktop_image)
    assert set(inspected["Config"]["Env"]) == set(image["Config"]["Env"])


@pytest.mark.parametrize(
    "path", ["/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/sys/kernel/mm/ksm/run"]
)
def test_the_kernels_switches_cannot_be_written(slot: Slot, path: str) -> None:
    assert slot.desktop.exec("sh", "-c", f"echo 1 > {path}", user="root").status != 0


def test_the_first_process_cannot_be_killed_or_stopped_from_inside(slot: Slot) -> None:
    slot.desktop.exec("sh", "-c", "kill -9 1; kill -STOP 1; kill -9 -1", user="root")
    assert slot.desktop.channel.request("echo", {"a": 1}).ok == {"a": 1}


def test_limits_are_those_of_the_settings(slot: Slot) -> None:
    inspected = slot.engine.inspect(slot.desktop.container_id)
    assert inspected is not None
    host, limits = inspected["HostConfig"], slot.settings.desktop_limits
    assert host["Memory"] == host["MemorySwap"] == limits.memory_bytes
    assert host["PidsLimit"] == limits.pids
    assert host["LogConfig"]["Type"] == "none"
    assert host["RestartPolicy"]["Name"] in ("", "no")
