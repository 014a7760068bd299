"""The pictures of gaudy pop-ups: four of each theme, and the sign of a warning."""

import colorsys
import math
from collections.abc import Callable

from ad_pens import BLACK, RED, WHITE, YELLOW, Colour, Point, font, mix, on_circle, star
from PIL import ImageDraw

__all__ = ["draw_emblem", "warning_sign"]

_GOLD, _PAPER, _GREEN, _BLUE = (214, 160, 20), (250, 246, 232), (58, 150, 84), (40, 90, 190)


def draw_emblem(
    pen: ImageDraw.ImageDraw, theme: str, design: int, centre: Point, radius: float
) -> None:
    """Draw one of the theme's pictures around a point."""
    drawings = _EMBLEMS[theme]
    drawings[design % len(drawings)](pen, centre, radius)


def warning_sign(pen: ImageDraw.ImageDraw, centre: Point, radius: float, colour: Colour) -> None:
    """Draw a triangle with an exclamation mark."""
    x, y = centre
    fill = RED if colour == RED else (240, 170, 20)
    pen.polygon([(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)], fill=fill)
    pen.text(
        (x, y + radius * 0.35),
        "!",
        font=font(int(radius * 1.35), bold=True),
        fill=WHITE,
        anchor="mm",
    )


def _percent(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    star(pen, centre, radius * 1.15, YELLOW)
    size = int(radius * 0.9)
    pen.text(centre, "%", font=font(int(size * 1.3), bold=True), fill=RED, anchor="mm")


def _gift(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y = centre
    r = radius * 0.8
    pen.rectangle((x - r, y - r * 0.3, x + r, y + r), fill=(255, 205, 60))
    pen.rectangle((x - r * 1.12, y - r * 0.62, x + r * 1.12, y - r * 0.22), fill=(255, 226, 120))
    pen.rectangle((x - r * 0.18, y - r * 0.62, x + r * 0.18, y + r), fill=RED)
    for side in (-1, 1):
        x0, x1 = sorted((x, x + side * r * 0.8))
        pen.ellipse((x0, y - r * 1.2, x1, y - r * 0.6), outline=RED, width=14)


def _coins(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y = centre
    for dx, dy in ((-0.45, 0.45), (0.45, 0.45), (0.0, -0.25)):
        cx, cy, r = x + dx * radius, y + dy * radius, radius * 0.58
        pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=(214, 160, 20))
        pen.ellipse((cx - r * 0.86, cy - r * 0.9, cx + r * 0.86, cy + r * 0.82), fill=YELLOW)
        pen.text((cx, cy), "$", font=font(int(r * 1.3), bold=True), fill=(150, 100, 0), anchor="mm")


def _wheel(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y = centre
    parts = 10
    for part in range(parts):
        hue = colorsys.hsv_to_rgb(part / parts, 0.75, 1.0)
        colour = (int(hue[0] * 255), int(hue[1] * 255), int(hue[2] * 255))
        box = (x - radius, y - radius, x + radius, y + radius)
        pen.pieslice(box, part * 360 / parts, (part + 1) * 360 / parts, fill=colour, outline=WHITE)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=YELLOW, width=12)
    hub = radius * 0.24
    pen.ellipse((x - hub, y - hub, x + hub, y + hub), fill=WHITE)
    tip = [(x - 22, y - radius - 26), (x + 22, y - radius - 26), (x, y - radius + 26)]
    pen.polygon(tip, fill=RED, outline=WHITE)


def _exclamation(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    star(pen, centre, radius, WHITE)
    pen.text(centre, "!", font=font(int(radius * 1.2), bold=True), fill=RED, anchor="mm")


def _sign(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    warning_sign(pen, centre, radius * 0.9, BLACK)


def _price_tag(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y, r = *centre, radius * 0.95
    tag = [(x - r, y), (x - r * 0.4, y - r * 0.6), (x + r, y - r * 0.6), (x + r, y + r * 0.6)]
    pen.polygon([*tag, (x - r * 0.4, y + r * 0.6)], fill=YELLOW, outline=WHITE)
    hole = r * 0.13
    pen.ellipse((x - r * 0.6 - hole, y - hole, x - r * 0.6 + hole, y + hole), fill=RED)
    pen.text((x + r * 0.28, y), "-50", font=font(int(r * 0.62), bold=True), fill=RED, anchor="mm")


def _coupon(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y, r = *centre, radius
    pen.rectangle((x - r, y - r * 0.6, x + r, y + r * 0.6), fill=_PAPER)
    for step in range(8):
        left = x - r + step * r * 0.26
        for edge in (y - r * 0.6, y + r * 0.6):
            pen.line((left, edge, left + r * 0.14, edge), fill=BLACK, width=6)
    pen.line((x - r * 0.35, y - r * 0.6, x - r * 0.35, y + r * 0.6), fill=_GOLD, width=5)
    pen.text((x + r * 0.3, y), "%", font=font(int(r * 0.9), bold=True), fill=RED, anchor="mm")


def _shopping_bag(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y, r = *centre, radius * 0.9
    pen.arc((x - r * 0.45, y - r, x + r * 0.45, y), 180, 360, fill=WHITE, width=14)
    bag = [(x - r * 0.75, y - r * 0.5), (x + r * 0.75, y - r * 0.5), (x + r, y + r), (x - r, y + r)]
    pen.polygon(bag, fill=_PAPER)
    word = font(int(r * 0.52), bold=True)
    pen.text((x, y + r * 0.3), "SALE", font=word, fill=RED, anchor="mm")


def _balloons(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y = centre
    for dx, dy, colour in ((-0.5, -0.2, YELLOW), (0.5, -0.25, _BLUE), (0.0, -0.45, RED)):
        cx, cy, r = x + dx * radius, y + dy * radius, radius * 0.42
        pen.line((cx, cy + r, x, y + radius), fill=WHITE, width=5)
        pen.ellipse((cx - r, cy - r * 1.15, cx + r, cy + r * 1.15), fill=colour)
        pen.ellipse((cx - r * 0.5, cy - r * 0.8, cx - r * 0.1, cy - r * 0.3), fill=WHITE)


def _envelope(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y, r = *centre, radius
    pen.rectangle((x - r, y - r * 0.65, x + r, y + r * 0.65), fill=_PAPER)
    flap = [(x - r, y - r * 0.65), (x + r, y - r * 0.65), (x, y + r * 0.15)]
    pen.polygon(flap, fill=mix(_PAPER, _GOLD, 0.3), outline=_GOLD)
    star(pen, (x, y + r * 0.1), r * 0.3, RED)


def _trophy(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y, r = *centre, radius * 0.95
    for side in (-1, 1):
        cx = x + side * r * 0.55
        box = (cx - r * 0.32, y - r * 0.75, cx + r * 0.32, y - r * 0.05)
        pen.ellipse(box, outline=_GOLD, width=14)
    pen.pieslice((x - r * 0.6, y - r * 1.7, x + r * 0.6, y + r * 0.2), 0, 180, fill=YELLOW)
    pen.rectangle((x - r * 0.1, y + r * 0.1, x + r * 0.1, y + r * 0.65), fill=_GOLD)
    pen.rectangle((x - r * 0.45, y + r * 0.65, x + r * 0.45, y + r * 0.95), fill=YELLOW)


def _banknotes(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y, r = *centre, radius
    for shift in (0.45, 0.15, -0.15):
        cx, cy = x + shift * r * 0.4, y + shift * r
        box = (cx - r, cy - r * 0.42, cx + r, cy + r * 0.42)
        pen.rectangle(box, fill=mix(_GREEN, WHITE, 0.45), outline=_GREEN, width=8)
        pen.ellipse((cx - r * 0.28, cy - r * 0.28, cx + r * 0.28, cy + r * 0.28), fill=_GREEN)
        pen.text((cx, cy), "$", font=font(int(r * 0.42), bold=True), fill=WHITE, anchor="mm")


def _rising_line(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y, r = *centre, radius
    for number, height in enumerate((0.35, 0.6, 0.5, 0.9, 1.3)):
        left = x - r + number * r * 0.4
        pen.rectangle((left, y + r * 0.7 - r * height, left + r * 0.3, y + r * 0.7), fill=_PAPER)
    way = [(x - r, y + r * 0.2), (x - r * 0.3, y - r * 0.15), (x, y), (x + r * 0.9, y - r * 0.9)]
    pen.line(way, fill=YELLOW, width=16, joint="curve")
    pen.polygon(
        [(x + r, y - r), (x + r * 0.55, y - r * 0.85), (x + r * 0.9, y - r * 0.5)], fill=YELLOW
    )


def _sack(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y, r = *centre, radius
    neck = [(x - r * 0.45, y - r), (x + r * 0.45, y - r), (x + r * 0.2, y - r * 0.5)]
    pen.polygon([*neck, (x - r * 0.2, y - r * 0.5)], fill=_GOLD)
    pen.ellipse((x - r * 0.85, y - r * 0.6, x + r * 0.85, y + r), fill=_GOLD)
    pen.line((x - r * 0.3, y - r * 0.52, x + r * 0.3, y - r * 0.52), fill=RED, width=16)
    pen.text((x, y + r * 0.2), "$", font=font(int(r * 0.9), bold=True), fill=YELLOW, anchor="mm")


def _two_colours(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y = centre
    box = (x - radius, y - radius, x + radius, y + radius)
    for part in range(8):
        pen.pieslice(box, part * 45, part * 45 + 45, fill=(RED, _PAPER)[part % 2])
        at = on_circle(centre, radius * 0.68, math.radians(part * 45 + 22.5))
        label, ink = font(int(radius * 0.24), bold=True), (WHITE, RED)[part % 2]
        pen.text(at, str(10 * (part + 1)), font=label, fill=ink, anchor="mm")
    pen.ellipse(box, outline=_GOLD, width=14)
    pen.polygon([(x - 24, y), (x + 24, y), (x, y - radius * 0.5)], fill=BLACK)
    pen.ellipse((x - 26, y - 26, x + 26, y + 26), fill=BLACK)


def _reels(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y, r = *centre, radius
    pen.rounded_rectangle(
        (x - r, y - r * 0.7, x + r, y + r * 0.7), 24, fill=RED, outline=YELLOW, width=10
    )
    for column in (-1, 0, 1):
        cx = x + column * r * 0.6
        pen.rectangle((cx - r * 0.25, y - r * 0.42, cx + r * 0.25, y + r * 0.42), fill=WHITE)
        pen.text((cx, y), "7", font=font(int(r * 0.55), bold=True), fill=RED, anchor="mm")


def _die(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    x, y, r = *centre, radius * 0.78
    pen.rounded_rectangle((x - r, y - r, x + r, y + r), 34, fill=WHITE, outline=YELLOW, width=8)
    for dx, dy in ((-0.5, -0.5), (0.5, -0.5), (0.0, 0.0), (-0.5, 0.5), (0.5, 0.5)):
        cx, cy, dot = x + dx * r, y + dy * r, r * 0.18
        pen.ellipse((cx - dot, cy - dot, cx + dot, cy + dot), fill=RED)


_Emblem = Callable[[ImageDraw.ImageDraw, Point, float], None]
_EMBLEMS: dict[str, tuple[_Emblem, ...]] = {
    "plain": (_exclamation,),
    "warning": (_sign,),
    "discount": (_percent, _price_tag, _coupon, _shopping_bag),
    "gift": (_gift, _balloons, _envelope, _trophy),
    "money": (_coins, _banknotes, _rising_line, _sack),
    "wheel": (_wheel, _two_colours, _reels, _die),
}
