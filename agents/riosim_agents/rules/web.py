"""Chores on pages: search, sign in, publish, find the most, follow a link, read and answer."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from riosim.accessibility import Node
from riosim.action import Finish, Press, Scroll, Wait
from riosim_agents.rules.form import FieldFiller
from riosim_agents.rules.move import LOOK_AGAIN, Move
from riosim_agents.rules.screen import Screen

__all__ = ["Answer", "FindMost", "FollowLink", "Publish", "Search", "SignIn", "SignOut"]

_TRIES: Final = 2
_SIGNED_IN: Final = r"sign out|log out|logout"
_CONFIRM: Final = r"\bconfirm\b|is this right|are you sure|check (your|the) (order|details)"
_YES: Final = r"(send|confirm|yes|submit|publish|post|pay|place)\b.*"
_SIGN_IN: Final = r"sign in|log in|login|sign in to .*"


class _Links:
    """Follows links by their words, each at most twice on one page."""

    def __init__(self) -> None:
        self._followed: Counter[tuple[str, str]] = Counter()

    def follow(self, screen: Screen, pattern: str, why: str) -> Move | None:
        """Return a click on the first link or button that fits and was not tried in vain."""
        for role in ("link", "button", "tab"):
            node = screen.find(role, pattern)
            if node is not None and self._followed[screen.url, node.name] < _TRIES:
                self._followed[screen.url, node.name] += 1
                return Move("follow_link", screen.click(node), why)
        return None


def _look_again(screen: Screen, what: str, looks: int) -> Move:
    """Wait for what is not there, then look further down the page."""
    if screen.is_browser and looks % 3 == 2:
        down = Scroll(at=screen.click(screen.tree).at, dy=5)
        return Move(LOOK_AGAIN, down, f"{what} may be further down.")
    return Move(LOOK_AGAIN, Wait(seconds=0.3), f"{what} is not on the screen.")


def _go_to_site(screen: Screen, site: str, links: _Links) -> Move | None:
    """Follow a link to the site, if this page is another one's."""
    if not site or screen.mentions(site):
        return None
    return links.follow(screen, rf".*\b{re.escape(site)}\b.*", f"This leads to {site}.")


@dataclass
class Search:
    """Types words into the page's search field and sends them off."""

    site: str
    words: str
    _filler: FieldFiller = field(default_factory=FieldFiller)
    _links: _Links = field(default_factory=_Links)
    _sent_from: str | None = None
    _looks: int = 0

    def next_move(self, screen: Screen) -> Move | None:
        """Return what to do on this screen, None once there are results."""
        self._looks += 1
        if self._sent_from is not None:
            return None
        there = _go_to_site(screen, self.site, self._links)
        if there is not None:
            return there
        box = screen.field("search|find|query")
        if box is None:
            return _look_again(screen, "A search field", self._looks)
        filling = self._filler.next_move(screen, box, self.words)
        if filling is not None:
            return filling
        self._sent_from = screen.url
        return Move("send_search", Press(key="enter"), f"The search for {self.words!r} is typed.")


@dataclass
class SignIn:
    """Gives user name and password to a page that asks for both."""

    site: str
    user: str
    password: str
    stay: bool = False
    _filler: FieldFiller = field(default_factory=FieldFiller)
    _links: _Links = field(default_factory=_Links)
    _sent: int = 0
    _looks: int = 0

    def next_move(self, screen: Screen) -> Move | None:
        """Return what to do on this screen, None once signed in or once no more is asked."""
        if screen.find("button", _SIGNED_IN) or screen.find("link", _SIGNED_IN):
            return None
        password = screen.field("password|passphrase")
        if password is not None and self._sent < _TRIES:
            return self._fill(screen, password)
        if self._sent:
            return None
        self._looks += 1
        return (
            _go_to_site(screen, self.site, self._links)
            or self._links.follow(screen, _SIGN_IN, "The user wants to be signed in.")
            or _look_again(screen, "A way to sign in", self._looks)
        )

    def _fill(self, screen: Screen, password: Node) -> Move:
        before = [box for box in screen.fields() if _is_above(box, password)]
        for box, text in (*((box, self.user) for box in before[-1:]), (password, self.password)):
            filling = self._filler.next_move(screen, box, text)
            if filling is not None:
                return filling
        stay = screen.find("checkbox", r"(stay|keep me) signed in.*|remember me.*")
        if self.stay and stay is not None and "checked" not in stay.states:
            return Move("tick", screen.click(stay), "The user wants to stay signed in.")
        self._sent += 1
        button = screen.button_after(password)
        if button is None:
            return Move("send_form", Press(key="enter"), "Name and password are filled in.")
        return Move("send_form", screen.click(button), "Name and password are filled in.")


def _is_above(box: Node, other: Node) -> bool:
    """Whether a field stands over another in the same column, as a user name over its password."""
    if box.box is None or other.box is None:
        return False
    return box.box.y < other.box.y and abs(box.box.x - other.box.x) < other.box.width


@dataclass
class Publish:
    """Opens the form for a new thing at a place, fills it and sends it off.

    Attributes:
        thing: What it is called, for example "issue" or "comment".
        place: Where it belongs, as its link is called.
        texts: Text for each field, by a pattern of its label.
        asked: Names of the links that lead to the form when there is no thing.
    """

    thing: str
    place: str
    texts: dict[str, str]
    site: str = ""
    asked: str = ""
    _filler: FieldFiller = field(default_factory=FieldFiller)
    _links: _Links = field(default_factory=_Links)
    _sent: bool = False
    _looks: int = 0

    def next_move(self, screen: Screen) -> Move | None:
        """Return what to do on this screen, None once it is sent and confirmed."""
        if self._sent:
            return self._confirm(screen)
        self._looks += 1
        boxes = [(screen.field(label), text) for label, text in self.texts.items()]
        form = [(box, text) for box, text in boxes if box is not None]
        if len(form) == len(boxes) and screen.mentions(self.place):
            return self._fill(screen, form)
        thing, place = re.escape(self.thing), re.escape(self.place)
        at_place = screen.mentions(self.place)
        steps = (
            (at_place, self.asked or rf"(new|create|open a|write a|add a?)\s*{thing}"),
            (at_place, rf"{thing}s\b.*"),
            (bool(self.place), place),
        )
        for is_time, pattern in steps:
            move = self._links.follow(screen, pattern, f"This leads to the {self.thing}.")
            if is_time and move is not None:
                return move
        there = _go_to_site(screen, self.site, self._links)
        return there or _look_again(screen, f"A form for the {self.thing}", self._looks)

    def _confirm(self, screen: Screen) -> Move | None:
        if not re.search(_CONFIRM, screen.words(), re.IGNORECASE):
            return None
        return self._links.follow(screen, _YES, f"The {self.thing} is to be confirmed.")

    def _fill(self, screen: Screen, form: list[tuple[Node, str]]) -> Move:
        for box, text in form:
            filling = self._filler.next_move(screen, box, text)
            if filling is not None:
                return filling
        self._sent = True
        button = screen.button_after(form[-1][0])
        if button is None:
            return Move("send_form", Press(key="enter"), f"The {self.thing} is filled in.")
        return Move("send_form", screen.click(button), f"The {self.thing} is filled in.")


@dataclass
class SignOut:
    """Ends the session of a site."""

    _links: _Links = field(default_factory=_Links)

    def next_move(self, screen: Screen) -> Move | None:
        """Return a click on what signs out, None once there is none."""
        return self._links.follow(screen, _SIGNED_IN, "The user wants to be signed out.")


@dataclass
class FindMost:
    """Opens the first of a list that the page itself can put in the wanted order."""

    thing: str
    place: str
    order: str
    site: str = ""
    _links: _Links = field(default_factory=_Links)
    _is_ordered: bool = False
    _is_open: bool = False
    _looks: int = 0

    def next_move(self, screen: Screen) -> Move | None:
        """Return what to do on this screen, None once the first of the list is open."""
        if self._is_open:
            return None
        self._looks += 1
        at_place = screen.mentions(self.place)
        first = _first_link_of_a_list(screen)
        if self._is_ordered and at_place and first is not None:
            self._is_open = True
            return Move("open_first", screen.click(first), f"It has the {self.order}.")
        if at_place:
            move = self._links.follow(screen, re.escape(self.order), f"Puts {self.order} first.")
            if move is not None:
                self._is_ordered = True
                return move
        steps = ((at_place, rf"{re.escape(self.thing)}s\b.*"), (True, re.escape(self.place)))
        for is_time, pattern in steps:
            if is_time and (move := self._links.follow(screen, pattern, "The list is there.")):
                return move
        there = _go_to_site(screen, self.site, self._links)
        return there or _look_again(screen, f"The list of {self.thing}s", self._looks)


def _first_link_of_a_list(screen: Screen) -> Node | None:
    for node in screen.nodes():
        if node.role == "listitem":
            links = [child for child in node.walk() if child.role == "link" and child.box]
            if links:
                return links[0]
    return None


@dataclass
class FollowLink:
    """Follows one link, by its words."""

    words: str
    _followed: bool = False
    _looks: int = 0

    def next_move(self, screen: Screen) -> Move | None:
        """Return what to do on this screen, None once the link was followed."""
        if self._followed:
            return None
        self._looks += 1
        node = screen.find_words("link", self.words) or screen.find_words("button", self.words)
        if node is None:
            return _look_again(screen, f"A link {self.words!r}", self._looks)
        self._followed = True
        return Move("follow_link", screen.click(node), "The user named this link.")


@dataclass
class Answer:
    """Reads the page and answers with the text that shares most words with the question."""

    question: str

    def next_move(self, screen: Screen) -> Move | None:
        """Return the answer, then None."""
        asked = set(re.findall(r"\w{3,}", self.question.casefold()))
        texts = [n.name for n in screen.nodes() if n.role in ("text", "heading", "cell") and n.name]
        best = max(
            texts,
            key=lambda text: len(asked & set(re.findall(r"\w{3,}", text.casefold()))),
            default="",
        )
        return Move("answer", Finish(answer=best), "This text is nearest to the question.")
