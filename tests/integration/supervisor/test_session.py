"""A session is started, seen through its accessibility bus, and missed when it is gone."""

import io
import json
import os
import tarfile
import time
from collections.abc import Iterator

import pytest

from riosim.accessibility import Node, find_nodes
from tests.integration.supervisor.desktop_machine import (
    Machine,
    RefusedError,
    client,
    machine,
    until,
    x_server,
)

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture(scope="module")
def screen(image: str) -> Iterator[str]:
    """The volume with an X server's socket."""
    name = os.environ.get("RIOSIM_STAGE_IMAGE", "riosim/stage:latest")
    engine = client()
    present = any(name in found.tags or f"{name}:latest" in found.tags
                  for found in engine.images.list())  # fmt: skip
    engine.close()
    if not present:
        pytest.skip(f"no stage image is built: {name}")
    with x_server(name) as volume:
        yield volume


@pytest.fixture(scope="module")
def desktop(image: str, screen: str) -> Iterator[Machine]:
    mounts = {screen: {"bind": "/tmp/.X11-unix", "mode": "ro"}}
    with machine(image, start={"session": True}, volumes=mounts, pids_limit=512) as box:
        yield box


def tree(box: Machine, **args: object) -> Node:
    return Node.from_json(json.loads(box.call("tree", **{"max_nodes": 2000, **args})[1]))


def test_the_session_stands_when_start_is_answered(desktop):
    running = {p["argv"][0].rpartition("/")[2] for p in desktop.call("processes")[0]["processes"]
               if p["argv"]}  # fmt: skip
    assert {"xfwm4", "xfce4-panel", "dbus-daemon", "at-spi-bus-launcher"} <= running
    setup = [e for e in desktop.events if e["kind"] == "exec.started"]
    assert setup
    assert {e["actor"] for e in setup} == {"setup"}
    assert until(lambda: bool(find_nodes(tree(desktop), app="xfce4-panel", role="button")))


def test_an_editor_is_a_window_with_menus_and_a_text_box(desktop):
    desktop.call("untar", dest="/home/user", owner="user", blob=_tar("note.txt", b"buy bread\n"))
    desktop.call("spawn", argv=["mousepad", "note.txt"], cwd="/home/user", env={})

    def text() -> list[Node]:
        return [n for n in find_nodes(tree(desktop), role="textbox", app="mousepad") if n.value]

    assert until(lambda: bool(text()), limit_s=20)
    (box,) = text()
    assert box.value == "buy bread"
    assert "editable" in box.states
    assert box.box is not None
    assert box.box.width > 200
    names = [n.name for n in find_nodes(tree(desktop), role="menu", app="mousepad")]
    assert names[:2] == ["File", "Edit"]
    assert not find_nodes(tree(desktop), role="menuitem", name="Quit")  # in a closed menu


def test_a_terminal_shows_its_text_and_what_is_run_in_it_is_the_agents(desktop):
    desktop.call("spawn", argv=["xfce4-terminal", "-e", "sh -c 'echo hello there; cat'"],
                 cwd="/home/user", env={})  # fmt: skip
    assert until(
        lambda: any("hello there" in n.value for n in find_nodes(tree(desktop), role="terminal")),
        limit_s=20,
    )
    assert desktop.started("cat")["actor"] == "agent"
    only = tree(desktop, app="xfce4-terminal")
    assert {n.app for n in only.children} == {"xfce4-terminal"}


def test_a_limit_on_nodes_is_kept(desktop):
    assert sum(1 for _ in tree(desktop, max_nodes=10).walk()) <= 11


def test_a_hung_application_is_left_out_and_holds_nobody_up(desktop):
    desktop.sh("pkill -STOP -x mousepad", user="root")
    began = time.monotonic()
    apps = {n.app for n in tree(desktop).children}
    assert time.monotonic() - began < 5
    assert "mousepad" not in apps
    assert "xfce4-panel" in apps
    assert desktop.call("hello")[0]["protocol"] == 1
    desktop.sh("pkill -CONT -x mousepad", user="root")
    assert until(lambda: bool(find_nodes(tree(desktop), app="mousepad")), limit_s=20)


def test_a_killed_tree_worker_is_replaced(desktop):
    before = tree(desktop)
    mine = [p["pid"] for p in desktop.call("processes")[0]["processes"]
            if p["ppid"] == 1 and p["uid"] == 0 and p["pid"] != 1]  # fmt: skip
    desktop.sh(f"kill -9 {' '.join(map(str, mine))}", user="root")
    assert {n.app for n in tree(desktop).children} == {n.app for n in before.children}


def test_the_loss_of_the_session_is_an_event(image, screen):
    mounts = {screen: {"bind": "/tmp/.X11-unix", "mode": "ro"}}
    with machine(image, start={"session": True}, volumes=mounts, pids_limit=512) as box:
        box.call("spawn", argv=["sh", "-c", "kill -9 -1"], cwd="/", env={})
        assert box.wait_for(lambda e: e["kind"] == "exec.kill_all")
        (lost, *_) = box.wait_for(lambda e: e["kind"] == "session.lost")
        assert "ended with status -9" in lost["data"]["reason"]
        with pytest.raises(RefusedError) as refused:
            tree(box)
        assert refused.value.kind in ("failed", "timeout")


def _tar(name: str, data: bytes) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return sink.getvalue()
