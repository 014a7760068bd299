"""The image of the echo guest: built from whatever local image has Python, without a network."""

import functools
import io
import tarfile
from pathlib import Path

from docker.errors import DockerException, ImageNotFound

from riosim_envs.engine import Engine
from tests.support.require import do_without

__all__ = ["ECHO_IMAGE", "echo_image", "real_image"]

ECHO_IMAGE = "riosim-dev/echo:latest"
_ROOT = Path(__file__).resolve().parents[2]
_BASES = ("riosim/stage:latest", "riosim/desktop:latest", "riosim-dev/python:latest")
_DEBIAN = "debian:bookworm-slim"
_INSTALL = "RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3\n"


@functools.cache
def echo_image() -> str:
    """Build the echo guest's image, if need be, and return its id."""
    engine = Engine.connect()
    client = engine.client
    base = next((name for name in _BASES if engine.image_digest(name)), None)
    install = "" if base else _INSTALL
    dockerfile = (
        f"FROM {base or _DEBIAN}\nUSER root\n{install}"
        "COPY echo /echo\nENV PYTHONPATH=/echo\n"
        'ENTRYPOINT ["python3", "-u", "/echo/guest.py"]\nCMD []\n'
    )
    context = _tar(
        {
            "Dockerfile": dockerfile.encode(),
            "echo/riosim/wire.py": (_ROOT / "riosim/wire.py").read_bytes(),
            "echo/guest.py": (_ROOT / "tests/support/echo_guest.py").read_bytes(),
        }
    )
    try:
        image, _ = client.images.build(
            fileobj=context,
            custom_context=True,
            tag=ECHO_IMAGE,
            rm=True,
            network_mode=None if base else "host",
        )
    except DockerException as exc:
        do_without("docker", f"the echo guest's image cannot be built: {exc}")
    finally:
        engine.close()
    return str(image.id)


def real_image(name: str) -> str:
    """Return the id of `riosim/NAME:latest`, or do without."""
    engine = Engine.connect()
    try:
        return str(engine.client.images.get(f"riosim/{name}:latest").id)
    except ImageNotFound:
        do_without("docker", f"riosim/{name}:latest is not built; run `riosim image build`")
    finally:
        engine.close()


def _tar(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    out.seek(0)
    return out
