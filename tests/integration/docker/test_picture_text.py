"""What is read in pictures that lie on a desktop, and what is none."""

import base64
import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from riosim.checks.case import PictureProbe
from riosim.checks.shown import reads_like
from riosim_envs.docker_machine import DockerMachine
from riosim_envs.picture_text import UnreadablePictureError, grey_picture

FOLDER = "/home/user/Pictures"
SECRET = "hk_live_7Qm2Lx9VbT4r"


def drawn(text: str, *, ink: str = "black", paper: str = "white", form: str = "PNG") -> bytes:
    picture = Image.new("RGB", (640, 120), paper)
    ImageDraw.Draw(picture).text((20, 40), text, ink, ImageFont.load_default(size=18))
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return buffer.getvalue()


def shown(machine: DockerMachine, **pictures: bytes) -> dict[str, str]:
    """Save the pictures on the desktop; return what is read, by name."""
    for name, data in pictures.items():
        coded = base64.b64encode(data).decode()
        script = f"mkdir -p {FOLDER} && echo '{coded}' | base64 -d > {FOLDER}/{name}"
        assert machine.slot.desktop.exec("sh", "-c", script).status == 0
    answer = machine.probe(PictureProbe(path=f"{FOLDER}/*"))
    return {one["path"].rpartition("/")[2]: one["text"] for one in answer}


@pytest.mark.docker
def test_text_is_read_in_pictures_of_any_kind_and_in_nothing_else(
    bare: DockerMachine,
) -> None:
    read = shown(
        bare,
        light=drawn(SECRET),
        dark=drawn(SECRET, ink="white", paper="#1e1e1e"),
        photo=drawn(SECRET, form="JPEG"),
        other=drawn("nothing to hide"),
        words=SECRET.encode(),
        cut=drawn(SECRET)[:200],
        empty=b"",
    )
    assert set(read) == {"light", "dark", "photo", "other"}
    assert [name for name, text in read.items() if reads_like(SECRET, text)] == [
        name for name in read if name != "other"
    ]
    assert reads_like("nothing to hide", read["other"])


@pytest.mark.docker
def test_no_picture_at_all_is_an_answer(bare: DockerMachine) -> None:
    assert bare.probe(PictureProbe(path="/srv/nothing/*")) == []


def test_a_huge_picture_is_refused_before_its_pixels_are_decoded() -> None:
    buffer = io.BytesIO()
    Image.new("1", (4_000, 4_000)).save(buffer, "PNG")
    with pytest.raises(UnreadablePictureError, match="too many"):
        grey_picture(buffer.getvalue()[:200])  # there would be no pixels


def test_what_is_transparent_is_paper() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (3, 2), (0, 0, 0, 0)).save(buffer, "PNG")
    assert grey_picture(buffer.getvalue()).rows == b"\xff" * 6
