"""What lies in the images: programs, packages, sizes, and a world that can be imported."""

from typing import Any

import docker
import pytest

from riosim.content import content_root
from riosim_envs.desktop_container import CAPABILITIES

pytestmark = pytest.mark.docker

_BUDGET_BYTES = 4_500_000_000
_PROGRAMS = (
    "chromium thunderbird libreoffice gimp code xfce4-terminal thunar mousepad engrampa evince "
    "ristretto parole xfce4-settings-manager nano vi git curl wget zip unzip ssh python3 xdg-open"
)


def _run(client: docker.DockerClient, image: str, script: str, **options: Any) -> str:
    output = client.containers.run(
        image,
        entrypoint=["sh", "-c"],
        command=[script],
        remove=True,
        network_mode="none",
        **options,
    )
    return str(output.decode())


def test_both_images_stay_within_their_budget(
    client: docker.DockerClient, tags: dict[str, str]
) -> None:
    sizes = [client.images.get(tags[name]).attrs["Size"] for name in ("desktop", "stage")]
    assert sum(sizes) <= _BUDGET_BYTES, sizes


def test_every_program_that_a_task_may_open_is_there(
    client: docker.DockerClient, tags: dict[str, str]
) -> None:
    script = f"for p in {_PROGRAMS}; do command -v $p >/dev/null || echo $p; done"
    assert _run(client, tags["desktop"], script) == ""


def test_no_program_asks_for_a_capability_that_the_desktop_never_has(
    client: docker.DockerClient, tags: dict[str, str]
) -> None:
    found = _run(client, tags["desktop"], "getcap -r /usr/bin /usr/sbin /usr/local 2>/dev/null")
    assert found == ""


def test_code_tells_its_version_and_usage_without_a_window(
    client: docker.DockerClient, tags: dict[str, str]
) -> None:
    version, usage = (
        _run(client, tags["desktop"], f"code --{word}") for word in ("version", "help")
    )
    assert [part.isdigit() for part in version.split()[0].split(".")] == [True] * 3
    assert usage.startswith("Usage: code")


def test_the_home_is_packed_with_relative_names_and_without_sockets_or_caches(
    client: docker.DockerClient, tags: dict[str, str]
) -> None:
    names = _run(client, tags["desktop"], "tar -tf /usr/lib/deskd/home.tar").split()
    assert all(name.startswith("./") and ".." not in name for name in names)
    assert {"./Documents/", "./Downloads/", "./Pictures/", "./Desktop/", "./.bashrc"} <= set(names)
    size = _run(client, tags["desktop"], "stat -c %s /usr/lib/deskd/home.tar")
    assert int(size) < 1_000_000


def test_the_stage_imports_the_world_as_an_ordinary_user_without_capabilities(
    client: docker.DockerClient, tags: dict[str, str]
) -> None:
    script = "id -u; cd /opt/riosim/lib && python3 - <<'X'\n" + (
        "import importlib, pkgutil, riosim_world\n"
        "for m in pkgutil.walk_packages(riosim_world.__path__, 'riosim_world.'):\n"
        "    if not m.name.endswith('__main__'): importlib.import_module(m.name)\n"
        "import Xlib, wire, accessibility\nX"
    )
    output = _run(client, tags["stage"], script, cap_drop=["ALL"])
    assert output.split() == ["10001"]


def test_nothing_on_the_desktop_is_named_after_what_it_is_for(
    client: docker.DockerClient, tags: dict[str, str]
) -> None:
    by_name = "find / -xdev -path /proc -prune -o -iname '*riosim*' -print"
    by_text = "grep -rlIi riosim /etc /usr/local /usr/share/applications /home || true"
    assert _run(client, tags["desktop"], f"{by_name}; {by_text}") == ""


def test_each_image_lists_its_debian_packages(
    client: docker.DockerClient, tags: dict[str, str]
) -> None:
    for name, folder in (("desktop", "/usr/lib/deskd"), ("stage", "/opt/riosim")):
        lines = _run(client, tags[name], f"cat {folder}/packages.txt").splitlines()
        assert len(lines) > 100
        assert lines == sorted(lines) or len(set(lines)) == len(lines)


def test_the_readme_gives_a_reason_for_each_capability_and_no_other() -> None:
    text = (content_root("images") / "README.md").read_text()
    table = text.split("| capability |")[1].split("\n\n")[0]
    named = {
        word.strip()
        for row in table.splitlines()
        if row.startswith("| ") and "---" not in row
        for word in row.split("|")[1].split(",")
    }
    assert named - {"why the desktop's root has it"} == set(CAPABILITIES)
