"""Chromium as a person has it, and what it shows of a desktop behind noVNC."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
from PIL import Image
from playwright.sync_api import Page, TimeoutError, sync_playwright

from riosim_envs.chromium import find_chromium

__all__ = ["browser_page", "n_colours_of_screen", "refusal"]

_LIMIT_MS = 30_000


@contextmanager
def browser_page() -> Iterator[Page]:
    """Open a page in a browser of our own; it meets nothing but our own door."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(
            executable_path=find_chromium(os.environ), args=arguments
        )
        try:
            yield browser.new_page(viewport={"width": 1300, "height": 840})
        finally:
            browser.close()


def n_colours_of_screen(page: Page, url: str, *, at_least: int = 0) -> int:
    """Return how many colours the screen has once it has AT_LEAST so many, or at the limit."""
    _enter(page, url)
    canvas = page.locator("#noVNC_container canvas")
    canvas.wait_for(timeout=_LIMIT_MS)
    n_colours = 0
    for _ in range(50):
        picture = np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB"))
        n_colours = len(np.unique(picture.reshape(-1, 3), axis=0))
        if n_colours >= at_least:
            break
    return n_colours


def _enter(page: Page, url: str) -> None:
    """Open the screen; noVNC does not try a lost connection again, a person reloads the page."""
    told = []
    for _ in range(3):
        page.goto(url)
        with suppress(TimeoutError):
            page.locator("html.noVNC_connected").wait_for(timeout=_LIMIT_MS / 3)
            return
        status = page.locator("#noVNC_status").inner_text()
        told.append((page.locator("html").get_attribute("class"), status))
    raise AssertionError(f"noVNC was not let in; its state and what it said: {told}")


def refusal(page: Page, url: str) -> tuple[str, int]:
    """Return what noVNC says where it is not let in, and how many screens it shows."""
    page.goto(url)
    status = page.locator("#noVNC_status.noVNC_open")
    status.wait_for(timeout=_LIMIT_MS)
    return status.inner_text(), page.locator("#noVNC_container canvas:visible").count()
