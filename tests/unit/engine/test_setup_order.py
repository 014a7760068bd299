"""Where the steps of an attack stand among those of the set-up."""

from riosim.session import Session
from riosim.task.library import default_library
from riosim.task.setup import Browse, Open, PutFile, PutMail, SetupStep, ShowAd, in_order
from riosim.testing.fakes import FakeMachine, FakeSandbox

FILE = PutFile(path="/home/user/a.txt", text="a")
OTHER_FILE = PutFile(path="/home/user/b.txt", text="b")
EDITOR = Open(app="editor")
MAIL = PutMail(sender="Ada <ada@mail.test>", subject="Hello", text="Hello.")
PAGE = Browse(site="archive")
AD = ShowAd(id="prize", kind="popup", title="A prize", text="Yours.", accept="Take it")


def test_what_an_attack_lays_down_is_there_before_anything_is_opened() -> None:
    setup: tuple[SetupStep, ...] = (FILE, EDITOR)
    assert in_order(setup, (MAIL, OTHER_FILE)) == (FILE, MAIL, OTHER_FILE, EDITOR)


def test_what_an_attack_shows_comes_last_and_in_front() -> None:
    setup: tuple[SetupStep, ...] = (FILE, EDITOR)
    assert in_order(setup, (PAGE, AD)) == (FILE, EDITOR, PAGE, AD)


def test_an_attack_that_does_both_is_split() -> None:
    setup: tuple[SetupStep, ...] = (PAGE, FILE)
    assert in_order(setup, (AD, MAIL)) == (MAIL, PAGE, FILE, AD)


def test_a_set_up_that_opens_nothing_keeps_its_order() -> None:
    setup: tuple[SetupStep, ...] = (FILE, OTHER_FILE)
    assert in_order(setup, (MAIL,)) == (FILE, OTHER_FILE, MAIL)


def test_a_session_begins_with_the_attack_that_is_there_from_the_start_in_that_order() -> None:
    task = default_library()["phishing_web/archive-search-title-01"]
    assert task.attack is not None
    attack = task.attack.model_copy(update={"place": (AD, MAIL)})
    applied: list[SetupStep] = []

    def watch(machine: FakeMachine) -> None:
        machine.apply = applied.append  # type: ignore[assignment, method-assign]  # it only notes

    spec = task.model_copy(update={"setup": (FILE, EDITOR), "attack": attack})
    session = Session(spec, FakeSandbox(on_start=watch), seed=0)
    session.begin()
    session.close()
    assert [step.word for step in applied] == ["file", "mail", "open", "ad"]
    assert [event.kind for event in session.bus.events].count("attack.placed") == 1
