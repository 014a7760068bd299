"""A person without a browser: speaks to the human agent's door over HTTP."""

import json
import threading
from collections.abc import Callable, Generator
from typing import Any, Self

import httpx

__all__ = ["Person", "states"]

SEAT = "a-scripted-person"


def states(url: str, seat: str = SEAT) -> Generator[dict[str, Any], None, None]:
    """Yield each state that the door tells this seat, until it is closed."""
    with httpx.stream("GET", f"{url}stream", params={"seat": seat}, timeout=30) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


class Person:
    """Decides, on a thread of its own, on every turn that the door shows; `with` ends it.

    DECIDE makes the action, as JSON, from the state. `refused` holds what the door did not take.
    """

    def __init__(self, url: str, decide: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self.url = url
        self.decide = decide
        self.refused: list[tuple[int, str]] = []
        self.pictures: list[bytes] = []
        self._thread = threading.Thread(target=self._play)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()

    def post(self, name: str, **body: Any) -> httpx.Response:
        """Send what the page would send."""
        origin = self.url.rsplit("/", 2)[0]
        return httpx.post(self.url + name, json={"seat": SEAT, **body}, headers={"origin": origin})

    def _play(self) -> None:
        seen = 0
        for state in states(self.url):
            if state["phase"] in {"over", "closed"}:
                return
            if state["phase"] != "your_turn" or state["number"] == seen:
                continue
            seen = state["number"]
            self.pictures.append(httpx.get(f"{self.url}picture/{seen}").content)
            answer = self.post("decide", number=seen, action=self.decide(state), thought="hm")
            if answer.status_code != 200:
                self.refused.append((answer.status_code, answer.json()["problem"]))
