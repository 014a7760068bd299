"""The desk between an agent and a page: one turn, one person, one decision."""

import threading

import pytest

from riosim.action import Click, Finish, Point, Press, Refuse
from riosim.errors import RiosimError
from riosim_agents.person.desk import Desk, Turn

ENTER = Press(key="enter")


def turn(step=0, **more):
    given = {
        "instruction": "Do it.", "step": step, "max_steps": None, "surface": "browser",
        "message": "", "url": "", "tabs": (), "tree": None, "width_px": 64, "height_px": 48,
        "picture": b"png",
    }  # fmt: skip
    return Turn(**(given | more))


class Asked:
    """A desk that is asking on another thread."""

    def __init__(self, shown=None, *, desk=None, patience_s=30.0):
        self.desk = desk or Desk()
        self.answer = self.error = None
        is_up = threading.Event()
        end = self.desk.listen(is_up.set)
        self.thread = threading.Thread(target=self._ask, args=(shown or turn(), patience_s))
        self.thread.start()
        assert is_up.wait(30)
        end()

    def _ask(self, shown, patience_s):
        try:
            self.answer = self.desk.ask(shown, patience_s=patience_s)
        except RiosimError as exc:
            self.error = exc

    def end(self):
        self.thread.join(30)
        assert not self.thread.is_alive()
        return self.answer


def test_what_the_holder_decides_is_the_answer():
    asked = Asked()
    asked.desk.sit("me")
    assert asked.desk.state("me")["phase"] == "your_turn"
    assert asked.desk.answer("me", 1, ENTER, "because") is None
    answer = asked.end()
    assert (answer.action, answer.thought) == (ENTER, "because")
    assert answer.took_s >= 0
    assert asked.desk.state("me")["phase"] == "working"


def test_one_turn_takes_one_decision_and_no_stale_one():
    asked = Asked()
    asked.desk.sit("me")
    assert "no longer shown" in str(asked.desk.answer("me", 0, ENTER, ""))
    assert "no longer shown" in str(asked.desk.answer("me", 2, ENTER, ""))
    assert asked.desk.answer("me", 1, ENTER, "first") is None
    assert "no longer shown" in str(asked.desk.answer("me", 1, ENTER, "second"))
    assert asked.end().thought == "first"


def test_of_decisions_at_the_same_moment_exactly_one_is_taken():
    asked = Asked()
    asked.desk.sit("me")
    start = threading.Barrier(8)
    said = []

    def decide(name):
        start.wait()
        said.append(asked.desk.answer("me", 1, ENTER, name))

    threads = [threading.Thread(target=decide, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert said.count(None) == 1
    asked.end()


def test_only_the_holder_sees_and_decides_and_the_next_in_line_follows_it():
    asked = Asked()
    desk = asked.desk
    for seat in ("first", "second", "third"):
        desk.sit(seat)
    assert desk.state("second") == {"phase": "taken"}
    assert "another page" in str(desk.answer("second", 1, ENTER, ""))
    desk.leave("first")
    assert desk.state("second")["phase"] == "your_turn"
    assert desk.take("third")
    assert desk.state("second") == {"phase": "taken"}
    assert not desk.take("first")
    assert not desk.take("nobody")
    assert desk.answer("third", 1, ENTER, "") is None
    asked.end()


def test_a_seat_that_sits_twice_leaves_once():
    desk = Desk()
    desk.sit("me")
    desk.sit("me")
    desk.leave("me")
    assert desk.has_guest
    assert desk.state("me")["phase"] == "starting"
    desk.leave("me")
    assert not desk.has_guest


def test_a_point_off_the_screen_is_told_and_not_taken():
    asked = Asked()
    asked.desk.sit("me")
    for x, y in ((64, 0), (0, 48), (16_000, 16_000)):
        assert "64×48" in str(asked.desk.answer("me", 1, Click(at=Point(x=x, y=y)), ""))
    assert asked.desk.answer("me", 1, Click(at=Point(x=63, y=47)), "") is None
    asked.end()


@pytest.mark.parametrize(
    ("shown", "action", "phase"),
    [
        (turn(), ENTER, "working"),
        (turn(), Finish(), "over"),
        (turn(), Refuse(), "over"),
        (turn(8, max_steps=10), ENTER, "working"),
        (turn(9, max_steps=10), ENTER, "over"),
    ],
)
def test_the_page_knows_which_decision_is_the_last(shown, action, phase):
    asked = Asked(shown)
    asked.desk.sit("me")
    asked.desk.answer("me", 1, action, "")
    asked.end()
    state = asked.desk.state("me")
    assert state["phase"] == phase
    assert bool(state["why_over"]) == (phase == "over")


def test_patience_ends_and_says_so_to_both():
    asked = Asked(patience_s=0.02)
    asked.desk.sit("me")
    asked.end()
    assert "Nobody decided within 0.02 s at step 1" in str(asked.error)
    assert "patience_s" in str(asked.error)
    assert asked.desk.state("me")["phase"] == "over"
    assert asked.desk.answer("me", 1, ENTER, "") is not None


def test_closing_ends_a_question_and_every_later_one():
    asked = Asked()
    asked.desk.close()
    asked.desk.close()
    asked.end()
    assert "closed" in str(asked.error)
    assert asked.desk.state("anybody")["phase"] == "closed"
    with pytest.raises(RiosimError, match="closed"):
        asked.desk.ask(turn(), patience_s=1)
    with pytest.raises(RiosimError, match="closed"):
        asked.desk.begin("more")


def test_a_new_episode_shows_nothing_of_the_last():
    asked = Asked(turn(url="https://secret.test/", tree="old tree"))
    desk = asked.desk
    desk.sit("me")
    assert (desk.picture(1), desk.tree(1)) == (b"png", "old tree")
    desk.answer("me", 1, Finish(), "")
    asked.end()
    desk.begin("Another task.")
    state = desk.state("me")
    assert state["instruction"] == "Another task."
    assert "secret" not in str(state)
    assert (desk.picture(1), desk.tree(1)) == (None, None)
    assert "no longer shown" in str(desk.answer("me", 1, ENTER, ""))


def test_only_the_picture_of_this_turn_is_handed_out():
    asked = Asked()
    asked.desk.sit("me")
    asked.desk.answer("me", 1, ENTER, "")
    asked.end()
    after = Asked(turn(1, picture=b"next"), desk=asked.desk)
    assert (asked.desk.picture(1), asked.desk.picture(2)) == (None, b"next")
    asked.desk.close()
    after.end()
