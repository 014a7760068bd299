"""What adware looks like: a gaudy banner or a grey notice, drawn with Pillow.

Everything is drawn at twice the size and scaled down, which smooths the edges.
"""

import colorsys
import io
import math
from dataclasses import dataclass

from ad import Ad
from ad_emblems import draw_emblem, warning_sign
from ad_pens import BLACK, RED, WHITE, YELLOW, Colour, Font, Point, font, mix, on_circle
from PIL import Image, ImageDraw

__all__ = ["Box", "Drawing", "draw_ad"]

_SCALE = 2
Box = tuple[int, int, int, int]  # x, y, width, height
_THEMES: dict[str, tuple[Colour, Colour, Colour]] = {  # top, bottom, button
    "plain": ((30, 90, 160), (120, 190, 235), (255, 200, 60)),
    "warning": ((120, 10, 16), (214, 60, 30), (255, 210, 60)),
    "discount": ((226, 30, 60), (255, 138, 20), (255, 230, 60)),
    "gift": ((120, 30, 170), (240, 60, 150), (70, 205, 90)),
    "money": ((8, 96, 60), (40, 170, 90), (255, 210, 50)),
    "wheel": ((20, 40, 130), (60, 130, 235), (250, 80, 60)),
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished window: its picture and where its parts are, relative to it."""

    image: Image.Image
    accept: Box
    close: Box
    text: Box


def draw_ad(ad: Ad) -> Drawing:
    """Draw the window of an ad."""
    canvas = Image.new("RGB", (ad.width * _SCALE, ad.height * _SCALE), WHITE)
    draw = _popup if ad.kind == "popup" else _notice
    boxes = draw(canvas, ad)
    accept, close, text = (_unscaled(box) for box in boxes)
    return Drawing(canvas.reduce(_SCALE), accept, close, text)


def _popup(canvas: Image.Image, ad: Ad) -> tuple[Box, Box, Box]:
    width, height = canvas.size
    pen = ImageDraw.Draw(canvas)
    design = int(ad.style.get("design", 0))
    top, bottom, button = _THEMES[ad.theme]
    top, bottom = _turned(top, design), _turned(bottom, design)
    for y in range(height):
        pen.line((0, y, width, y), fill=mix(top, bottom, y / height))
    _rays(pen, (width * 0.25, height * 0.42), max(width, height), mix(top, WHITE, 0.12), bottom)
    centre, radius = (width * 0.22, height * 0.45), min(width * 0.19, height * 0.27)
    if not _paste_picture(canvas, ad.picture, centre, radius):
        draw_emblem(pen, ad.theme, design, centre, radius)
    left = int(width * 0.44)
    _words(pen, ad.title, (left, 34, width - left - 56, int(height * 0.34)), 58, YELLOW, bold=True)
    text = (left, int(height * 0.40), width - left - 24, int(height * 0.30))
    _words(pen, ad.text, text, 32, WHITE, bold=False)
    accept = (int(width * 0.10), int(height * 0.76), int(width * 0.80), int(height * 0.18))
    _push_button(pen, accept, ad.accept, button)
    pen.rectangle((0, 0, width - 1, height - 1), outline=YELLOW, width=6)
    return accept, _close_button(pen, ad.close, width, (90, 90, 96), WHITE), text


def _notice(canvas: Image.Image, ad: Ad) -> tuple[Box, Box, Box]:
    width, height = canvas.size
    pen = ImageDraw.Draw(canvas)
    red = ad.style.get("colour") == "red" or ad.theme == "warning"
    colour = RED if red else BLACK
    pen.rectangle((0, 0, width, height), fill=(246, 246, 247))
    pen.rectangle((0, 0, width, 56), fill=(222, 223, 226))
    _words(pen, ad.title, (24, 8, width - 110, 42), 30, BLACK, bold=True)
    centre, radius = (84.0, 56 + (height - 56) * 0.40), 46.0
    if not _paste_picture(canvas, ad.picture, centre, radius):
        warning_sign(pen, centre, radius, colour)
    text = (164, 84, width - 196, height - 84 - 116)
    _words(pen, ad.text, text, 32, colour, bold=colour == RED)
    accept = (width - 280, height - 92, 250, 66)
    _push_button(pen, accept, ad.accept, (228, 230, 234))
    pen.rectangle((0, 0, width - 1, height - 1), outline=(120, 122, 128), width=2)
    return accept, _close_button(pen, ad.close, width, (222, 223, 226), BLACK), text


def _close_button(
    pen: ImageDraw.ImageDraw, label: str, width: int, fill: Colour, ink: Colour
) -> Box:
    long = len(label) > 1
    size = 40
    wide = int(font(26, bold=False).getlength(label)) + 28 if long else size
    x, y = width - wide - 10, 8
    pen.rounded_rectangle((x, y, x + wide, y + size), 8, fill=fill)
    if long:
        _words(pen, label, (x + 4, y + 4, wide - 8, size - 8), 26, ink, bold=False, middle=True)
    else:
        pen.line((x + 12, y + 12, x + size - 12, y + size - 12), fill=ink, width=5)
        pen.line((x + size - 12, y + 12, x + 12, y + size - 12), fill=ink, width=5)
    return x, y, wide, size


def _push_button(pen: ImageDraw.ImageDraw, box: Box, label: str, colour: Colour) -> None:
    x, y, width, height = box
    pen.rounded_rectangle((x, y + 5, x + width, y + height + 5), 14, fill=mix(colour, BLACK, 0.5))
    pen.rounded_rectangle((x, y, x + width, y + height), 14, fill=colour)
    inner = (x + 12, y + 4, width - 24, height - 8)
    _words(pen, label, inner, int(height * 0.5), BLACK, bold=True, middle=True)


def _turned(colour: Colour, design: int) -> Colour:
    """Return the ground of a further design: its hue turned, away from the yellow of its words."""
    hue, light, much = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    turned = colorsys.hls_to_rgb((hue - 0.11 * design) % 1.0, light, much)
    red, green, blue = (round(255 * part) for part in turned)
    return red, green, blue


def _rays(
    pen: ImageDraw.ImageDraw, centre: Point, reach: float, light: Colour, dark: Colour
) -> None:
    colour = mix(light, dark, 0.35)
    for ray in range(0, 24, 2):
        first, second = (math.tau * n / 24 for n in (ray, ray + 1))
        corners = [centre, on_circle(centre, reach, first), on_circle(centre, reach, second)]
        pen.polygon(corners, fill=colour)


def _words(
    pen: ImageDraw.ImageDraw,
    text: str,
    box: Box,
    size: int,
    colour: Colour,
    *,
    bold: bool,
    middle: bool = False,
) -> None:
    """Write TEXT into BOX, wrapped, in the largest size up to SIZE in which it fits."""
    x, y, width, height = box
    for pixels in range(size, 11, -2):
        face = font(pixels, bold=bold)
        lines = _wrapped(text, face, width)
        step = int(pixels * 1.25)
        fits = len(lines) * step <= height + step // 4
        if fits and all(face.getlength(line) <= width for line in lines):
            break
    else:
        face, step = font(12, bold=bold), 15
        lines = _wrapped(text, face, width)
    for number, line in enumerate(lines[: max(height // step, 1)]):
        if middle:
            at = (x + width / 2, y + height / 2)
            pen.text(at, line, font=face, fill=colour, anchor="mm")
        else:
            pen.text((x, y + number * step), line, font=face, fill=colour)


def _wrapped(text: str, face: Font, width: int) -> list[str]:
    lines: list[str] = []
    for paragraph in text[:2_000].splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and face.getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines or [""]


def _paste_picture(canvas: Image.Image, data: bytes, centre: Point, radius: float) -> bool:
    if not data:
        return False
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    picture.thumbnail((int(radius * 2.2), int(radius * 2.2)))
    corner = int(centre[0] - picture.width / 2), int(centre[1] - picture.height / 2)
    canvas.paste(picture, corner, picture)
    return True


def _unscaled(box: Box) -> Box:
    x, y, width, height = (n // _SCALE for n in box)
    return x, y, width, height
