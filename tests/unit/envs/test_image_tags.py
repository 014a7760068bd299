"""The tag `latest` is whatever is current, also when an older version has become so again."""

from types import SimpleNamespace
from typing import Any, cast

import docker
import docker.errors

from riosim_envs.image import BASE, build_images, image_status


class Engine:
    """As much of the Docker client as building needs when every image is there."""

    def __init__(self, *tags: str) -> None:
        self._tags = tags
        self.images = self
        self.moved: list[tuple[str, str, str]] = []

    def info(self) -> dict[str, str]:
        return {"Architecture": "x86_64"}

    def get(self, name: str) -> Any:
        if name not in self._tags:
            raise docker.errors.ImageNotFound(f"no such image: {name}")
        return SimpleNamespace(
            attrs={"Size": 7},
            tag=lambda repository, tag: self.moved.append((name, repository, tag)),
        )

    def list(self, name: str) -> list[Any]:
        return []


def client(engine: Engine) -> docker.DockerClient:
    return cast("docker.DockerClient", engine)


def test_an_image_that_is_current_already_gets_the_tag_latest():
    wanted = {status.name: status.tag for status in image_status(client(Engine()))}
    engine = Engine(BASE, *wanted.values())
    build_images(client(engine), on_progress=lambda line: None)
    assert set(engine.moved) == {(tag, f"riosim/{name}", "latest") for name, tag in wanted.items()}
