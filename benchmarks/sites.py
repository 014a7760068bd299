"""`python -m benchmarks.sites`: one picture of every site's first page, `docs/pictures/sites.png`.

The pages are those of the world as it is without a task, as Chromium shows them. Somebody is signed
in where a site has nothing to show to a stranger.
"""

import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, sync_playwright

from riosim_envs.chromium import chromium_arguments, find_chromium, unprivileged_launcher
from riosim_envs.local_world import LocalWorld
from riosim_envs.plain_world import PERSONA, plain_world
from riosim_world.directory import site_directory

__all__ = ["main", "sheet"]

_PICTURE: Final = Path(__file__).resolve().parent.parent / "docs/pictures/sites.png"
_SIGNED_IN: Final[Mapping[str, str]] = {
    "bank": "m.castellan",
    "drive": "imke.sorensen",
    "forum": "sam_rivers",
    "portal": PERSONA.mail,
}
_VIEWPORT: Final = (1280, 800)
_TILE: Final = (384, 240)
_COLUMNS: Final = 4
_GAP, _LABEL = 14, 24
_COLOURS: Final = 192


@contextmanager
def _browser_page(folder: Path, world: LocalWorld) -> Iterator[Page]:
    chromium = find_chromium(os.environ)
    if os.geteuid() == 0:
        chromium = unprivileged_launcher(folder, chromium)
    switches = chromium_arguments(address=world.address, spki=world.spki)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=switches, chromium_sandbox=True
        )
        width, height = _VIEWPORT
        yield browser.new_page(viewport={"width": width, "height": height})
        browser.close()


def sheet(pictures: Mapping[str, Image.Image]) -> Image.Image:
    """Return PICTURES side by side, each under its name."""
    rows = -(-len(pictures) // _COLUMNS)
    step_x, step_y = _TILE[0] + _GAP, _TILE[1] + _GAP + _LABEL
    whole = Image.new("RGB", (_COLUMNS * step_x + _GAP, rows * step_y + _GAP), "#f2f2f0")
    draw = ImageDraw.Draw(whole)
    font = ImageFont.load_default(size=15)
    for index, (name, picture) in enumerate(pictures.items()):
        x, y = _GAP + index % _COLUMNS * step_x, _GAP + index // _COLUMNS * step_y
        draw.text((x, y), name, fill="#333333", font=font)
        whole.paste(picture.resize(_TILE, Image.Resampling.LANCZOS), (x, y + _LABEL))
    return whole


def main() -> None:
    """Take the pictures and keep the sheet."""
    pictures: dict[str, Image.Image] = {}
    with tempfile.TemporaryDirectory(prefix="riosim-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # an unprivileged Chromium passes through
        with LocalWorld(folder, on_event=lambda event: None) as world:
            overlay = {site: {"signed_in": user} for site, user in _SIGNED_IN.items()}
            world.client.reset(replace(plain_world(1), overlay=overlay))
            with _browser_page(folder, world) as page:
                for site, host in sorted(site_directory().items()):
                    page.goto(f"https://{host}/")
                    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
                    pictures[f"{site} · {host}"] = shot
    sheet(pictures).quantize(_COLOURS).save(_PICTURE, optimize=True)


if __name__ == "__main__":
    main()
