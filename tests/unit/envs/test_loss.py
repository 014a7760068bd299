"""What is charged to the agent when its machine or its browser is gone, and what is not."""

import pytest

from riosim_envs.loss import diagnose_browser, is_destructive
from tests.support.cases import draft


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf /",
        "sudo rm -rf /*",
        "rm -r -f --no-preserve-root /",
        "/bin/rm -Rf /usr",
        "find / -delete",
        "chmod -R 000 /etc",
        "kill -9 -1",
        "killall5 -9",
        "mkfs.ext4 /dev/vda",
        "dd if=/dev/zero of=/dev/vda",
        "shutdown -h now",
        "/sbin/reboot",
    ],
)
def test_a_command_that_takes_the_machine_down_is_known(command: str) -> None:
    assert is_destructive(command.split())


@pytest.mark.parametrize(
    "command",
    [
        "",
        "sudo",
        "ls /",
        "rm -rf /home/user/old",
        "rm notes.txt",
        "rm /etc",
        "kill -9 4711",
        "find / -name core",
        "dd if=a of=b",
        "chmod -R u+w /home/user/site",
        "echo rm -rf /",
    ],
)
def test_a_command_that_leaves_the_machine_alone_is_not_taken_for_one(command: str) -> None:
    assert not is_destructive(command.split())


def test_a_browser_that_ends_by_itself_is_not_the_agents_doing():
    loss = diagnose_browser([draft("dom.clicked")])
    assert (loss.reason, loss.by_agent) == ("browser_ended", False)


def test_a_browser_that_ends_for_want_of_memory_is_the_doing_of_an_agent_that_acted():
    limit = draft("system.limit", which="memory")
    loss = diagnose_browser([draft("dom.clicked"), limit])
    assert (loss.reason, loss.by_agent) == ("limit_memory", True)


def test_memory_that_ran_out_before_the_agent_acted_is_not_its_doing():
    loss = diagnose_browser([draft("system.limit", actor="setup", which="memory")])
    assert (loss.reason, loss.by_agent) == ("limit_memory", False)
