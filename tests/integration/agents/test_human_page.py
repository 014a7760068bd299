"""A real browser on the human agent's page: what the hand does is what the agent decides."""

import io
import queue
import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from riosim.accessibility import Node
from riosim.action import (
    AskUser,
    Back,
    Click,
    CloseTab,
    Drag,
    Finish,
    Goto,
    Hotkey,
    MouseDown,
    Move,
    NewTab,
    Point,
    Press,
    Refuse,
    Scroll,
    SwitchTab,
    TypeText,
    Wait,
)
from riosim.agent import Decision
from riosim.errors import RiosimError
from riosim.observation import Observation
from riosim_agents.human import HumanAgent
from tests.support.human_player import enter, perform
from tests.support.screen_in_browser import browser_page

pytestmark = pytest.mark.browser

TAGS = "</script><img src=x onerror=alert(1)><b>bold</b>"
LIMIT_S = 30


def screen(number=0, *, width=1280, height=800, **more):
    pixels = np.random.default_rng(number).integers(0, 255, (20, 32, 3), np.uint8)
    picture = np.asarray(Image.fromarray(pixels).resize((width, height)))
    return Observation(
        picture,
        "Find the paper.",
        number,
        url="https://paperhaven.test/",
        tabs=("One", "Two"),
        **more,
    )


class Run:
    """An agent that is asked on a thread of its own, one observation after the other."""

    def __init__(self, **settings):
        self.agent = HumanAgent(**settings)
        self.agent.reset("Find the paper.", seed=1)
        self.decided: queue.Queue[Decision | RiosimError] = queue.Queue()
        self.screens: queue.Queue[Observation | None] = queue.Queue()
        self.show = self.screens.put
        self.thread = threading.Thread(target=self.ask)
        self.thread.start()

    def ask(self):
        while (observation := self.screens.get()) is not None:
            try:
                self.decided.put(self.agent.act(observation))
            except RiosimError as exc:
                self.decided.put(exc)

    def decision(self):
        found = self.decided.get(timeout=LIMIT_S)
        if isinstance(found, Exception):
            raise found
        return found

    def close(self):
        self.show(None)
        self.agent.close()
        self.thread.join(LIMIT_S)


@pytest.fixture
def run(caplog):
    made = Run()
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser():
    with browser_page() as page:
        yield page.context.browser


@pytest.fixture
def page(browser):
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        made = context.new_page()
        made.alarms = []
        made.on("pageerror", lambda error: made.alarms.append(str(error)))
        made.on("dialog", lambda dialog: made.alarms.append(dialog.message))
        made.on("console", lambda message: made.alarms.append(message.text))
        yield made
        assert made.alarms == []


ACTIONS = [
    Click(at=Point(x=0, y=0)),
    Click(at=Point(x=1279, y=799), button="right"),
    Click(at=Point(x=640, y=401), button="middle"),
    Click(at=Point(x=333, y=77), count=2),
    Click(at=Point(x=333, y=77), count=3),
    Click(at=Point(x=12, y=700), modifiers=("shift", "ctrl")),
    Drag(start=Point(x=100, y=100), end=Point(x=1203, y=701)),
    Drag(start=Point(x=700, y=500), end=Point(x=101, y=99), button="right"),
    Drag(start=Point(x=5, y=5), end=Point(x=6, y=6)),
    Scroll(at=Point(x=500, y=300), dy=3),
    Scroll(at=Point(x=500, y=300), dy=-7, dx=2),
    Scroll(at=Point(x=500, y=300), dy=12),
    Move(at=Point(x=9, y=8)),
    MouseDown(at=Point(x=9, y=8)),
    TypeText(text="resnet  v2: {a} 'b' \"c\""),
    TypeText(text="and enter\n"),
    TypeText(text="naïve 你好 €\tand\nmore"),
    Press(key="enter"),
    Press(key="tab"),
    Press(key="down"),
    Press(key="down", count=4),
    Press(key="space"),
    Press(key="a"),
    Press(key="f5"),
    Hotkey(keys=("ctrl", "l")),
    Hotkey(keys=("ctrl", "shift", "t")),
    Hotkey(keys=("shift", "ctrl", "end")),
    Hotkey(keys=("ctrl", "w")),
    Hotkey(keys=("alt", "tab")),
    Hotkey(keys=("a", "b")),
    Goto(url="https://paperhaven.test/search?q=a%20b"),
    Back(),
    NewTab(),
    NewTab(url="https://home.test/"),
    CloseTab(),
    SwitchTab(index=1),
    Wait(seconds=0.5),
    Wait(seconds=3),
    Wait(seconds=7.25),
    AskUser(question="Is this\nthe right one?"),
]


def test_what_the_hand_does_is_what_the_agent_decides(run, page):
    run.show(screen(0))
    enter(page, run.agent.url)
    for number, action in enumerate(ACTIONS, start=1):
        run.show(screen(number))
        perform(page, action, thought=f"because {number}")
        decision = run.decision()
        assert (decision.action, decision.thought) == (action, f"because {number}")
    for action in (Finish(answer="42\n43"), Refuse(reason=TAGS)):
        perform(page, action)
        assert run.decision().action == action
        run.agent.reset("Another one.", seed=2)
        page.get_by_text("Next task.").wait_for()
        run.show(replace(screen(0), instruction="Another one."))
        page.get_by_text("This is a new task.").wait_for()
        assert page.locator("#instruction").inner_text() == "Another one."


@pytest.mark.parametrize(("width_px", "ratio"), [(400, 1), (777, 1.5), (1280, 3), (2000, 0.8)])
def test_a_point_is_exact_whatever_size_the_picture_has(run, browser, width_px, ratio):
    rng = np.random.default_rng(width_px)
    with browser.new_context(
        viewport={"width": width_px, "height": 700}, device_scale_factor=ratio
    ) as context:
        page = context.new_page()
        run.show(screen(0, width=1024, height=768))
        enter(page, run.agent.url)
        for number in range(1, 6):
            point = Point(x=int(rng.integers(1024)), y=int(rng.integers(768)))
            run.show(screen(number, width=1024, height=768))
            perform(page, Click(at=point))
            assert run.decision().action == Click(at=point)


def test_the_picture_on_the_page_is_the_observation_pixel_by_pixel(run, page):
    shown = screen(5)
    run.show(shown)
    enter(page, run.agent.url)
    data = page.locator("#screen").evaluate(
        "() => fetch('picture/1').then(a => a.arrayBuffer()).then(b => [...new Uint8Array(b)])"
    )
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(bytes(data)))), shown.screenshot)
    drawn = page.locator("#screen").evaluate(
        "one => [...one.getContext('2d').getImageData(0, 0, one.width, 8).data]"
    )
    rgba = np.array(drawn, np.uint8).reshape(8, 1280, 4)
    assert np.array_equal(rgba[..., :3], shown.screenshot[:8])


def test_text_from_the_world_and_the_task_stays_text(page, run):
    run.agent.reset(TAGS, seed=1)
    run.show(
        replace(
            screen(0), instruction=TAGS, message=TAGS, tabs=(TAGS,), url=f"https://a.test/{TAGS}",
            tree=Node(role="frame", name=TAGS),
        )
    )  # fmt: skip
    enter(page, run.agent.url)
    page.locator("#tree-part summary").click()
    page.get_by_text("onerror").nth(3).wait_for()
    assert page.locator("#instruction").inner_text() == TAGS
    assert TAGS in page.locator("#notice").inner_text()
    assert TAGS in page.locator("#tree").inner_text()
    assert page.locator("b, img").count() == 0
    page.evaluate(  # as if something had got in: the page's own policy holds
        "() => { const one = document.createElement('img'); one.src = 'https://elsewhere.test/x';"
        " document.body.append(one); }"
    )
    assert any("Content Security Policy" in alarm for alarm in page.alarms)
    page.alarms.clear()


def test_a_page_that_is_closed_and_opened_again_shows_the_current_state(run, page):
    run.show(screen(0))
    enter(page, run.agent.url)
    run.show(screen(1, message="No key is named x."))
    perform(page, Press(key="enter"))
    run.decision()
    page.goto("about:blank")
    enter(page, run.agent.url)
    assert "No key is named x." in page.locator("#notice").inner_text()
    assert page.locator("#steps").inner_text() == "Step 2"
    perform_last(page, run, Click(at=Point(x=3, y=4)))


def perform_last(page, run, action):
    run.show(screen(99))  # a turn comes after it
    perform(page, action)
    assert run.decision().action == action


def test_a_second_page_waits_until_it_takes_over_and_the_first_is_told(run, page):
    run.show(screen(0))
    enter(page, run.agent.url)
    second = page.context.new_page()
    second.goto(run.agent.url)
    second.locator('body[data-phase="taken"]').wait_for()
    assert not second.locator("#screen").is_visible()
    second.get_by_role("button", name="Play here").click()
    page.locator('body[data-phase="taken"]').wait_for()
    perform_last(second, run, Click(at=Point(x=3, y=4)))
    second.close()
    page.locator('body[data-phase="your_turn"]').wait_for()  # the one that waits gets it back
    perform_last(page, run, Press(key="enter"))


def test_a_click_behind_a_text_is_sent_after_it_unless_the_picture_changed_there(run, page):
    same = screen(0)
    run.show(same)
    enter(page, run.agent.url)
    for after, is_sent, number in ((replace(same, step=1), True, 1), (screen(7), False, 3)):
        page.locator(f'body[data-phase="your_turn"][data-number="{number}"]').wait_for()
        run.show(after)
        run.show(screen(8))
        page.locator("#screen").focus()
        page.keyboard.type("abc")
        box = page.locator("#screen").bounding_box()
        page.mouse.click(box["x"] + 50, box["y"] + 50)
        assert run.decision().action == TypeText(text="abc")
        if is_sent:
            assert isinstance(run.decision().action, Click)
        else:
            page.get_by_text("The picture changed where you clicked").wait_for()
            assert run.decided.empty()


def test_backspace_and_escape_edit_a_text_that_is_not_sent_yet(run, page):
    run.show(screen(0))
    enter(page, run.agent.url)
    page.locator("#screen").focus()
    page.keyboard.type("never")
    page.keyboard.press("Escape")
    page.keyboard.type("abcd")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    assert run.decision().action == TypeText(text="abc\n")


@pytest.mark.parametrize("width_px", [320, 400, 1280])
def test_nothing_makes_the_page_wider_than_its_window(run, page, width_px):
    page.set_viewport_size({"width": width_px, "height": 700})
    long = "x" * 3_000
    run.show(
        replace(
            screen(0), instruction=long, message=long, url=f"https://a.test/{long}",
            tabs=(long,) * 20, tree=Node(role="frame", name=long),
        )
    )  # fmt: skip
    enter(page, run.agent.url)
    for part in page.locator("details").all():
        part.evaluate("one => { one.open = true; }")
    page.locator("#tree", has_text="xxx").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px


def test_a_finger_that_rests_on_a_key_is_one_decision(run, page):
    run.show(screen(0))
    run.show(screen(1))
    enter(page, run.agent.url)
    page.locator("#screen").focus()
    page.keyboard.down("Enter")
    assert run.decision().action == Press(key="enter")
    page.locator('body[data-phase="your_turn"][data-number="2"]').wait_for()
    page.keyboard.down("Enter")  # repeats, for it was not let go
    page.keyboard.up("Enter")
    page.keyboard.press("Escape")
    assert run.decision().action == Press(key="escape")


def test_words_for_the_user_survive_a_machine_that_is_at_work(run, page):
    run.show(screen(0))
    enter(page, run.agent.url)
    page.locator("#screen").focus()
    page.keyboard.type("abc")
    page.locator("#ask").click()
    page.locator("#said").fill("Is this right?")
    page.locator('body[data-phase="working"]').wait_for()  # the text was sent meanwhile
    assert run.decision().action == TypeText(text="abc")
    page.locator("#say").click()
    page.get_by_text("Not sent yet").wait_for()
    run.show(screen(1))
    page.locator('body[data-phase="your_turn"]').wait_for()
    page.locator("#say").click()
    assert run.decision().action == AskUser(question="Is this right?")
    run.show(screen(2, message="I am away, please decide."))
    page.locator("#notice.reply", has_text="I am away").wait_for()


def test_control_and_alt_together_give_the_keyboard_back(run, page):
    run.show(screen(0))
    enter(page, run.agent.url)
    page.locator("#screen").focus()
    page.keyboard.down("Control")
    page.keyboard.down("Alt")
    page.keyboard.up("Alt")
    page.keyboard.up("Control")
    assert page.evaluate("document.activeElement.id") == "look"
    page.keyboard.press("Enter")
    assert run.decision().action == Wait(seconds=0.5)


def test_held_boxes_make_chords_and_clicks_that_a_window_manager_would_keep(run, page):
    run.show(screen(0))
    enter(page, run.agent.url)
    page.get_by_label("Alt", exact=True).check()
    page.get_by_label("Ctrl", exact=True).check()
    run.show(screen(1))
    page.locator("#key").fill("f4")
    page.locator("#press button").click()
    assert run.decision().action == Hotkey(keys=("ctrl", "alt", "f4"))
    page.locator('body[data-phase="your_turn"]').wait_for()
    assert not page.get_by_label("Alt", exact=True).is_checked()
    page.get_by_label("Super", exact=True).check()
    box = page.locator("#screen").bounding_box()
    page.mouse.click(box["x"] + 1, box["y"] + 1)
    assert run.decision().action.modifiers == ("super",)


def test_what_is_no_action_is_told_on_the_page_and_costs_nothing(run, page):
    run.show(screen(0))
    enter(page, run.agent.url)
    page.locator("details:has(#raw) summary").click()
    for said, told in (
        ("{half", "no action"),
        ('{"kind": "fly"}', "kind"),
        ('{"kind": "click", "at": {"x": 1280, "y": 0}}', "not on the screen"),
    ):
        page.locator("#json").fill(said)
        page.locator("#raw button").click()
        page.locator("#notice", has_text=told).wait_for()
    assert run.decided.empty()
    page.alarms = [one for one in page.alarms if "Failed to load resource" not in one]
    perform_last(page, run, Press(key="enter"))


def test_a_desktop_task_has_no_tabs_and_the_last_step_is_said(run, page):
    observation = replace(screen(2), url="", tabs=())
    run.agent._max_steps = 3
    run.show(observation)
    enter(page, run.agent.url)
    assert not page.locator("#browser").is_visible()
    assert page.locator("#steps").inner_text() == "Step 3 of 3"
    perform(page, Press(key="enter"))
    page.get_by_text("the last one that the task allows").wait_for()
    assert page.locator("#finish").evaluate("one => one.closest('[inert]') !== null")


def test_whoever_waits_too_long_is_told_and_so_is_the_run(page, caplog):
    run = Run(patience_s=1.5)
    try:
        run.show(screen(0))
        page.goto(run.agent.url)
        page.locator('body[data-phase="over"]').wait_for()
        assert "Nobody decided within 1.5 s" in page.locator("#notice").inner_text()
        with pytest.raises(RiosimError, match="patience_s"):
            run.decision()
    finally:
        run.close()
    page.locator('body[data-phase="closed"]').wait_for()
