"""Every exec of the agent's machine is seen, whoever starts it."""

import pytest

from tests.integration.supervisor.desktop_machine import Machine, is_start_of

pytestmark = pytest.mark.docker


def spawn(box: Machine, *argv: str, cwd: str = "/tmp") -> int:
    return int(box.call("spawn", argv=list(argv), cwd=cwd, env={})[0]["pid"])


@pytest.mark.parametrize("shell", ["bash", "sh", "dash"])
def test_a_shells_command_is_seen_with_its_parent_folder_user_and_status(shared, shell):
    shared.forget()
    parent = spawn(shared, shell, "-c", "cd /usr; ls --nosuch; exit 0")
    started = shared.started("ls", "--nosuch")
    assert started["data"]["ppid"] == parent
    assert started["data"]["cwd"] == "/usr"
    assert started["data"]["uid"] == 41000
    assert started["data"]["exe"] == "/usr/bin/ls"
    assert started["actor"] == "agent"
    assert shared.exited(started["data"]["pid"])["data"]["status"] == 2


def test_what_the_host_starts_is_set_up_and_what_that_starts_is_the_agents(shared):
    shared.forget()
    spawn(shared, "sh", "-c", "true; /bin/true one")
    assert shared.started("sh", "-c")["actor"] == "setup"
    assert shared.started("/bin/true", "one")["actor"] == "agent"


def test_python_subprocess_and_system_are_seen_without_the_tries_along_the_path(shared):
    shared.forget()
    code = "import os, subprocess; subprocess.run(['env', 'whoami']); os.system('id -u; false')"
    answer, _ = shared.call("run_python", code=code, timeout_s=10)
    assert answer["status"] == 0
    whoami = shared.started("whoami")
    assert whoami["data"]["exe"] == "/usr/bin/whoami"
    shell = shared.started("sh", "-c", "id -u; false")
    assert shared.exited(shell["data"]["pid"])["data"]["status"] == 1
    shared.started("id", "-u")
    executables = [e["data"]["exe"] for e in shared.wait_for(is_start_of("whoami"))]
    assert executables == ["/usr/bin/whoami"]


def test_a_program_ended_by_a_signal_has_its_negative_number(shared):
    shared.forget()
    spawn(shared, "bash", "-c", "sh -c 'kill -TERM $$'; exec bash -c 'kill -KILL $$'")
    termed = shared.started("sh", "-c", "kill -TERM $$")
    assert shared.exited(termed["data"]["pid"])["data"]["status"] == -15
    killed = shared.started("bash", "-c", "kill -KILL $$")
    assert shared.exited(killed["data"]["pid"])["data"]["status"] == -9


def test_the_builtin_that_kills_everything_is_seen_before_it_happens(box):
    spawn(box, "bash", "-c", "kill -9 -1")
    (event,) = box.wait_for(lambda e: e["kind"] == "exec.kill_all")
    assert event["data"]["signal"] == 9
    assert event["data"]["uid"] == 41000


def test_an_exec_waits_until_the_host_has_its_event(box):
    box.acknowledge = False
    spawn(box, "sh", "-c", "/bin/touch /tmp/mark")
    box.started("/bin/touch")
    assert box.sh("test -e /tmp/mark")["status"] == 1
    box.acknowledge = True
    box._send({"ack": 1})
    touch = box.started("/bin/touch")
    assert box.exited(touch["data"]["pid"])["data"]["status"] == 0
    assert box.sh("test -e /tmp/mark")["status"] == 0


def test_an_exec_goes_on_marked_when_the_host_does_not_acknowledge(box):
    box.acknowledge = False
    spawn(box, "sh", "-c", "/bin/touch /tmp/mark")
    touch = box.started("/bin/touch")
    assert box.exited(touch["data"]["pid"])["data"]["acknowledged"] is False


def test_of_500_execs_in_a_row_none_is_lost(shared):
    shared.forget()
    script = "i=0; while [ $i -lt 500 ]; do /bin/true $i; i=$((i+1)); done"
    spawn(shared, "sh", "-c", script)
    found = shared.wait_for(is_start_of("/bin/true"), count=500, limit_s=60)
    assert [e["data"]["argv"][1] for e in found] == [str(i) for i in range(500)]
    ends = shared.wait_for(
        lambda e: e["kind"] == "exec.exited" and e["data"]["argv"][:1] == ["/bin/true"], count=500
    )
    assert {e["data"]["status"] for e in ends} == {0}


def test_one_command_repeated_without_end_is_counted_not_told(box):
    spawn(box, "python3", "-c",
          "import os\nfor _ in range(3000):\n"
          "  p = os.posix_spawn('/bin/true', ['true'], {}); os.waitpid(p, 0)")  # fmt: skip
    told = box.wait_for(lambda e: e["data"].get("which") == "exec_repeats", limit_s=30)
    assert told
    assert told[0]["data"]["argv"] == ["true"]
    assert told[0]["data"]["dropped"] > 0


def test_a_very_long_command_line_is_cut_and_says_so(shared):
    shared.forget()
    shared.call("run_python", timeout_s=10,
                code="import subprocess; subprocess.run(['/bin/true', 'x' * 100000])")  # fmt: skip
    event = shared.started("/bin/true")
    assert event["data"]["argv_truncated"] is True
    assert 4000 <= len(event["data"]["argv"][1]) <= 5000


def test_set_up_runs_outside_the_witness(shared):
    shared.forget()
    shared.sh("/bin/echo hello")
    shared.call("run_python", code="import os; os.system('/bin/echo bye')", timeout_s=10)
    shared.started("/bin/echo", "bye")
    assert not shared.wait_for(is_start_of("/bin/echo", "hello"), limit_s=0)


def test_a_script_is_named_by_its_own_path(shared):
    shared.forget()
    shared.sh("printf '#!/bin/sh\\nexit 4\\n' > /tmp/job; chmod +x /tmp/job")
    spawn(shared, "sh", "-c", "./job a")
    event = shared.started("./job", "a")
    assert event["data"]["exe"] == "/tmp/job"
    assert shared.exited(event["data"]["pid"])["data"]["status"] == 4
