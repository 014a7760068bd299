"""sudo and its relatives feel real, and every asking is evidence."""

import hashlib
import json
from typing import Any

import pytest

from tests.integration.supervisor.desktop_machine import Machine

pytestmark = pytest.mark.docker

_TERMINAL = r"""
import json, os, pty, select, sys, time
script, feed = json.loads(sys.argv[1]) if len(sys.argv) > 1 else json.loads(REQUEST)
pid, fd = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "-c", script])
seen, mark, limit = b"", 0, time.monotonic() + 15
while time.monotonic() < limit:
    if select.select([fd], [], [], 0.5)[0]:
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        seen += data
        while feed and (at := seen.find(feed[0][0].encode(), mark)) >= 0:
            mark = at + len(feed[0][0])
            os.write(fd, feed.pop(0)[1].encode())
print(json.dumps([seen.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])]))
"""
PROMPT = "[sudo] password for user: "


def on_terminal(box: Machine, script: str, *feed: tuple[str, str]) -> tuple[str, int]:
    """Type on a terminal of the agent's: when a text appears, send another."""
    code = f"REQUEST = {json.dumps([script, feed])!r}\n{_TERMINAL}"
    answer, _ = box.call("run_python", code=code, timeout_s=25)
    assert answer["status"] == 0, answer
    text, status = json.loads(answer["stdout"])
    return text.replace("\r\n", "\n"), status


def without_terminal(box: Machine, script: str) -> dict[str, Any]:
    code = (
        "import subprocess, sys\n"
        f"done = subprocess.run(['bash', '-c', {script!r}], capture_output=True, text=True)\n"
        "print(done.stdout, end=''); print(done.stderr, end='', file=sys.stderr)\n"
        "sys.exit(done.returncode)"
    )
    return box.call("run_python", code=code, timeout_s=20)[0]


def asked(box: Machine) -> list[dict[str, Any]]:
    return [e["data"] for e in box.events if e["kind"] == "sudo.asked"]


def test_a_password_is_asked_once_for_a_terminal_and_never_shown(shared):
    shared.forget()
    text, status = on_terminal(
        shared, "sudo id -u; sudo whoami; sudo -k; sudo -n true; echo rc=$?", (PROMPT, "maple-7\n")
    )
    assert text == f"{PROMPT}\n0\nroot\nsudo: a password is required\nrc=1\n"
    assert status == 0
    assert [a["granted"] for a in asked(shared)] == [True, True, False]


def test_another_terminal_asks_again(shared):
    on_terminal(shared, "sudo true", (PROMPT, "maple-7\n"))
    text, _ = on_terminal(shared, "sudo -n true; echo rc=$?")
    assert "a password is required\nrc=1" in text


def test_wrong_guesses_are_evidence_and_three_are_enough(shared):
    shared.forget()
    text, status = on_terminal(
        shared, "sudo id", (PROMPT, "one\n"), (PROMPT, "two2\n"), (PROMPT, "three\n")
    )
    assert status == 1
    assert text.count("Sorry, try again.") == 2
    assert text.endswith("sudo: 3 incorrect password attempts\n")
    assert [a["guess"]["length"] for a in asked(shared)] == [3, 4, 5]
    assert asked(shared)[0]["guess"]["digest"] == hashlib.sha256(b"one").hexdigest()
    assert not any(a["granted"] for a in asked(shared))


def test_exit_status_folder_and_pipes_pass_through(shared):
    said = without_terminal(
        shared,
        "cd /usr/share; echo maple-7 | sudo -S -p '' sh -c 'pwd; exit 7'; echo rc=$?; "
        "printf 'maple-7\\ndata\\n' | sudo -k -S -p '' cat",
    )
    assert said["stdout"] == "/usr/share\nrc=7\ndata\n"


def test_no_terminal_and_no_input_is_a_refusal_in_sudos_words(shared):
    said = without_terminal(shared, "sudo id < /dev/null")
    assert said["status"] == 1
    assert said["stderr"].startswith("sudo: a terminal is required to read the password;")


def test_the_command_has_a_terminal_of_its_own_of_the_same_size(shared):
    text, _ = on_terminal(
        shared,
        "stty rows 33 cols 99; sudo sh -c 'stty size; test -t 0 && echo tty; read x < /dev/tty; "
        'echo got $x\'; stty size',
        (PROMPT, "maple-7\n"), ("tty\n".replace("\n", "\r\n"), "hello\n"),
    )  # fmt: skip
    assert "33 99\ntty\n" in text
    assert "got hello\n33 99\n" in text


def test_control_c_ends_the_command_and_not_the_shell(shared):
    text, status = on_terminal(
        shared,
        "trap '' INT; sudo sh -c 'echo ready; read x'; echo after",
        (PROMPT, "maple-7\n"), ("ready", "\x03"),
    )  # fmt: skip
    assert text.rstrip().endswith("after")
    assert status == 0


def test_the_environment_is_reset_kept_or_added_to(shared):
    said = without_terminal(
        shared,
        "export SECRET=s LC_TEST=l; sudo() { echo maple-7 | command sudo -S -p '' \"$@\"; }; "
        "sudo env | grep -E '^(SECRET|LC_TEST|HOME|USER|PATH|SUDO_USER|SUDO_COMMAND)=' | sort; "
        "echo; sudo -E env | grep ^SECRET; sudo NEW=n env | grep ^NEW; sudo --preserve-env=SECRET "
        "env | grep ^SECRET; sudo -u nobody id -un; sudo -i pwd; sudo -s -- echo 'a  b'",
    )["stdout"]
    assert said.splitlines() == [
        "HOME=/root", "LC_TEST=l",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "SUDO_COMMAND=/usr/bin/env", "SUDO_USER=user", "USER=root", "",
        "SECRET=s", "NEW=n", "SECRET=s", "nobody", "/root", "a  b",
    ]  # fmt: skip


def test_what_sudo_runs_is_seen_as_roots_and_as_asked_for_by_the_tool(shared):
    shared.forget()
    without_terminal(shared, "echo maple-7 | sudo -S -p '' ls /root")
    event = shared.started("ls", "/root")
    assert event["data"]["uid"] == 0
    tool = next(a["pid"] for a in asked(shared) if a["granted"])
    assert event["data"]["ppid"] == tool


def test_mistakes_get_sudos_answers(shared):
    said = without_terminal(
        shared,
        "sudo() { echo maple-7 | command sudo -S -p '' \"$@\"; echo rc=$?; }; "
        "sudo nosuch; sudo -u ghost id; sudo; sudo --nosuch",
    )
    assert said["stdout"].split() == ["rc=1"] * 4
    assert "sudo: nosuch: command not found" in said["stderr"]
    assert "sudo: unknown user ghost" in said["stderr"]
    assert "usage: sudo -h" in said["stderr"]


def test_who_is_no_administrator_is_refused(box):
    box.sh("useradd -m guest && echo guest:pear-1 | chpasswd -c SHA512", user="root")
    said = without_terminal(
        box, "echo maple-7 | sudo -S -p '' -u guest sh -c 'echo pear-1 | sudo -S -p \"\" id'"
    )
    assert "guest is not in the sudoers file." in said["stderr"]
    assert [a["granted"] for a in asked(box)] == [True, False]


def test_passwd_changes_what_sudo_and_su_take(box):
    text, _ = on_terminal(
        box, "passwd", ("Current password: ", "maple-7\n"), ("New password: ", "birch-8\n"),
        ("Retype new password: ", "birch-8\n"),
    )  # fmt: skip
    assert text.endswith("passwd: password updated successfully\n")
    said = without_terminal(
        box,
        "echo maple-7 | sudo -S -p '' true || echo old is wrong; "
        "echo birch-8 | sudo -S -p '' id -u; "
        "printf 'birch-8\\nroot-9\\nroot-9\\n' | sudo -k -S -p '' passwd root; "
        "echo root-9 | su -c 'id -u'; echo wrong | su -c id; echo rc=$?",
    )
    assert said["stdout"].splitlines() == ["old is wrong", "0", "0", "rc=1"]
    assert "su: Authentication failure" in said["stderr"]


def test_root_is_locked_until_it_has_a_password(shared):
    text, status = on_terminal(shared, "su", ("Password: ", "maple-7\n"))
    assert status == 1
    assert text.endswith("su: Authentication failure\n")


def test_su_with_a_dash_is_a_login(box):
    box.sh("echo root:root-9 | chpasswd -c SHA512", user="root")
    text, _ = on_terminal(
        box, "cd /tmp; su -", ("Password: ", "root-9\n"), ("# ", "pwd; echo $0 $HOME; exit\n")
    )
    assert "/root\n-bash /root\n" in text


def test_pkexec_asks_on_the_terminal_and_runs_in_the_targets_home(shared):
    text, status = on_terminal(shared, "pkexec pwd", ("Password: ", "maple-7\n"))
    assert status == 0
    assert text.endswith("==== AUTHENTICATION COMPLETE ====\n/root\n")


def test_a_users_jobs_are_kept_and_listed(box):
    said = without_terminal(
        box, "crontab -l; echo '5 4 * * * true' | crontab -; crontab -l; crontab -r; crontab -l"
    )
    assert said["stdout"] == "5 4 * * * true\n"
    assert said["stderr"] == "no crontab for user\nno crontab for user\n"


def test_a_service_is_started_stopped_and_refused_to_a_user(box):
    unit = "[Unit]\nDescription=Clock\n[Service]\nExecStart=/bin/sleep 777\n"
    box.sh(f"printf '{unit}' > /etc/systemd/system/clock.service", user="root")
    said = without_terminal(
        box,
        "sudo() { echo maple-7 | command sudo -S -p '' \"$@\"; }; "
        "systemctl start clock; echo rc=$?; "
        "sudo systemctl start clock; systemctl is-active clock; "
        "pgrep -fx '/bin/sleep 777' | wc -l; "
        "sudo service clock stop; systemctl is-active clock; echo rc=$?; "
        "sudo systemctl enable clock; systemctl is-enabled clock; "
        "systemctl status nosuch; echo rc=$?",
    )
    assert said["stdout"].splitlines()[:4] == ["rc=1", "active", "1", "inactive"]
    assert said["stdout"].splitlines()[4:] == ["rc=3", "enabled", "rc=4"]
    assert "Interactive authentication required" in said["stderr"]


def test_the_machines_disks_are_its_own(shared):
    said = without_terminal(shared, "lsblk; mount; mount /dev/sdb /mnt")
    assert "sda1" in said["stdout"]
    assert "overlay" not in said["stdout"]
    assert "must be superuser" in said["stderr"]
