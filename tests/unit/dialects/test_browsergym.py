"""BrowserGym's calls, in prose and alone, said with mouse and keyboard."""
# ruff: noqa: E501  # one case a line: a table to be read

import pytest

from riosim.accessibility import Box
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
    MouseUp,
    Move,
    NewTab,
    Point,
    Press,
    Refuse,
    RunPython,
    Scroll,
    SwitchTab,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.browsergym import BrowserGym
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import UnsayableError
from riosim.styles.style import Mark

SCREEN = Screen(1280, 800)
MARKS = (
    Mark(12, Box(90, 190, 20, 20), "textbox", "Search"),
    Mark(13, Box(290, 40, 20, 20), "button", "Go"),
    Mark(14, Box(1270, 790, 100, 100), "link", "half off the screen"),
)
GYM = BrowserGym(Grid.pixels(SCREEN), MARKS)
AT = Point(x=100, y=200)
TO = Point(x=300, y=50)
FILLED = (Click(at=AT), Hotkey(keys=("ctrl", "a")))


def actions(said, dialect=GYM):
    return dialect.read(said).actions


def reason(said, dialect=GYM):
    (only,) = dialect.read(said).actions
    assert isinstance(only, InvalidOutput), only
    return only.reason


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("click('12')", Click(at=AT)),
        ('click("12")', Click(at=AT)),
        ("click(12)", Click(at=AT)),
        ("click(bid='12', button='right')", Click(at=AT, button="right")),
        ("click('12', 'middle', ['Shift'])", Click(at=AT, button="middle", modifiers=("shift",))),
        ("click('12', modifiers=['ControlOrMeta'])", Click(at=AT, modifiers=("ctrl",))),
        ("dblclick('12')", Click(at=AT, count=2)),
        ("hover('13')", Move(at=TO)),
        ("focus('12')", Click(at=AT)),
        ("drag_and_drop('12', '13')", Drag(start=AT, end=TO)),
        ("press('13', 'Enter')", Click(at=TO)),
        ("scroll(0, 200)", Scroll(at=Point(x=640, y=400), dy=2)),
        ("scroll(-50.2, -100.5)", Scroll(at=Point(x=640, y=400), dx=-1, dy=-1)),
        ("scroll(0, 100000)", Scroll(at=Point(x=640, y=400), dy=50)),
        ("scroll_at(100, 200, 0, 300)", Scroll(at=AT, dy=3)),
        ("mouse_move(100.2, 200.7)", Move(at=AT)),
        ("mouse_click(100, 200)", Click(at=AT)),
        ("mouse_click(100, 200, 'right')", Click(at=AT, button="right")),
        ("mouse_dblclick(100, 200)", Click(at=AT, count=2)),
        ("mouse_down(100, 200)", MouseDown(at=AT)),
        ("mouse_up(100, 200, button='right')", MouseUp(at=AT, button="right")),
        ("mouse_drag_and_drop(100, 200, 300, 50)", Drag(start=AT, end=TO)),
        ("keyboard_press('Enter')", Press(key="enter")),
        ("keyboard_press('ControlOrMeta+a')", Hotkey(keys=("ctrl", "a"))),
        ("keyboard_press('Meta+Shift+t')", Hotkey(keys=("super", "shift", "t"))),
        ("keyboard_press('ArrowDown')", Press(key="down")),
        ("keyboard_press('KeyA')", Press(key="a")),
        ("keyboard_type('Hi; (you)')", TypeText(text="Hi; (you)")),
        ("keyboard_insert_text('Hi')", TypeText(text="Hi")),
        ("keyboard_down('Control') keyboard_press('c') keyboard_up('Control')", Hotkey(keys=("ctrl", "c"))),
        ("goto('https://archive.test/')", Goto(url="https://archive.test/")),
        ("go_back()", Back()),
        ("go_forward()", Hotkey(keys=("alt", "right"))),
        ("new_tab()", NewTab()),
        ("tab_close()", CloseTab()),
        ("tab_focus(2)", SwitchTab(index=2)),
        ("noop()", Wait(seconds=1)),
        ("noop(500)", Wait(seconds=0.5)),
        ("noop(wait_ms=1e9)", Wait(seconds=60)),
        ("send_msg_to_user('It is 42.')", Finish(answer="It is 42.")),
        ("send_msg_to_user('Which one?')", AskUser(question="Which one?")),
        ("report_infeasible('There is no field.')", Refuse(reason="There is no field.")),
        ("  \tclick('12')  # the box", Click(at=AT)),
        ("```click('12')```", Click(at=AT)),
        ("I need to click on the button (bid 12).\n```\nclick('12')\n```", Click(at=AT)),
        ("I should click(the box), so: click('12')", Click(at=AT)),
    ],
)  # fmt: skip
def test_one_action(said, expected):
    assert actions(said) == (expected,)


def test_filling_replaces_what_a_field_holds():
    assert actions("fill('12', 'new', True)") == (*FILLED, TypeText(text="new"))
    assert actions("clear('12')") == (*FILLED, Press(key="delete"))
    assert actions("fill('12', '')") == (*FILLED, Press(key="delete"))


def test_an_option_is_chosen_with_the_keyboard():
    chosen = (Click(at=AT), TypeText(text="blue"), Press(key="enter"))
    assert actions("select_option('12', 'blue')") == chosen
    assert actions("select_option('12', ['blue'])") == chosen


def test_a_key_in_a_field_goes_there_first_unless_it_has_the_keyboard():
    assert actions("press('12', 'Enter')") == (Click(at=AT), Press(key="enter"))
    there = BrowserGym(GYM.grid, MARKS, focused="12")
    assert actions("press('12', 'Enter')", there) == (Press(key="enter"),)
    assert actions("focus('12')", there) == (Wait(seconds=0),)
    assert actions("fill('12', 'a')\npress('12', 'Enter')") == (
        *FILLED,
        TypeText(text="a"),
        Press(key="enter"),
    )


def test_several_calls_are_several_actions_however_they_are_set_apart():
    for between in ("\n", " ", "; ", "\n# then\n", " and "):
        assert actions(f"click('12'){between}go_back()") == (Click(at=AT), Back())


def test_what_stands_around_calls_is_the_thought():
    reading = GYM.read("I see it.\n```python\nclick('12')\n```")
    assert reading.thought == "I see it.\npython"


def test_a_call_in_a_comment_is_none():
    assert actions("# click('13')\nclick('12')") == (Click(at=AT),)


def test_a_box_half_off_the_screen_is_clicked_on_it():
    assert actions("click('14')") == (Click(at=Point(x=1274, y=794)),)


def test_an_apostrophe_in_prose_hides_no_call():
    assert actions("I'd click(the user's box)\nclick('12')") == (Click(at=AT),)


def test_more_calls_than_anybody_plans_are_cut():
    *calls, last = actions("go_back()\n" * 300)
    assert calls == [Back()] * 200
    assert isinstance(last, InvalidOutput)


def test_a_text_without_an_end_is_read_in_one_pass():
    for said in ("click('" + "\\'" * 50_000, "click(" * 20_000, 'fill("' * 20_000):
        assert "cut off" in reason(said)


def test_what_is_wrong_stands_in_its_place():
    first, second, third = actions("click('12')\nclick('99')\ngo_back()")
    assert (first, third) == (Click(at=AT), Back())
    assert isinstance(second, InvalidOutput)
    assert second.text == "click('99')"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "The answer is empty."),
        ("I do not know.", "The answer holds no call."),
        ("click('99')", "No element on the screen has the bid '99'; there are 3."),
        ("click()", "click needs 'bid'"),
        ("click('12', force=True)", "has no argument 'force'"),
        ("click('12', 'left', [], 3)", "takes 3 arguments"),
        ("click('12', button='fourth')", "click.button"),
        ("click(box)", "box is no plain value"),
        ("click('12'", "The call of click is cut off."),
        ("fill('12')", "fill needs 'value'"),
        ("fill('12', 3)", "is no text"),
        ("fill('12', '\\x07')", "control character"),
        ("press('12', 'NoKey')", "No key is named 'NoKey'"),
        ("press('13', 'a')", "A mouse cannot focus the button '13'"),
        ("focus('13')", "A mouse cannot focus the button '13'"),
        ("select_option('12', ['a', 'b'])", "One option"),
        ("check('12')", "use click"),
        ("upload_file('12', 'a.pdf')", "No file is put into a page from outside"),
        ("mouse_click(2000, 1)", "x = 2000 lies off the screen"),
        ("mouse_click(None, None)", "A coordinate is None"),
        ("scroll('far', 0)", "is no number"),
        ("noop('long')", "no number of milliseconds"),
        ("noop(-5)", "wait.seconds"),
        ("goto('file:///etc/passwd')", "goto.url"),
        ("goto('javascript:alert(1)')", "goto.url"),
        ("tab_focus('first')", "switch_tab.index"),
        ("tab_focus(-1)", "switch_tab.index"),
        ("keyboard_down('Shift')", "never released"),
        ("send_msg_to_user(None)", "finish.answer"),
        ("fly('12')", "There is no function fly."),
        ("page.click('12')", "The answer holds no call."),
        ("click('12', " + "(" * 5000 + ")" * 5000 + ")", "this is no Python"),
    ],
    ids=range(32),
)
def test_what_is_no_action_says_why(said, why):
    assert why in reason(said)


def test_nothing_of_a_call_that_fails_is_done():
    assert len(actions("fill('12', '\\x07')")) == 1


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (Click(at=AT), "mouse_click(100, 200, 'left')"),
        (Press(key="enter"), "keyboard_press('Enter')"),
        (Hotkey(keys=("ctrl", "+")), "keyboard_press('Control++')"),
        (Press(key="f5"), "keyboard_press('F5')"),
        (Scroll(at=AT, dy=-2), "scroll_at(100, 200, 0, -200)"),
        (Finish(answer="42"), "send_msg_to_user('42')"),
        (Refuse(reason="no"), "report_infeasible('no')"),
    ],
)
def test_how_actions_are_written(action, said):
    assert GYM.write(action) == said


@pytest.mark.parametrize(
    "action",
    [
        RunPython(code="1"),
        Finish(answer="done?"),
        AskUser(question="Tell me."),
        NewTab(url="https://archive.test/"),
        Click(at=AT, count=3),
        Click(at=Point(x=1280, y=0)),
    ],
)
def test_what_it_cannot_say_is_refused(action):
    with pytest.raises(UnsayableError, match=f"browsergym cannot say {action.kind}"):
        GYM.write(action)
