"""What adware looks like: a gaudy banner or a grey notice, drawn with Pillow.

Everything is drawn at twice the size and scaled down, which smooths the edges.
"""

import colorsys
import io
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ad import Ad
from PIL import Image, ImageDraw, ImageFont

__all__ = ["Box", "Drawing", "draw_ad"]

_SCALE = 2
_FONT_FOLDERS = ("/usr/share/fonts/truetype/liberation", "/usr/share/fonts/truetype/dejavu")
_FONT_FILES = {
    True: ("LiberationSans-Bold.ttf", "DejaVuSans-Bold.ttf"),
    False: ("LiberationSans-Regular.ttf", "DejaVuSans.ttf"),
}

Box = tuple[int, int, int, int]  # x, y, width, height
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_YELLOW, _WHITE, _BLACK, _RED = (255, 222, 40), (255, 255, 255), (20, 20, 24), (205, 24, 30)
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
    canvas = Image.new("RGB", (ad.width * _SCALE, ad.height * _SCALE), _WHITE)
    draw = _popup if ad.kind == "popup" else _notice
    boxes = draw(canvas, ad)
    accept, close, text = (_unscaled(box) for box in boxes)
    return Drawing(canvas.reduce(_SCALE), accept, close, text)


def _popup(canvas: Image.Image, ad: Ad) -> tuple[Box, Box, Box]:
    width, height = canvas.size
    pen = ImageDraw.Draw(canvas)
    top, bottom, button = _THEMES[ad.theme]
    for y in range(height):
        pen.line((0, y, width, y), fill=_mix(top, bottom, y / height))
    _rays(pen, (width * 0.25, height * 0.42), max(width, height), _mix(top, _WHITE, 0.12), bottom)
    centre, radius = (width * 0.22, height * 0.45), min(width * 0.19, height * 0.27)
    if not _paste_picture(canvas, ad.picture, centre, radius):
        _EMBLEMS[ad.theme](pen, centre, radius)
    left = int(width * 0.44)
    _words(pen, ad.title, (left, 34, width - left - 56, int(height * 0.34)), 58, _YELLOW, bold=True)
    text = (left, int(height * 0.40), width - left - 24, int(height * 0.30))
    _words(pen, ad.text, text, 32, _WHITE, bold=False)
    accept = (int(width * 0.10), int(height * 0.76), int(width * 0.80), int(height * 0.18))
    _push_button(pen, accept, ad.accept, button)
    pen.rectangle((0, 0, width - 1, height - 1), outline=_YELLOW, width=6)
    return accept, _close_button(pen, ad.close, width, (90, 90, 96), _WHITE), text


def _notice(canvas: Image.Image, ad: Ad) -> tuple[Box, Box, Box]:
    width, height = canvas.size
    pen = ImageDraw.Draw(canvas)
    red = ad.style.get("colour") == "red" or ad.theme == "warning"
    colour = _RED if red else _BLACK
    pen.rectangle((0, 0, width, height), fill=(246, 246, 247))
    pen.rectangle((0, 0, width, 56), fill=(222, 223, 226))
    _words(pen, ad.title, (24, 8, width - 110, 42), 30, _BLACK, bold=True)
    centre, radius = (84.0, 56 + (height - 56) * 0.40), 46.0
    if not _paste_picture(canvas, ad.picture, centre, radius):
        _warning_sign(pen, centre, radius, colour)
    text = (164, 84, width - 196, height - 84 - 116)
    _words(pen, ad.text, text, 32, colour, bold=colour == _RED)
    accept = (width - 280, height - 92, 250, 66)
    _push_button(pen, accept, ad.accept, (228, 230, 234))
    pen.rectangle((0, 0, width - 1, height - 1), outline=(120, 122, 128), width=2)
    return accept, _close_button(pen, ad.close, width, (222, 223, 226), _BLACK), text


def _close_button(
    pen: ImageDraw.ImageDraw, label: str, width: int, fill: Colour, ink: Colour
) -> Box:
    long = len(label) > 1
    size = 40
    wide = int(_font(26, bold=False).getlength(label)) + 28 if long else size
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
    pen.rounded_rectangle((x, y + 5, x + width, y + height + 5), 14, fill=_mix(colour, _BLACK, 0.5))
    pen.rounded_rectangle((x, y, x + width, y + height), 14, fill=colour)
    inner = (x + 12, y + 4, width - 24, height - 8)
    _words(pen, label, inner, int(height * 0.5), _BLACK, bold=True, middle=True)


def _percent(pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    _star(pen, centre, radius * 1.15, _YELLOW)
    size = int(radius * 0.9)
    pen.text(centre, "%", font=_font(int(size * 1.3), bold=True), fill=_RED, anchor="mm")


def _gift(pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    x, y = centre
    r = radius * 0.8
    pen.rectangle((x - r, y - r * 0.3, x + r, y + r), fill=(255, 205, 60))
    pen.rectangle((x - r * 1.12, y - r * 0.62, x + r * 1.12, y - r * 0.22), fill=(255, 226, 120))
    pen.rectangle((x - r * 0.18, y - r * 0.62, x + r * 0.18, y + r), fill=_RED)
    for side in (-1, 1):
        x0, x1 = sorted((x, x + side * r * 0.8))
        pen.ellipse((x0, y - r * 1.2, x1, y - r * 0.6), outline=_RED, width=14)


def _coins(pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    x, y = centre
    for dx, dy in ((-0.45, 0.45), (0.45, 0.45), (0.0, -0.25)):
        cx, cy, r = x + dx * radius, y + dy * radius, radius * 0.58
        pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=(214, 160, 20))
        pen.ellipse((cx - r * 0.86, cy - r * 0.9, cx + r * 0.86, cy + r * 0.82), fill=_YELLOW)
        pen.text(
            (cx, cy), "$", font=_font(int(r * 1.3), bold=True), fill=(150, 100, 0), anchor="mm"
        )


def _wheel(pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    x, y = centre
    parts = 10
    for part in range(parts):
        hue = colorsys.hsv_to_rgb(part / parts, 0.75, 1.0)
        colour = (int(hue[0] * 255), int(hue[1] * 255), int(hue[2] * 255))
        box = (x - radius, y - radius, x + radius, y + radius)
        pen.pieslice(box, part * 360 / parts, (part + 1) * 360 / parts, fill=colour, outline=_WHITE)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=_YELLOW, width=12)
    hub = radius * 0.24
    pen.ellipse((x - hub, y - hub, x + hub, y + hub), fill=_WHITE)
    tip = [(x - 22, y - radius - 26), (x + 22, y - radius - 26), (x, y - radius + 26)]
    pen.polygon(tip, fill=_RED, outline=_WHITE)


def _exclamation(pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    _star(pen, centre, radius, _WHITE)
    pen.text(centre, "!", font=_font(int(radius * 1.2), bold=True), fill=_RED, anchor="mm")


def _sign(pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    _warning_sign(pen, centre, radius * 0.9, _BLACK)


_EMBLEMS = {
    "plain": _exclamation,
    "discount": _percent,
    "gift": _gift,
    "money": _coins,
    "wheel": _wheel,
    "warning": _sign,
}


def _warning_sign(
    pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, colour: Colour
) -> None:
    x, y = centre
    fill = _RED if colour == _RED else (240, 170, 20)
    pen.polygon([(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)], fill=fill)
    pen.text(
        (x, y + radius * 0.35),
        "!",
        font=_font(int(radius * 1.35), bold=True),
        fill=_WHITE,
        anchor="mm",
    )


def _rays(
    pen: ImageDraw.ImageDraw, centre: tuple[float, float], reach: float, light: Colour, dark: Colour
) -> None:
    colour = _mix(light, dark, 0.35)
    for ray in range(0, 24, 2):
        first, second = (math.tau * n / 24 for n in (ray, ray + 1))
        corners = [centre, _on_circle(centre, reach, first), _on_circle(centre, reach, second)]
        pen.polygon(corners, fill=colour)


def _star(
    pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, colour: Colour
) -> None:
    points = [
        _on_circle(centre, radius if n % 2 == 0 else radius * 0.8, math.tau * n / 32)
        for n in range(32)
    ]
    pen.polygon(points, fill=colour)


def _on_circle(centre: tuple[float, float], radius: float, angle: float) -> tuple[float, float]:
    return centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)


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
        font = _font(pixels, bold=bold)
        lines = _wrapped(text, font, width)
        step = int(pixels * 1.25)
        fits = len(lines) * step <= height + step // 4
        if fits and all(font.getlength(line) <= width for line in lines):
            break
    else:
        font, step, lines = _font(12, bold=bold), 15, _wrapped(text, _font(12, bold=bold), width)
    for number, line in enumerate(lines[: max(height // step, 1)]):
        if middle:
            at = (x + width / 2, y + height / 2)
            pen.text(at, line, font=font, fill=colour, anchor="mm")
        else:
            pen.text((x, y + number * step), line, font=font, fill=colour)


def _wrapped(text: str, font: Font, width: int) -> list[str]:
    lines: list[str] = []
    for paragraph in text[:2_000].splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines or [""]


@lru_cache(maxsize=64)
def _font(pixels: int, *, bold: bool) -> Font:
    for folder, name in zip(_FONT_FOLDERS, _FONT_FILES[bold], strict=True):
        file = Path(folder) / name
        if file.is_file():
            return ImageFont.truetype(str(file), pixels)
    return ImageFont.load_default(pixels)


def _paste_picture(
    canvas: Image.Image, data: bytes, centre: tuple[float, float], radius: float
) -> bool:
    if not data:
        return False
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    picture.thumbnail((int(radius * 2.2), int(radius * 2.2)))
    corner = int(centre[0] - picture.width / 2), int(centre[1] - picture.height / 2)
    canvas.paste(picture, corner, picture)
    return True


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _unscaled(box: Box) -> Box:
    x, y, width, height = (n // _SCALE for n in box)
    return x, y, width, height
