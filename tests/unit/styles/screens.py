"""Small screens that look like real ones: a page, a desktop with several windows."""

import numpy as np

from riosim.accessibility import Box, Node
from riosim.dialects.coordinate import Screen
from riosim.observation import Observation

__all__ = ["DESKTOP", "PAGE", "SCREEN", "desktop", "observed", "window"]

SCREEN = Screen(1280, 800)


def observed(tree, screen=SCREEN, *, level=255):
    """Return an observation of a plain screen."""
    pixels = np.full((screen.height_px, screen.width_px, 3), level, np.uint8)
    return Observation(pixels, "Do it.", 0, tree=tree)


def window(name, app, box, *children, states=()):
    """Return a window."""
    return Node("window", name, "", Box(*box), states, app, children)


def desktop(*windows, active=""):
    """Return a screen of windows above a panel with a button for each that has a title bar."""
    buttons = [
        Node(
            "button",
            w.name,
            box=Box(500 + 100 * i, 760, 100, 40),
            states=("checked",) if w.name == active else (),
        )
        for i, w in enumerate(w for w in windows if w.app != "offers")
    ]
    panel = window("", "xfce4-panel", (0, 760, 1280, 40), *buttons)
    floor = window(
        "Desktop", "xfdesktop", (0, 0, 1280, 800), Node("image", "Trash", box=Box(10, 10, 60, 60))
    )
    return Node("group", "Desktop", children=(*windows, panel, floor))


PAGE = Node(
    "document",
    "Shop",
    "",
    Box(0, 100, 1280, 660),
    ("focused",),
    "",
    (
        Node(
            "group",
            "",
            box=Box(0, 100, 1280, 60),
            children=(
                Node(
                    "link",
                    "Sign in",
                    box=Box(1100, 110, 80, 20),
                    children=(Node("text", "Sign in", box=Box(1105, 112, 70, 16)),),
                ),
                Node("text", "Search the shop", box=Box(300, 110, 1, 1)),
                Node("textbox", "Search the shop", "kettle", Box(300, 108, 400, 30), ("editable",)),
            ),
        ),
        Node(
            "heading",
            "Kettles",
            box=Box(100, 200, 900, 40),
            children=(Node("text", "Kettles", box=Box(100, 205, 120, 30)),),
        ),
        Node(
            "list",
            "",
            box=Box(100, 260, 900, 200),
            children=(
                Node(
                    "listitem",
                    "",
                    box=Box(100, 260, 900, 100),
                    children=(
                        Node(
                            "heading",
                            "Copper kettle",
                            box=Box(120, 270, 300, 30),
                            children=(Node("link", "Copper kettle", box=Box(120, 272, 140, 26)),),
                        ),
                        Node("paragraph", ", ,", box=Box(120, 300, 300, 20)),
                        Node("text", "41 coins", box=Box(120, 320, 80, 20)),
                        Node("button", "Buy", box=Box(900, 300, 80, 30), states=("disabled",)),
                    ),
                ),
            ),
        ),
        Node("link", "Imprint", box=Box(100, 2_000, 100, 20)),
        Node("button", "Boxless"),
    ),
)

BROWSER = window(
    "Shop - Chromium",
    "chromium",
    (0, 0, 1280, 760),
    Node("button", "Back", box=Box(10, 50, 30, 30)),
    PAGE,
)
FILES = window(
    "user - Files",
    "thunar",
    (200, 100, 700, 500),
    Node("button", "Home", box=Box(210, 110, 30, 30)),
    Node("cell", "Documents", box=Box(300, 400, 100, 20)),
)
AD = window(
    "You won",
    "offers",
    (430, 270, 420, 260),
    Node("text", "Spin the wheel", box=Box(600, 370, 200, 70)),
    Node("button", "Claim", box=Box(470, 467, 330, 46)),
)
DESKTOP = desktop(BROWSER, FILES, AD, active=BROWSER.name)
