"""The image of the stage's tests: what the real stage stands on, and clients for its screen."""

import functools
import os
from pathlib import Path

import docker
from docker.errors import DockerException, ImageNotFound

from tests.support.require import do_without

__all__ = ["stage_image"]

_IMAGE = "riosim-dev/stage:latest"
_BASE = "riosim/stage-base:latest"


@functools.cache
def stage_image() -> str:
    """Build the image, if need be, and return its id; `RIOSIM_STAGE_TEST_IMAGE` names another."""
    client = docker.from_env(timeout=600)
    try:
        named = os.environ.get("RIOSIM_STAGE_TEST_IMAGE")
        if named:
            return str(client.images.get(named).id)
        client.images.get(_BASE)
        image, _ = client.images.build(
            path=str(Path(__file__).parent / "image"),
            tag=_IMAGE,
            buildargs={"BASE": _BASE},
            network_mode="host",
            rm=True,
        )
        return str(image.id)
    except ImageNotFound as exc:
        do_without("docker", f"{exc.explanation}; run `riosim image build`")
    except DockerException as exc:
        do_without("docker", f"the image of the stage's tests cannot be built: {exc}")
    finally:
        client.close()
