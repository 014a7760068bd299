"""A stale image is never taken for the current one."""

from types import SimpleNamespace
from typing import Any, cast

import docker
import docker.errors

from riosim_envs.image import image_status, image_tag


class _Engine:
    """As much of the Docker client as asking for images needs."""

    def __init__(self, *tags: str) -> None:
        self._tags = tags
        self.images = self

    def get(self, tag: str) -> Any:
        if tag in self._tags:
            return SimpleNamespace(attrs={"Size": 7})
        raise docker.errors.ImageNotFound(f"no such image: {tag}")

    def list(self, name: str) -> list[Any]:
        return [
            SimpleNamespace(attrs={"Size": 5}) for tag in self._tags if tag.startswith(name + ":")
        ]


def _states(*tags: str) -> dict[str, str]:
    client = cast("docker.DockerClient", _Engine(*tags))
    return {status.name: status.state for status in image_status(client)}


def test_an_engine_without_images_misses_all_of_them() -> None:
    assert set(_states().values()) == {"missing"}


def test_an_image_of_other_inputs_is_stale_and_one_of_these_inputs_is_current() -> None:
    states = _states(image_tag("desktop"), "riosim/stage:0000000000000000")
    assert states["desktop"] == "current"
    assert states["stage"] == "stale"
    assert states["desktop-base"] == "missing"


def test_desktop_and_stage_have_tags_of_their_own() -> None:
    assert image_tag("desktop").startswith("riosim/desktop:")
    assert image_tag("stage").startswith("riosim/stage:")
    assert image_tag("desktop").split(":")[1] != image_tag("stage").split(":")[1]
