"""Which processes are browsers."""

import pytest

from riosim_envs.browser_profile import is_browser
from riosim_envs.desktop_facts import Process

CHROMIUM = "/usr/lib/chromium/chromium"


@pytest.mark.parametrize(
    ("argv", "yes"),
    [
        ((CHROMIUM,), True),
        ((CHROMIUM, "--start-maximized", "https://a.test/"), True),
        ((f"{CHROMIUM} --start-maximized https://a.test/",), True),
        ((CHROMIUM, "--type=renderer"), False),
        ((f"{CHROMIUM} --type=zygote --no-zygote-sandbox",), False),
        (("/usr/lib/chromium/chrome_crashpad_handler",), False),
        (("bash", "-c", "chromium"), False),
        (("vi chromium",), False),
        ((), False),
        (("",), False),
    ],
)
def test_a_browser_is_told_from_its_own_processes(argv, yes):
    assert is_browser(Process(50, 1, 1000, argv, 0)) is yes
