"""Pictures of the screen, byte for byte, without an X server."""

import hashlib
import importlib
import io
import struct
from pathlib import Path

import pytest
from PIL import Image


def noise(width: int, height: int, seed: int) -> Image.Image:
    blocks = (
        hashlib.sha256(bytes([seed, n & 255, n >> 8])).digest() for n in range(width * height)
    )
    return Image.frombytes("RGB", (width, height), b"".join(blocks)[: width * height * 3])


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (64, 40), (33, 41), (100, 121)])
def test_a_png_decodes_to_the_picture_it_was_made_of(size: tuple[int, int]):
    encoder = importlib.import_module("png").PngEncoder()
    for seed in (1, 1, 2):  # the second time from memory, the third over it
        picture = noise(*size, seed)
        decoded = Image.open(io.BytesIO(encoder.encode(picture)))
        assert decoded.mode == "RGB"
        assert decoded.tobytes() == picture.tobytes()


def test_a_change_in_one_stripe_is_seen_and_the_rest_is_kept():
    encoder = importlib.import_module("png").PngEncoder()
    picture = noise(50, 200, 3)
    encoder.encode(picture)
    picture.putpixel((7, 130), (1, 2, 3))
    decoded = Image.open(io.BytesIO(encoder.encode(picture)))
    assert decoded.tobytes() == picture.tobytes()


def test_the_pointer_is_cut_at_the_edges_and_mixed_by_its_alpha():
    frame = importlib.import_module("frame")
    shape = Image.new("RGBA", (4, 4), (255, 0, 0, 128))
    picture = Image.new("RGB", (10, 10), (0, 0, 255))
    frame.draw_cursor(picture, frame.Cursor(x=9, y=0, x_hot=1, y_hot=2, shape=shape))
    red, _, blue = picture.getpixel((9, 1))
    assert (red, blue) == pytest.approx((128, 127), abs=2)
    assert picture.getpixel((9, 2)) == (0, 0, 255)
    assert picture.getpixel((7, 0)) == (0, 0, 255)


def frame_file(path: Path, width: int, height: int) -> Path:
    header = [100, 7, 2, 24, width, height, 0, 0, 32, 0, 32, 32, width * 4, *[0] * 12]
    path.write_bytes(struct.pack(">25I", *header) + bytes(width * height * 4))
    return path


def test_stillness_is_counted_from_the_last_changed_pixel(tmp_path: Path):
    file = frame_file(tmp_path / "frame", 8, 4)
    frames = importlib.import_module("frame").FrameBuffer(file)
    first = frames.look()
    assert frames.look() == first
    with file.open("r+b") as screen:
        screen.seek(100 + 4 * (8 * 2 + 3))
        screen.write(b"\x01\x02\x03\x00")
    changed = frames.look()
    assert changed > first
    assert frames.look() == changed
    assert frames.picture().getpixel((3, 2)) == (3, 2, 1)
