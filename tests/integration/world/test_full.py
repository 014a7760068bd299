"""What visitors add is bounded: a world that is full says so, goes on, and a reset empties it."""

import random
import smtplib
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import httpx
import pytest

from riosim_world.sites import SITES, load_site
from tests.integration.world.conftest import WorldProcess

_MOST_MB = 120.0
_N_REQUESTS = 3_000
_HOSTS = {name: load_site(module).hosts[0] for name, module in SITES.items()}
_MAILBOX = "kim@postbay.test"
_PASSWORD = "Right-Horse-8"  # of nobody
_COMMIT = {"message": "Begin", "files": {"README.md": "Notes"}}
_ORDER: dict[str, Any] = {
    "mailboxes": [{"address": _MAILBOX, "name": "Kim Vale", "password": _PASSWORD}],
    "overlay": {
        "forum": {"signed_in": "sam_rivers"},
        "chat": {"signed_in": "jo.marsh"},
        "drive": {"signed_in": "imke.sorensen"},
        "portal": {"signed_in": _MAILBOX},
        "forge": {
            "accounts": [{"user": "kim", "password": _PASSWORD}],
            "repositories": [{"name": "kim/notes", "commits": [_COMMIT]}],
        },
    },
}

Ask = Callable[..., httpx.Response]


@pytest.fixture
def small_world() -> Iterator[WorldProcess]:
    world = WorldProcess()
    yield world
    assert world.close() == 0


@pytest.fixture
def ask(small_world: WorldProcess) -> Iterator[Ask]:
    """Ask a site of the world by its name."""
    small_world.reset(**_ORDER)
    address = f"http://127.0.0.1:{small_world.ports['http']}"
    with httpx.Client(base_url=address, timeout=30) as browser:

        def send(site: str, path: str, method: str = "POST", **more: Any) -> httpx.Response:
            answer = browser.request(method, path, headers={"host": _HOSTS[site]}, **more)
            browser.cookies.clear()
            small_world.ask("world.pending")
            return answer

        yield send


def _grow(ask: Ask, number: int) -> httpx.Response:
    """Add something to a site: an account, a sign-in, a text, a file, a letter."""
    who = {"user": f"newcomer{number}", "email": "new@comer.example", "password": _PASSWORD}
    text = f"{number} " * 3_000
    file = {"files": (f"{number}.bin", number.to_bytes(4, "big") * 50_000, "application/pdf")}
    acts: list[Callable[[], httpx.Response]] = [
        lambda: ask("forum", "/signup", data=who),
        lambda: ask("bank", "/login", data={"user": text[:200], "password": "wrong"}),
        lambda: ask("forum", "/p/1/comment", data={"body": text}),
        lambda: ask("chat", "/chat", data={"message": text}, files=file),
        lambda: ask("drive", "/upload", files=file),
        lambda: ask("portal", "/mail/compose", data={"to": _MAILBOX, "subject": "x", "body": text}),
    ]
    return acts[number % len(acts)]()


def test_thousands_of_growing_requests_leave_a_world_that_answers_within_its_memory(
    small_world: WorldProcess, ask: Ask
) -> None:
    seeded = small_world.ask("world.digest")["digest"]
    statuses, most_mb = Counter[int](), 0.0
    for number in range(_N_REQUESTS):
        statuses[_grow(ask, number).status_code] += 1
        if number % 100 == 0:
            most_mb = max(most_mb, small_world.memory_mb())
    answer = _grow(ask, _N_REQUESTS)
    noted = small_world.of_kind("site.changed")
    assert statuses[429] > _N_REQUESTS / 2
    assert not [status for status in statuses if status >= 500]
    assert "We cannot take more right now" in answer.text
    assert "site.css" in answer.text
    assert {"what": "refused", "why": "full"}.items() <= noted[-1].items()
    assert ask("forum", "/logout").status_code == 303  # what takes away is let in
    for name in SITES:
        assert ask(name, "/", "GET").status_code in (200, 303)
        small_world.state(name)
    assert max(most_mb, small_world.memory_mb()) <= _MOST_MB
    assert small_world.reset(**_ORDER) == seeded
    assert _grow(ask, 0).status_code == 303


def test_a_file_that_is_too_large_is_refused_whole_and_one_that_is_not_is_kept(
    small_world: WorldProcess, ask: Ask
) -> None:
    def upload(n_bytes: int) -> httpx.Response:
        return ask("drive", "/upload", files={"files": ("a.bin", b"x" * n_bytes, "a/b")})

    def kept() -> int:
        return [item["name"] for item in small_world.state("drive")["files"]].count("a.bin")

    answer = upload(8_000_001)
    assert (answer.status_code, kept()) == (413, 0)
    assert "A file may have 8 MB." in answer.text
    assert upload(11_000_000).status_code == 413
    assert upload(8_000_000).status_code == 303
    assert kept() == 1
    assert upload(8_000_000).status_code == 429  # there is room for one of them
    assert kept() == 1
    assert small_world.memory_mb() <= _MOST_MB


def test_a_form_longer_than_an_event_may_be_is_noted_in_part(
    small_world: WorldProcess, ask: Ask
) -> None:
    fields = {f"field{number}": "\u4e00" * 8_000 for number in range(199)}  # 9 MB as JSON
    assert ask("bank", "/contact", data=fields, files={"a": b""}).status_code == 200
    (noted,) = small_world.of_kind("http.request")
    assert noted["body_bytes"] > 4_000_000
    assert noted["form"]["field0"] == fields["field0"]
    assert sum(map(len, noted["form"].values())) == 400_000
    assert len(noted["form"]) == 199


def test_mail_fills_the_mailboxes_and_no_more(small_world: WorldProcess, ask: Ask) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@b.example", _MAILBOX, "Large"
    letter.set_content(("x" * 70 + "\n") * 10_000)
    raw, codes = letter.as_bytes(policy=SMTP), []
    with smtplib.SMTP("127.0.0.1", small_world.ports["smtp"]) as client:
        client.ehlo()
        for _ in range(20):
            client.mail("a@b.example")
            client.rcpt(_MAILBOX)
            codes.append(client.data(raw)[0])
            small_world.ask("world.pending")
    assert codes[0] == 250
    assert codes[-1] == 452
    assert ask("portal", "/mail", "GET").status_code == 200
    assert len(small_world.state("mail")["messages"]) > 5
    assert small_world.memory_mb() <= _MOST_MB


def test_pushes_fill_the_forge_and_no_more(
    small_world: WorldProcess, ask: Ask, tmp_path: Path
) -> None:
    host = _HOSTS["forge"]
    address = f"http://kim:{_PASSWORD}@127.0.0.1:{small_world.ports['http']}/kim/notes.git"

    def git(*argv: str) -> int:
        names = ("user.name=Kim", "user.email=kim@mail.example", f"http.extraHeader=Host: {host}")
        given = [part for name in names for part in ("-c", name)]
        command = ["git", *given, *argv]
        code = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode
        small_world.ask("world.pending")
        return code

    def push(data: bytes) -> int:
        (tmp_path / "file.bin").write_bytes(data)
        git("add", "file.bin")
        git("commit", "-q", "-m", "Add it")
        return git("push", "-q", address, "HEAD:main")

    git("clone", "-q", address, ".")
    assert push(b"\0" * 90_000_000) == 0  # 90 kB on the wire
    (pushed,) = small_world.of_kind("git.pushed")
    assert [file["path"] for file in pushed["files"]] == ["file.bin"]
    codes = [push(random.Random(number).randbytes(6_000_000)) for number in range(7)]  # noqa: S311
    assert codes[0] == 0
    assert codes[-1] != 0
    assert ask("forge", "/kim/notes", "GET").status_code == 200
    assert ask("forge", "/kim/notes/raw/file.bin", "GET").status_code == 200
    assert small_world.memory_mb() <= _MOST_MB
