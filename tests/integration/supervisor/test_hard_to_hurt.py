"""The agent's root can ruin its machine; the supervisor goes on answering."""

import hashlib
import io
import json
import tarfile
from typing import Any

import docker
import pytest

from tests.integration.supervisor.desktop_machine import (
    Machine,
    RefusedError,
    machine,
    start_arguments,
    until,
)

pytestmark = pytest.mark.docker


def as_agents_root(box: Machine, script: str, timeout_s: float = 20.0) -> dict[str, Any]:
    code = (
        "import subprocess\n"
        f"done = subprocess.run(['sudo', '-S', '-p', '', 'sh', '-c', {script!r}], "
        "input='maple-7\\n', capture_output=True, text=True)\n"
        "print(done.stdout, done.stderr, done.returncode)"
    )
    return box.call("run_python", code=code, timeout_s=timeout_s)[0]


def answers_everything_that_needs_no_process(box: Machine) -> None:
    _, data = box.call("read", path="/etc/hostname", max_bytes=100)
    assert data == b"office-7\n"
    _, lines = box.call("listing", roots=["/home"], digest=True, max_entries=100)
    assert b'"/home/user"' in lines
    assert box.call("usage")[0]["pids"] >= 1
    assert any(p["pid"] == 1 for p in box.call("processes")[0]["processes"])


def test_the_agents_root_cannot_trace_read_or_write_the_supervisor(shared):
    said = as_agents_root(
        shared,
        "id -u; head -c1 /proc/1/mem; ls -l /proc/1/fd; cat /proc/1/environ; "
        "echo bad > /proc/1/fd/1; echo bad > /proc/1/fd/4; cat /proc/1/root/etc/hostname; "
        "grep CapEff /proc/self/status",
    )["stdout"]
    lines = said.split()
    assert lines[0] == "0"
    assert said.count("Permission denied") >= 5, said
    mask = int(said.split("CapEff:")[1].split()[0], 16)
    assert not mask & 1 << 19  # SYS_PTRACE
    code = "import ctypes; print(ctypes.CDLL(None).ptrace(16, 1, 0, 0))"
    assert "-1" in as_agents_root(shared, f'python3 -c "{code}"')["stdout"]
    answers_everything_that_needs_no_process(shared)


def test_the_agents_root_cannot_end_or_limit_the_supervisor(shared):
    said = as_agents_root(
        shared,
        "for s in 1 2 3 6 9 10 11 13 14 15 19 31; do kill -$s 1; done; "
        "prlimit --pid 1 --nofile=1:1; prlimit --pid 1 --as=1:1; echo done",
    )["stdout"]
    assert "done" in said
    assert said.count("Operation not permitted") == 2, said
    answers_everything_that_needs_no_process(shared)


def test_a_raised_oom_score_is_put_back(box):
    before = box.sh("cat /proc/1/oom_score_adj")["stdout"]
    as_agents_root(box, "echo 1000 > /proc/1/oom_score_adj")
    assert until(lambda: box.sh("cat /proc/1/oom_score_adj")["stdout"] == before)


def test_children_die_before_the_supervisor_and_gain_no_privilege(shared):
    said = shared.sh("cat /proc/self/oom_score_adj; grep NoNewPrivs /proc/self/status; "
                     "ulimit -c; ulimit -f")["stdout"].split()  # fmt: skip
    assert said == ["500", "NoNewPrivs:", "1", "0", str((1 << 30) // 512)]


def test_after_roots_kill_of_everything_it_still_answers_and_starts_programs(box):
    box.call("spawn", argv=["sleep", "1000"], cwd="/", env={})
    with pytest.raises(AssertionError):
        box.started("never", limit_s=0)
    as_agents_root(box, "kill -9 -1")
    (event,) = box.wait_for(lambda e: e["kind"] == "exec.kill_all")
    assert (event["data"]["uid"], event["data"]["signal"]) == (0, 9)
    answers_everything_that_needs_no_process(box)
    assert until(lambda: not [p for p in box.call("processes")[0]["processes"]
                              if p["argv"][:1] == ["sleep"]])  # fmt: skip
    assert box.sh("echo alive", user="root")["stdout"] == "alive\n"


def test_under_a_fork_loop_at_the_limit_of_processes_it_still_answers(image):
    with machine(image, start={}, pids_limit=64) as box:
        loop = "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass"
        box.call("spawn", argv=["python3", "-c", loop], cwd="/", env={})
        assert until(lambda: box.call("usage")[0]["pids"] >= 64)
        answers_everything_that_needs_no_process(box)
        assert box.sh("echo reserve", user="root")["stdout"] == "reserve\n"


def test_after_everything_is_deleted_it_still_answers(box):
    as_agents_root(box, "rm -rf --no-preserve-root / 2>/dev/null", timeout_s=120.0)
    assert box.call("usage")[0]["pids"] >= 1
    assert box.call("processes")[0]["processes"]
    _, lines = box.call("listing", roots=["/"], digest=True, max_entries=100_000)
    assert lines
    with pytest.raises(RefusedError) as refused:
        box.sh("true")
    assert refused.value.kind == "not_found"


def test_a_file_stops_growing_at_its_limit(shared):
    said = shared.sh("head -c 2G /dev/zero > /tmp/big; echo $?; stat -c %s /tmp/big; rm /tmp/big")
    assert said["stdout"].split()[-1] == str(1 << 30)


def test_a_container_whose_files_must_stay_smaller_still_starts_programs(image):
    eight_mib = docker.types.Ulimit(name="fsize", soft=8 << 20, hard=8 << 20)
    with machine(image, start={}, ulimits=[eight_mib]) as box:
        said = box.sh("head -c 20M /dev/zero > /tmp/big; stat -c %s /tmp/big")
        assert said["stdout"].split()[-1] == str(8 << 20)


def test_reading_never_hangs_and_takes_regular_files_only(shared):
    shared.sh("mkfifo /tmp/pipe; ln -sf /dev/zero /tmp/zero; mkdir -p /tmp/folder")
    for path in ("/tmp/pipe", "/tmp/zero", "/tmp/folder", "/dev/tty"):
        with pytest.raises(RefusedError):
            shared.call("read", path=path, max_bytes=10)
    with pytest.raises(RefusedError) as refused:
        shared.call("read", path="/no/such", max_bytes=10)
    assert refused.value.kind == "not_found"


def test_a_listing_is_sorted_and_has_digests_and_targets(shared):
    shared.sh("mkdir /tmp/list; cd /tmp/list; echo b > b; ln -s b a; head -c 9M /dev/zero > c")
    _, raw = shared.call("listing", roots=["/tmp/list"], digest=True, max_entries=10)
    entries = [json.loads(line) for line in raw.splitlines()]
    assert [e["path"] for e in entries] == [
        "/tmp/list",
        "/tmp/list/a",
        "/tmp/list/b",
        "/tmp/list/c",
    ]
    assert entries[1]["target"] == "b"
    assert entries[2]["digest"] == hashlib.sha256(b"b\n").hexdigest()
    assert "digest" not in entries[3]
    _, raw = shared.call("listing", roots=["/tmp/list"], digest=True, max_entries=2)
    assert json.loads(raw.splitlines()[-1])["type"] == "truncated"


def test_a_hostile_or_unknown_request_is_refused_and_the_next_one_served(shared):
    for op, args in (("nothing", {}), ("read", {}), ("exec", {"argv": "ls"}), ("listing", {})):
        with pytest.raises(RefusedError) as refused:
            shared.call(op, **args)
        assert refused.value.kind == "bad_request"
    assert shared.call("hello")[0]["protocol"] == 1


def test_a_program_over_its_time_is_killed_with_all_below_it(shared):
    answer, _ = shared.call(
        "run_python", code="import os; os.system('sleep 333 & sleep 333')", timeout_s=0.7
    )
    assert answer["timed_out"] is True
    assert until(lambda: not [p for p in shared.call("processes")[0]["processes"]
                              if p["argv"] == ["sleep", "333"]])  # fmt: skip


def test_the_container_ends_when_its_input_closes(image):
    with machine(image, start={}) as box:
        box._socket.shutdown(1)
        assert box.container.wait(timeout=10)["StatusCode"] == 0


def test_start_makes_the_machine_this_episodes(image):
    pem = "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n"
    with machine(image) as box:
        box.call("start", blob=pem.encode(), **start_arguments(uid=43210, gid=43211))
        assert box.sh("id -u; id -g; cat /etc/resolv.conf; hostname -f || true; stat -c %u:%g ~; "
                      "whoami; grep -c office-7 /etc/hosts")["stdout"].split()[:4] == [
            "43210", "43211", "nameserver", "10.9.8.7",
        ]  # fmt: skip
        policy = json.loads(
            box.call("read", path="/etc/chromium/policies/managed/local-ca.json", max_bytes=9999)[1]
        )
        assert policy == {"CACertificates": ["TUlJQg=="]}
        bundle = box.call("read", path="/etc/ssl/certs/ca-certificates.crt", max_bytes=1 << 24)[1]
        assert bundle.decode().endswith(pem)
        with pytest.raises(RefusedError):
            box.call("start", **start_arguments())


def test_files_are_unpacked_for_their_owner_and_never_outside(shared):
    def tar_of(name: str) -> bytes:
        sink = io.BytesIO()
        with tarfile.open(fileobj=sink, mode="w") as tar:
            member = tarfile.TarInfo(name)
            member.size, member.mode = 3, 0o640
            tar.addfile(member, io.BytesIO(b"abc"))
        return sink.getvalue()

    shared.call("untar", dest="/home/user/new/folder", owner="user", blob=tar_of("x/y.txt"))
    answer, data = shared.call("read", path="/home/user/new/folder/x/y.txt", max_bytes=9)
    assert (data, answer["uid"], answer["gid"], answer["mode"]) == (b"abc", 41000, 41000, 0o640)
    assert shared.sh("stat -c %u /home/user/new /home/user/new/folder/x")["stdout"].split() == [
        "41000", "41000",
    ]  # fmt: skip
    with pytest.raises(RefusedError):
        shared.call("untar", dest="/home/user/new", owner="user", blob=tar_of("../../escaped"))
    assert "escaped" not in shared.sh("ls /home")["stdout"]


def test_a_changed_file_is_dated(shared):
    shared.forget()
    shared.sh("echo 1 > ~/dated.txt; mkdir ~/fresh")
    assert shared.wait_for(
        lambda e: e["data"] == {"path": "/home/user/dated.txt", "how": "written"}
    )
    assert shared.wait_for(lambda e: e["data"] == {"path": "/home/user/fresh", "how": "created"})
    shared.sh("echo 1 > ~/fresh/inner; rm -r ~/fresh ~/dated.txt")
    assert shared.wait_for(
        lambda e: e["data"] == {"path": "/home/user/dated.txt", "how": "deleted"}
    )
