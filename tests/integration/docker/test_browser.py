"""The browser surface in Docker: the desktop's own Chromium, its pipe, and how either ends."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from riosim.accessibility import find_nodes
from riosim.action import Click, Goto, Point, RunPython
from riosim.checks.case import ListingProbe, ReadProbe
from riosim.clock import SystemClock, wait_until
from riosim.errors import InvalidActionError, SandboxError, UsageError
from riosim.evidence.event import EventDraft
from riosim.task.setup import Browse, Open, PutFile, ShowAd
from riosim_envs import container_browser
from riosim_envs.desktop_facts import Process
from riosim_envs.docker_machine import DockerMachine
from riosim_envs.docker_sandbox import DockerSandbox
from tests.support.machines import plan_for, slot_of

pytestmark = [pytest.mark.docker, pytest.mark.slow]

_LISTENING = "cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == \"0A\" {print $2}'"
_RESOLVER_OF_DOCKER = "0B00007F:"  # 127.0.0.11, in every container of a network; nobody asks it


@pytest.fixture
def evidence() -> list[EventDraft]:
    return []


@pytest.fixture
def machine(sandbox: DockerSandbox, evidence: list[EventDraft]) -> Iterator[DockerMachine]:
    started = sandbox.start(plan_for("browser"), evidence.append)
    yield started
    started.close()


def browser_of(machine: DockerMachine) -> Process:
    """Return the desktop's one main browser process, whoever started it."""
    running = slot_of(machine).desktop.processes()
    (main,) = [
        process
        for process in running
        if process.argv and process.argv[0].startswith("/usr/lib/chromium/chromium ")
        if "--type=" not in process.argv[0]
    ]
    return main


def switches_of(machine: DockerMachine) -> list[str]:
    """Return the switches of the browser, which Chromium keeps as one line."""
    return browser_of(machine).argv[0].split()


def show_a_paper(machine: DockerMachine) -> str:
    """Show the page of a paper by clicking its link; return its number."""
    machine.apply(Browse(site="archive"))
    tree = machine.controller.observe(tree=True).tree
    assert tree is not None
    paper = find_nodes(tree, role="link", name="A Dim Ring")[0]
    assert paper.box is not None
    x, y = paper.box.centre
    machine.controller.perform(Click(at=Point(x=x, y=y)))
    return machine.controller.observe(tree=False).url.rpartition("/")[2]


def test_it_is_the_desktops_chromium_and_shows_the_worlds_home_page(machine: DockerMachine) -> None:
    frame = machine.controller.observe(tree=True)
    assert frame.url == "https://home.test/"
    assert len(frame.tabs) == 1
    assert frame.screenshot.shape == (800, 1280, 3)
    assert [page["host"] for page in frame.pages] == ["home.test"]
    assert browser_of(machine).uid == slot_of(machine).uid


def test_its_own_sandbox_is_on_and_it_has_no_capability(machine: DockerMachine) -> None:
    slot, main = slot_of(machine), browser_of(machine)
    assert not {"--no-sandbox", "--disable-setuid-sandbox"} & set(switches_of(machine))
    status = slot.desktop.exec("cat", f"/proc/{main.pid}/status", user="root").stdout
    facts = dict(re.findall(r"^(\w+):\s+(.*)$", status, re.MULTILINE))
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(facts[name], 16) == 0, name
    assert facts["NoNewPrivs"] == "1"
    assert facts["Seccomp"] == "2"
    assert facts["Uid"].split() == [str(slot.uid)] * 4
    assert facts["Gid"].split() == [str(slot.gid)] * 4
    assert facts["Groups"].split() == [str(slot.gid)]


def test_it_opens_no_port(machine: DockerMachine) -> None:
    switches = switches_of(machine)
    assert "--remote-debugging-pipe" in switches
    assert not any(word.startswith("--remote-debugging-port") for word in switches)
    ports = slot_of(machine).desktop.exec("sh", "-c", _LISTENING, user="root").stdout.split()
    assert [port for port in ports if not port.startswith(_RESOLVER_OF_DOCKER)] == []


def test_its_names_and_certificates_are_the_worlds(machine: DockerMachine) -> None:
    switches = switches_of(machine)
    assert not any(word.startswith("--ignore-certificate-errors") for word in switches)
    machine.controller.perform(Goto(url="https://paperhaven.test/"))
    assert machine.controller.observe(tree=False).pages[0]["owner"] == "genuine"


def test_its_profile_lies_in_the_containers_home_and_belongs_to_the_user(
    machine: DockerMachine,
) -> None:
    slot = slot_of(machine)
    option = "--user-data-dir="
    (folder,) = [w.partition("=")[2] for w in switches_of(machine) if w.startswith(option)]
    assert folder.startswith("/home/user/")
    owner = slot.desktop.exec("stat", "-c", "%u:%g", folder, user="root").stdout
    assert owner == f"{slot.uid}:{slot.gid}\n"


def test_what_is_downloaded_lies_in_downloads_under_its_name(machine: DockerMachine) -> None:
    number = show_a_paper(machine)
    machine.controller.perform(Goto(url=f"https://paperhaven.test/pdf/{number}"))
    path = f"/home/user/Downloads/{number}.pdf"

    def is_there() -> bool:
        return bool(machine.probe(ReadProbe(path=path)))

    assert wait_until(is_there, clock=SystemClock(), timeout_s=20.0)
    found = machine.probe(ListingProbe(roots=("/home/user/Downloads",)))
    assert [row["path"] for row in found if row["type"] == "file"] == [path]


def test_a_caret_does_not_blink(machine: DockerMachine) -> None:
    machine.apply(Browse(site="archive"))
    machine.controller.perform(Click(at=Point(x=694, y=61)))
    clock, first = SystemClock(), machine.controller.observe(tree=False).screenshot
    begun = clock.monotonic()
    while clock.monotonic() - begun < 1.5:  # three times the interval of Chromium
        assert np.array_equal(machine.controller.observe(tree=False).screenshot, first)


def test_files_can_be_set_up_and_windows_cannot(machine: DockerMachine) -> None:
    machine.apply(PutFile(path="/home/user/Documents/a.txt", text="text"))
    assert machine.probe(ReadProbe(path="/home/user/Documents/a.txt"))[0]["size"] == 4
    with pytest.raises(UsageError, match="surface: desktop"):
        machine.apply(Open(app="writer"))
    with pytest.raises(UsageError, match="surface: desktop"):
        machine.apply(ShowAd(id="note", kind="notice", title="Note", text="Text", accept="OK"))


def test_it_runs_no_code(machine: DockerMachine) -> None:
    with pytest.raises(InvalidActionError, match="runs no code"):
        machine.controller.perform(RunPython(code="print(1)"))


def test_a_page_that_cannot_be_shown_at_set_up_is_the_worlds_fault(machine: DockerMachine) -> None:
    with pytest.raises(SandboxError, match="was not shown"):
        machine.apply(Browse(url="https://192.0.2.7/"))


def test_set_up_is_not_charged_to_the_agent(
    machine: DockerMachine, evidence: list[EventDraft]
) -> None:
    machine.apply(Browse(site="archive"))
    machine.flush()
    assert {draft.actor for draft in evidence} <= {"setup", "background", "world"}
    machine.controller.perform(Goto(url="https://paperhaven.test/about"))
    machine.flush()
    assert "agent" in {draft.actor for draft in evidence if draft.kind == "dom.shown"}


def test_with_the_machine_the_browser_and_its_connection_end(
    sandbox: DockerSandbox, machine: DockerMachine
) -> None:
    engine, container = slot_of(machine).engine, slot_of(machine).desktop.container_id
    machine.close()
    machine.close()
    assert machine.controller.is_gone()  # type: ignore[attr-defined]  # of BrowserController
    assert wait_until(
        lambda: engine.inspect(container) is None, clock=SystemClock(), timeout_s=30.0
    )
    with pytest.raises(SandboxError):
        machine.controller.observe(tree=False)
    again = sandbox.start(plan_for("browser"), lambda draft: None)
    assert again.loss() is None
    again.close()


def test_a_browser_that_ends_by_itself_is_a_loss_and_not_the_agents(machine: DockerMachine) -> None:
    assert machine.loss() is None
    slot_of(machine).desktop.exec("pkill", "-9", "-x", "chromium", user="root")
    with pytest.raises(SandboxError):
        machine.controller.observe(tree=False)
    loss = machine.loss()
    assert loss is not None
    assert (loss.reason, loss.by_agent) == ("browser_ended", False)
    assert machine.probe(ReadProbe(path="/etc/hostname"))  # the desktop is still read


def test_a_container_killed_from_outside_is_no_loss_of_the_agents(machine: DockerMachine) -> None:
    slot = slot_of(machine)
    slot.engine.client.api.kill(slot.desktop.container_id)
    with pytest.raises(SandboxError):
        machine.controller.observe(tree=False)
    loss = machine.loss()
    assert loss is not None
    assert (loss.reason, loss.by_agent) == ("killed_from_outside", False)


def test_a_browser_that_hangs_is_given_up(
    sandbox: DockerSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container_browser, "_ANSWER_S", 5.0)
    machine = sandbox.start(plan_for("browser"), lambda draft: None)
    slot = slot_of(machine)
    try:
        slot.engine.client.api.pause(slot.desktop.container_id)
        with pytest.raises(SandboxError):
            machine.controller.observe(tree=False)
        loss = machine.loss()
        assert loss is not None
        assert not loss.by_agent
    finally:
        slot.engine.client.api.unpause(slot.desktop.container_id)
        machine.close()
