"""Which commands can take a machine down: the agent is charged for the loss after those only."""

import pytest

from riosim_envs.loss import is_destructive


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
