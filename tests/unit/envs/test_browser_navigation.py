"""A page is loaded again if the host's networks changed meanwhile, and for no other reason."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError

from riosim.action import Goto
from riosim.clock import FakeClock
from riosim.errors import InvalidActionError
from riosim_envs.browser_controller import BrowserController
from riosim_envs.page_tracker import PageTracker

ELSEWHERE = 'Navigation to "https://a.test/" is interrupted by another navigation to "https://b/"'
ITS_OWN = ELSEWHERE.replace("https://b/", "https://a.test/")


class FakeContext:
    """One tab whose loads fail with the given words before one succeeds."""

    browser = None
    url = "https://a.test/"

    def __init__(self, *failures: str) -> None:
        self._failures = list(failures)
        self.n_loads = 0
        self.n_waits = 0
        self.pages: list[Any] = [self]

    def on(self, event: str, listener: Callable[..., None]) -> None:
        """Nothing happens here."""

    def goto(self, url: str, **options: object) -> None:
        self.n_loads += 1
        if self._failures:
            raise PlaywrightError(self._failures.pop(0))

    def wait_for_url(self, url: str, **options: object) -> None:
        self.n_waits += 1
        if self._failures:
            raise PlaywrightError(self._failures.pop(0))

    def evaluate(self, script: str) -> None:
        """Draw a frame, at once."""


def controller(context: FakeContext) -> BrowserController:
    return BrowserController(
        context,
        width_px=1280,
        height_px=800,
        home_url="https://home.test/",
        pages=PageTracker(),
        pending=lambda: (0, 0),
        clock=FakeClock(),
    )


def test_a_change_of_the_hosts_networks_is_not_the_pages_fault():
    context = FakeContext("net::ERR_NETWORK_CHANGED at https://a.test/", ITS_OWN)
    controller(context).perform(Goto(url="https://a.test/"))
    assert (context.n_loads, context.n_waits) == (2, 1)


def test_the_browsers_own_load_of_the_page_is_waited_for_and_not_interrupted():
    context = FakeContext(ITS_OWN)
    controller(context).perform(Goto(url="https://a.test/"))
    assert (context.n_loads, context.n_waits) == (1, 1)


def test_if_the_browsers_own_load_fails_the_page_is_loaded_again():
    context = FakeContext(ITS_OWN, "net::ERR_NETWORK_CHANGED", ELSEWHERE)
    controller(context).perform(Goto(url="https://a.test/"))
    assert (context.n_loads, context.n_waits) == (3, 1)


def test_a_download_is_an_answer():
    context = FakeContext("Download is starting")
    controller(context).perform(Goto(url="https://a.test/tool.deb"))
    assert context.n_loads == 1


@pytest.mark.parametrize("failures", [["net::ERR_CONNECTION_REFUSED"], 9 * ["ERR_NETWORK_CHANGED"]])
def test_other_failures_and_endless_ones_are_told(failures):
    with pytest.raises(InvalidActionError, match=failures[0]):
        controller(FakeContext(*failures)).perform(Goto(url="https://a.test/"))
