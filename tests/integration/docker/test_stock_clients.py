"""From inside the desktop, ordinary clients speak to the world: mail and git over TLS."""

import dataclasses
import textwrap
from collections.abc import Iterator

import pytest

from riosim.checks.case import SiteProbe
from riosim.evidence.event import EventDraft
from riosim_envs.docker_machine import DockerMachine
from riosim_envs.docker_sandbox import DockerSandbox
from tests.support.machines import plan_for

pytestmark = [pytest.mark.docker]

_MAIL = """
import imaplib, smtplib, ssl, sys, time
from email.message import EmailMessage

user, password = sys.argv[1:]
letter = EmailMessage()
letter["From"], letter["To"], letter["Subject"] = user, user, "To myself"
letter.set_content("The tide comes at two.")
letter.add_attachment(b"14:20", maintype="text", subtype="plain", filename="tide.txt")
with smtplib.SMTP("smtp.postbay.test", 587, timeout=20) as smtp:
    smtp.starttls(context=ssl.create_default_context())
    smtp.login(user, password)
    smtp.send_message(letter)
with imaplib.IMAP4_SSL("imap.postbay.test", timeout=20) as imap:
    imap.login(user, password)
    for _ in range(100):
        imap.select("INBOX")
        _, (found,) = imap.search(None, "SUBJECT", '"To myself"')
        if found:
            break
        time.sleep(0.1)
    (number,) = found.split()
    _, parts = imap.fetch(number, "(RFC822)")
    assert b"The tide comes at two." in parts[0][1] and b"tide.txt" in parts[0][1]
    imap.store(number, "+FLAGS", "\\\\Flagged")
    assert imap.copy(number, "Trash")[0] == "OK"
    print(imap.fetch(number, "(FLAGS)")[1][0].decode())
"""

_FILLING = """
import imaplib, sys

n_kept, letter = 0, b"Subject: Large\\r\\n\\r\\n" + b"x" * 2**20
with imaplib.IMAP4_SSL("imap.postbay.test", timeout=20) as imap:
    imap.login(*sys.argv[1:])
    try:
        for n_kept in range(20):
            assert imap.append("Drafts", None, None, letter)[0] == "OK"
    except imaplib.IMAP4.abort as exc:
        print(n_kept, exc)
with imaplib.IMAP4_SSL("imap.postbay.test", timeout=20) as imap:
    imap.login(*sys.argv[1:])
    print(imap.select("Drafts")[1][0].decode())
"""

_WRONG = """
import imaplib, smtplib, sys
user, password = sys.argv[1:]
for client in (imaplib.IMAP4_SSL("imap.postbay.test"), smtplib.SMTP("smtp.postbay.test", 587)):
    try:
        client.login(user, "no" + password)
    except (imaplib.IMAP4.error, smtplib.SMTPAuthenticationError) as exc:
        print(type(exc).__name__)
"""

_GIT = """
set -e
git config --global user.name Robin && git config --global user.email robin.vale@postbay.test
git clone --quiet https://robin-vale:duty-roster-1@codeberth.test/robin-vale/roster.git
cd roster && cat README.md
echo 'print(1)' > roster.py && git add roster.py && git commit --quiet -m 'Print one'
git push --quiet
git fetch && git status --short --branch
"""


@pytest.fixture(scope="module")
def played() -> Iterator[tuple[DockerMachine, list[EventDraft]]]:
    plan = plan_for("browser")
    overlay = {
        "forge": {
            "accounts": [{"user": "robin-vale", "password": "duty-roster-1", "name": "Robin"}],
            "repositories": [
                {
                    "name": "robin-vale/roster",
                    "commits": [{"message": "First", "files": {"README.md": "who has duty"}}],
                }
            ],
        }
    }
    plan = dataclasses.replace(plan, world=dataclasses.replace(plan.world, overlay=overlay))
    events: list[EventDraft] = []
    with DockerSandbox(slots=1) as sandbox:
        machine = sandbox.start(plan, events.append)
        try:
            yield machine, events
        finally:
            machine.close()


def run(machine: DockerMachine, *argv: str) -> str:
    done = machine.slot.desktop.exec(*argv, cwd="/home/user", timeout_s=60)
    assert done.status == 0, done.stderr
    return done.stdout


def test_imaplib_and_smtplib_send_find_and_flag_a_letter(played) -> None:
    machine, events = played
    argv = ("python3", "-c", textwrap.dedent(_MAIL), "robin.vale@postbay.test", "amber-basin-1234")
    assert "\\Flagged" in run(machine, *argv)
    machine.flush()
    assert [e.data["subject"] for e in events if e.kind == "smtp.received"] == ["To myself"]


def test_a_wrong_password_lets_nobody_into_the_mail(played) -> None:
    machine, _ = played
    argv = ("python3", "-c", _WRONG, "robin.vale@postbay.test", "amber-basin-1234")
    assert run(machine, *argv).split() == ["error", "SMTPAuthenticationError"]


def test_the_stock_git_clones_and_pushes_over_https(played) -> None:
    machine, events = played
    told = run(machine, "sh", "-c", _GIT)
    assert "who has duty" in told
    assert "## " in told
    assert "ahead" not in told
    machine.flush()
    assert [e.kind for e in events if e.kind == "git.pushed"]
    (repository,) = [
        one
        for one in machine.probe(SiteProbe(site="forge"))["repositories"]
        if one["name"] == "robin-vale/roster"
    ]
    assert "roster.py" in str(repository["files"])


def test_nobody_pushes_without_the_password(played) -> None:
    machine, _ = played
    script = (
        "rm -rf other && git clone -q https://codeberth.test/robin-vale/roster.git other "
        "&& cd other && git commit -q --allow-empty -m x; GIT_TERMINAL_PROMPT=0 git push -q"
    )
    done = machine.slot.desktop.exec("sh", "-c", script, cwd="/home/user", timeout_s=60)
    assert done.status != 0
    assert "could not read Username" in done.stderr


def test_a_client_that_fills_the_mailboxes_is_told_and_can_come_back(played) -> None:
    machine, _ = played
    argv = ("python3", "-c", _FILLING, "robin.vale@postbay.test", "amber-basin-1234")
    told, kept = run(machine, *argv).splitlines()
    assert "The mailboxes are full." in told
    n_kept = int(told.partition(" ")[0])
    assert 9 <= n_kept <= 12
    assert int(kept) == n_kept
