"""When an application that was started can be used."""

from typing import Any

import pytest

from riosim.accessibility import Box, Node
from riosim_envs.applications import APPLICATIONS
from riosim_envs.stage import Window

LETTER = "/home/user/Documents/letter.odt"
SHOWN = Box(0, 0, 9, 9)
TITLE = "letter.odt - LibreOffice Writer"


def window(title: str = TITLE, app: str = "libreoffice-writer", **more: Any) -> Window:
    facts = {"id": "7", "title": title, "app": app, "box": [0, 0, 1280, 760], **more}
    return Window.from_json(facts)


def screen(*roles: str, title: str = TITLE, box: Box | None = SHOWN) -> Node:
    inside = tuple(Node(role, box=box) for role in roles)
    return Node("group", children=(Node("window", title, box=box, children=inside),))


def opened(*windows: Window, path: str | None = LETTER, app: str = "writer") -> Window | None:
    return APPLICATIONS[app].opened(windows, {"1": "Desktop", "2": TITLE}, path)


def test_the_window_with_the_file_in_its_title_is_the_one() -> None:
    assert opened(window(title="LibreOffice"), window()) == window()


@pytest.mark.parametrize(
    "other",
    [
        window(title="LibreOffice 7.4"),  # the splash picture's, before the file is read
        window(id="2"),  # was there before
        window(mapped=False),
        window(app="gimp"),
        window(box=[0, 0, 120, 90]),
    ],
)
def test_another_window_is_not(other: Window) -> None:
    assert opened(other) is None


def test_a_window_that_was_there_is_the_one_once_it_shows_the_file() -> None:
    other = {"2": "other.odt - LibreOffice Writer"}
    reused = window(id="2")
    assert APPLICATIONS["writer"].opened([reused], other, LETTER) == reused


def test_without_a_file_the_title_is_free_unless_the_application_has_one_of_its_own() -> None:
    untitled = window(title="Untitled 1 - LibreOffice Writer")
    assert opened(untitled, path=None) == untitled
    loading = window(title="Mozilla Thunderbird", app="thunderbird")
    assert opened(loading, path=None, app="thunderbird") is None


def test_it_can_be_used_when_its_widgets_are_on_the_screen() -> None:
    writer = APPLICATIONS["writer"]
    assert not writer.missing(window(), screen("menubar", "document", "statusbar"), LETTER)


@pytest.mark.parametrize(
    "tree",
    [
        Node("group"),
        screen("menubar", "statusbar"),  # the document is still being read
        screen("document", "statusbar", title="other.odt - LibreOffice Writer"),
        screen("document", "statusbar", box=None),
    ],
)
def test_it_cannot_be_used_before(tree: Node) -> None:
    assert "document" in APPLICATIONS["writer"].missing(window(), tree, LETTER)


def test_an_editor_has_a_tab_for_a_file_and_none_for_a_folder() -> None:
    code, shown = APPLICATIONS["code"], screen("menubar", "tree", "statusbar", "tab")
    tab = Node("tab", "letter.odt", box=SHOWN)
    with_file = Node("group", children=(Node("window", TITLE, children=(*shown.walk(), tab)),))
    assert not code.missing(window(), shown, "/home/user/Projects")
    assert code.missing(window(), shown, LETTER) == {"tab"}
    assert not code.missing(window(), with_file, LETTER)
