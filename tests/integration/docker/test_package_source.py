"""What can be installed, run and purged on a desktop, without a network."""

import pytest

from riosim_envs.docker_machine import DockerMachine

pytestmark = [pytest.mark.docker, pytest.mark.slow]

_SERVICES = {
    # package: (its process, a file of its configuration, all that is to be purged)
    "nginx-light": ("nginx", "/etc/nginx/nginx.conf", "nginx nginx-common nginx-light"),
    "openssh-server": ("sshd", "/etc/ssh/sshd_config", "openssh-server"),
    "postfix": ("master", "/etc/postfix/main.cf", "postfix"),
    "postgresql": (
        "postgres",
        "/etc/postgresql/15/main/postgresql.conf",
        "postgresql postgresql-15 postgresql-common",
    ),
}


def run(machine: DockerMachine, script: str) -> int:
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    return machine.slot.desktop.exec("sh", "-c", script, user="root", env=env, timeout_s=240).status


@pytest.mark.parametrize("package", _SERVICES)
def test_a_service_runs_once_installed_and_is_gone_once_purged(
    bare: DockerMachine, package: str
) -> None:
    process, configuration, everything = _SERVICES[package]
    assert run(bare, f"apt-get install -y -qq {package}") == 0
    assert run(bare, f"pgrep {process} && test -e {configuration}") == 0
    assert run(bare, f"apt-get purge -y -qq {everything}") == 0
    assert run(bare, f"for i in $(seq 50); do pgrep {process} || exit 0; sleep 0.1; done") == 0
    assert run(bare, f"test -e {configuration} || pgrep {process}") == 1


def test_the_disk_is_the_only_source(bare: DockerMachine) -> None:
    assert run(bare, "apt-get update && apt-cache policy nginx | grep 'file:/usr/share'") == 0
    assert run(bare, "apt-get install -y -qq cowsay") == 100
