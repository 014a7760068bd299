"""PyAutoGUI code in the forms that agents write it, and what is no such code."""
# ruff: noqa: E501  # one case a line: a table to be read

import warnings

import pytest

from riosim.action import (
    Click,
    Drag,
    Finish,
    Goto,
    Hotkey,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Refuse,
    RunPython,
    Scroll,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import UnsayableError
from riosim.dialects.pyautogui_code import PyautoguiCode

SCREEN = Screen(1280, 800)
PIXELS = PyautoguiCode(Grid.pixels(SCREEN))
AT = Point(x=100, y=200)
POINTED = PyautoguiCode(Grid.pixels(SCREEN), pointer=AT)
TO = Point(x=300, y=50)


def actions(said, dialect=PIXELS):
    return list(dialect.read(said).actions)


def reason(said, dialect=PIXELS):
    (only,) = dialect.read(said).actions
    assert isinstance(only, InvalidOutput), only
    return only.reason


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("pyautogui.click(100, 200)", Click(at=AT)),
        ("pyautogui.click(x=100, y=200)", Click(at=AT)),
        ("pyautogui.click((100, 200))", Click(at=AT)),
        ("pyautogui.click([100, 200])", Click(at=AT)),
        ("pyautogui.click((90, 180, 20, 40))", Click(at=AT)),
        ("pyautogui.click(100.9, 200.2)", Click(at=AT)),
        ("pyautogui.click(50 * 2, 100 + 2 * 50)", Click(at=AT)),
        ("pyautogui.click(100, 200, 2)", Click(at=AT, count=2)),
        ("pyautogui.click(100, 200, clicks=2, interval=0.1)", Click(at=AT, count=2)),
        ("pyautogui.click(100, 200, button='right')", Click(at=AT, button="right")),
        ("pyautogui.click(100, 200, 1, 0.0, 'middle')", Click(at=AT, button="middle")),
        ("pyautogui.click(100, 200, button=pyautogui.RIGHT)", Click(at=AT, button="right")),
        ("pyautogui.click(100, 200, button='secondary')", Click(at=AT, button="right")),
        ("pyautogui.click(100, 200, duration=0.5, tween=pyautogui.easeInQuad)", Click(at=AT)),
        ("pyautogui.leftClick(100, 200)", Click(at=AT)),
        ("pyautogui.rightClick(100, 200)", Click(at=AT, button="right")),
        ("pyautogui.middleClick(100, 200)", Click(at=AT, button="middle")),
        ("pyautogui.doubleClick(100, 200)", Click(at=AT, count=2)),
        ("pyautogui.doubleClick(x=100, y=200, button='right')", Click(at=AT, button="right", count=2)),
        ("pyautogui.tripleClick(100, 200)", Click(at=AT, count=3)),
        ("pyautogui.moveTo(100, 200, duration=1)", Move(at=AT)),
        ("pyautogui.mouseDown(100, 200)", MouseDown(at=AT)),
        ("pyautogui.mouseUp(x=100, y=200, button='right')", MouseUp(at=AT, button="right")),
        ("pyautogui.moveTo(100, 200)\npyautogui.dragTo(300, 50)", Drag(start=AT, end=TO)),
        (
            "pyautogui.moveTo(100, 200); pyautogui.dragTo(300, 50, 1.0, button='right')",
            Drag(start=AT, end=TO, button="right"),
        ),
        ("pyautogui.moveTo(100, 200)\npyautogui.drag(200, -150)", Drag(start=AT, end=TO)),
        ("pyautogui.moveTo(100, 200)\npyautogui.dragRel(xOffset=200, yOffset=-150)", Drag(start=AT, end=TO)),
        ("pyautogui.moveTo(100, 200)\npyautogui.click()", Click(at=AT)),
        ("pyautogui.moveTo(100, 200)\npyautogui.scroll(-3)", Scroll(at=AT, dy=3)),
        ("pyautogui.scroll(5, 100, 200)", Scroll(at=AT, dy=-5)),
        ("pyautogui.scroll(clicks=-5, x=100, y=200)", Scroll(at=AT, dy=5)),
        ("pyautogui.vscroll(1, 100, 200)", Scroll(at=AT, dy=-1)),
        ("pyautogui.hscroll(2, 100, 200)", Scroll(at=AT, dx=2)),
        ("pyautogui.scroll(-1000, 100, 200)", Scroll(at=AT, dy=50)),
        ("pyautogui.scroll(-1, 100, 200); pyautogui.hscroll(2, 100, 200)", Scroll(at=AT, dx=2, dy=1)),
        ("pyautogui.write('Hello')", TypeText(text="Hello")),
        ("pyautogui.typewrite('a; b\\nc', interval=0.05)", TypeText(text="a; b\nc")),
        ('pyautogui.write("""two\nlines; and \\"quotes\\" """)', TypeText(text='two\nlines; and "quotes" ')),
        ("pyautogui.write('ab' 'cd' + '!' * 3)", TypeText(text="abcd!!!")),
        ("pyautogui.write(f'plain')", TypeText(text="plain")),
        ("pyautogui.write(message='naïve 你好')", TypeText(text="naïve 你好")),
        ("pyautogui.write('a\\r\\nb')", TypeText(text="a\nb")),
        ("pyautogui.write(['enter'])", Press(key="enter")),
        ("pyautogui.press('enter')", Press(key="enter")),
        ("pyautogui.press('Return')", Press(key="enter")),
        ("pyautogui.press('pgdn', presses=3, interval=0.1)", Press(key="pagedown", count=3)),
        ("pyautogui.press(['left', 'left', 'left'])", Press(key="left", count=3)),
        ("pyautogui.press('down')\npyautogui.press('down')", Press(key="down", count=2)),
        ("pyautogui.press('win')", Press(key="super")),
        ("pyautogui.press('num5')", Press(key="5")),
        ("pyautogui.hotkey('ctrl', 'c')", Hotkey(keys=("ctrl", "c"))),
        ("pyautogui.hotkey(['ctrl', 'shift', 't'])", Hotkey(keys=("ctrl", "shift", "t"))),
        ("pyautogui.hotkey('ctrl', 'c', interval=0.1)", Hotkey(keys=("ctrl", "c"))),
        ("pyautogui.hotkey('ctrl+c')", Hotkey(keys=("ctrl", "c"))),
        ("pyautogui.shortcut('alt', 'f4')", Hotkey(keys=("alt", "f4"))),
        ("pyautogui.hotkey('enter')", Press(key="enter")),
        ("pyautogui.keyDown('ctrl'); pyautogui.press('s'); pyautogui.keyUp('ctrl')", Hotkey(keys=("ctrl", "s"))),
        ("pyautogui.keyDown('ctrl'); pyautogui.keyDown('a'); pyautogui.keyUp('a'); pyautogui.keyUp('ctrl')", Hotkey(keys=("ctrl", "a"))),
        ("pyautogui.keyDown('f'); pyautogui.keyUp('f')", Press(key="f")),
        (
            "pyautogui.keyDown('shift')\npyautogui.click(100, 200)\npyautogui.keyUp('shift')",
            Click(at=AT, modifiers=("shift",)),
        ),
        ("with pyautogui.hold('ctrl'):\n    pyautogui.press('c')", Hotkey(keys=("ctrl", "c"))),
        (
            "with pyautogui.hold(['ctrl', 'shift']):\n    pyautogui.click(100, 200)",
            Click(at=AT, modifiers=("ctrl", "shift")),
        ),
        ("import pyperclip\npyperclip.copy('你好')\npyautogui.hotkey('ctrl', 'v')", TypeText(text="你好")),
        ("import time\ntime.sleep(0.5)", Wait(seconds=0.5)),
        ("from time import sleep\nsleep(3)", Wait(seconds=3)),
        ("pyautogui.sleep(1)", Wait(seconds=1)),
        ("time.sleep(3600)", Wait(seconds=60)),
        ("import pyautogui as pg\npg.click(100, 200, button=pg.LEFT)", Click(at=AT)),
        ("from pyautogui import click, RIGHT\nclick(100, 200, button=RIGHT)", Click(at=AT, button="right")),
        ("import pyautogui, time\npyautogui.PAUSE = 0.5\npyautogui.FAILSAFE = False\npyautogui.click(100, 200)", Click(at=AT)),
        ("# first\nimport pyautogui  # then\npyautogui.click(100, 200)  # go", Click(at=AT)),
        ("WAIT", Wait(seconds=2)),
        ("DONE", Finish()),
        (" FAIL\n", Refuse()),
        ("I have sent it.\nDONE", Finish()),
    ],
)  # fmt: skip
def test_one_action(code, expected):
    assert actions(code) == [expected]


def test_a_program_is_its_actions_in_order():
    code = (
        "import pyautogui\nimport time\n"
        "pyautogui.click(100, 200)\ntime.sleep(0.5)\n"
        "pyautogui.write('x', interval=0.1)\npyautogui.press('enter')\nDONE"
    )
    assert actions(code) == [
        Click(at=AT),
        Wait(seconds=0.5),
        TypeText(text="x"),
        Press(key="enter"),
        Finish(),
    ]


def test_a_drag_by_hand_keeps_its_moves():
    code = "pyautogui.mouseDown(100, 200); pyautogui.moveTo(300, 50); pyautogui.mouseUp()"
    assert actions(code) == [MouseDown(at=AT), Move(at=TO), MouseUp(at=TO)]


def test_clicks_far_apart_are_single_clicks():
    assert actions("pyautogui.click(100, 200, clicks=2, interval=1)") == [Click(at=AT)] * 2


def test_many_strokes_are_several_actions():
    assert actions("pyautogui.press('down', presses=120)") == [
        Press(key="down", count=50),
        Press(key="down", count=50),
        Press(key="down", count=20),
    ]


@pytest.mark.parametrize(
    ("said", "thought"),
    [
        ("```python\npyautogui.click(100, 200)\n```", ""),
        ("```\npyautogui.click(100, 200)\n```", ""),
        ("I see it.\n```python\npyautogui.click(100, 200)\n```\nNow wait.", "I see it.\nNow wait."),
        ("I see it.\n```python\npyautogui.click(100, 200)", "I see it."),
        ("I see it.\n    pyautogui.click(100, 200)", "I see it."),
        ("'''\nI see it.\n'''\npyautogui.click(100, 200)", "I see it."),
        ("```python\n    pyautogui.click(100, 200)\n```", ""),
        ("```python\nimport pyautogui\n```\n```python\npyautogui.click(100, 200)\n```", ""),
    ],
)
def test_what_stands_around_code_is_the_thought(said, thought):
    reading = PIXELS.read(said)
    assert reading.actions == (Click(at=AT),)
    assert reading.thought == thought


def test_a_word_may_have_its_own_fence():
    said = "Done.\n```python\npyautogui.press('enter')\n```\n```\nDONE\n```"
    assert actions(said) == [Press(key="enter"), Finish()]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "The answer is empty."),
        ("I do not know.", "The answer holds no code."),
        ("import pyautogui", "The code does nothing."),
        ("pyautogui.click(100, 200", "Line 1: this is no Python"),
        ("import pyautogui\nfor i in range(3):\n    pyautogui.press('a')", "Line 2: For"),
        ("import pyautogui\nx = 100\npyautogui.click(x, 200)", "Line 2: Assign"),
        ("import pyautogui\npyautogui.click(x, 200)", "Line 2: x is no plain value"),
        ("pyautogui.write(f'{name}')", "Line 1: f'{name}' is no plain value"),
        ("pyautogui.write(open('/etc/passwd').read())", "no plain value"),
        ("import os\nos.system('true')", "Line 1: `import os`"),
        ("from pyautogui import *\nclick(1, 2)", "Line 1"),
        ("pyautogui.click(100, 200)\nprint('done')", "Line 2: `print('done')` is beyond"),
        ("pyautogui.locateOnScreen('a.png')", "pyautogui.locateOnScreen is beyond"),
        ("pyautogui.click('button.png')", "A picture ('button.png') is no place"),
        ("pyautogui.click(100, 200, colour=1)", "has no argument 'colour'"),
        ("pyautogui.click(100, 200, x=3)", "'x' is given twice"),
        ("pyautogui.click(*[1, 2])", "Line 1"),
        ("pyautogui.click(**{'x': 1})", "Line 1"),
        ("pyautogui.click(2000, 200)", "Line 1: x = 2000 lies off the screen"),
        ("pyautogui.click(True, 200)", "not a number"),
        ("pyautogui.click()", "No place is given"),
        ("pyautogui.click(100)", "No place is given"),
        ("pyautogui.dragTo(100, 200)", "No place is given"),
        ("pyautogui.moveRel(100, 200)", "No place is given"),
        ("pyautogui.click(100, 200, button='fourth')", "click.button"),
        ("pyautogui.click(100, 200, clicks=4)", "click.count"),
        ("pyautogui.click(100, 200, clicks=2.5)", "no whole number"),
        ("pyautogui.press('hello')", "No key is named 'hello'"),
        ("pyautogui.press('a', presses=100000)", "cannot be pressed 100000 times"),
        ("pyautogui.press('a', presses=10 ** 9)", "`10 ** 9` is not understood"),
        ("pyautogui.hotkey('ctrl', 'nokey')", "No key is named 'nokey'"),
        ("pyautogui.hotkey()", "0 keys"),
        ("pyautogui.hotkey('a', 'b', 'c', 'd', 'e', 'f')", "6 keys"),
        ("pyautogui.keyDown('ctrl')", "'ctrl' is pressed and never released"),
        ("pyautogui.keyUp('ctrl')", "'ctrl' is released but was not pressed"),
        ("pyautogui.keyDown('ctrl')\npyautogui.scroll(1, 100, 200)\npyautogui.keyUp('ctrl')", "Line 2"),
        ("pyautogui.keyDown('right')\ntime.sleep(2)\npyautogui.keyUp('right')", "cannot be held"),
        (
            "with pyautogui.hold('alt'):\n    pyautogui.press('tab')\n    pyautogui.press('tab')",
            "'alt' cannot be held over several strokes",
        ),
        ("with open('x') as f:\n    pass", "Line 1"),
        ("pyautogui.write('x' * 100000)", "longer than"),
        ("pyautogui.write('\\x07')", "control character"),
        ("time.sleep(-1)", "wait.seconds"),
        ("time.sleep('x')", "no number"),
        ("time.sleep(1 / 0)", "divides by zero"),
        ("exec('import os')", "Line 1: `exec('import os')` is beyond"),
        ("pyautogui.__class__", "Line 1: Expr is beyond"),
        ("pyautogui.click(100, 200).x()", "Line 1"),
        ("lambda: 0\npyautogui.click(100, 200)", "Line 1"),
    ],
)  # fmt: skip
def test_what_is_beyond_the_subset_is_one_invalid_step_that_names_the_line(code, why):
    assert why in reason(code)


def test_code_that_no_desktop_would_take_is_not_read():
    assert "are the most" in reason("pyautogui.click(100, 200)\n#" + "a" * 20_000)


def test_half_a_program_is_not_begun():
    (only,) = actions("pyautogui.click(100, 200)\nlaunch()")
    assert isinstance(only, InvalidOutput)


def test_a_text_of_python_is_never_run(tmp_path):
    mark = tmp_path / "ran"
    reason(f"import pathlib\npathlib.Path({str(mark)!r}).touch()")
    reason(f"pyautogui.write(__import__('pathlib').Path({str(mark)!r}).touch())")
    assert not mark.exists()


def test_what_is_beyond_the_subset_may_go_to_the_desktop():
    dialect = PyautoguiCode(PIXELS.grid, otherwise="run_python")
    code = "import os\nfor name in os.listdir('.'):\n    pyautogui.write(name)"
    assert actions(f"Names first.\n```python\n{code}\n```", dialect) == [RunPython(code=code)]
    assert actions("pyautogui.click(100, 200)", dialect) == [Click(at=AT)]
    assert actions(f"{code}\nDONE", dialect) == [RunPython(code=code), Finish()]
    assert "no Python" in reason("for i in", dialect) or "no code" in reason("for i in", dialect)


def test_what_has_no_place_acts_where_the_pointer_is():
    assert actions("pyautogui.click()", POINTED) == [Click(at=AT)]
    assert actions("pyautogui.click(300)", POINTED) == [Click(at=Point(x=300, y=200))]
    assert actions("pyautogui.dragTo(300, 50)", POINTED) == [Drag(start=AT, end=TO)]
    assert actions("pyautogui.move(200, -150)", POINTED) == [Move(at=TO)]
    assert actions("pyautogui.scroll(-1)", POINTED) == [Scroll(at=AT, dy=1)]


def test_a_scroll_without_any_place_takes_the_middle_but_no_click_follows_it():
    middle = Point(x=640, y=400)
    assert actions("pyautogui.scroll(-1)") == [Scroll(at=middle, dy=1)]
    assert "No place is given" in reason("pyautogui.scroll(-1)\npyautogui.click()")


def test_points_are_counted_in_the_grid():
    unit = PyautoguiCode(Grid.unit(SCREEN))
    assert actions("pyautogui.click(0.5, 0.25)", unit) == [Click(at=Point(x=640, y=200))]
    half = PyautoguiCode(Grid.resized(SCREEN, Screen(640, 400)), pointer=Point(x=200, y=100))
    assert actions("pyautogui.move(50, 50)", half) == [Move(at=Point(x=300, y=200))]


def test_a_strange_backslash_warns_nobody():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert actions(r"pyautogui.write('C:\dir')") == [TypeText(text=r"C:\dir")]


@pytest.mark.parametrize(
    "said",
    [
        "pyautogui.click(" + "-" * 9000 + "1, 2)",
        "pyautogui.click(" + "(" * 9000 + "1" + ")" * 9000 + ", 2)",
        "pyautogui.click(" + "+".join("1" * 9000) + ", 2)",
        "pyautogui.write(" + "+".join(["'a'"] * 4000) + ")",
        "pyautogui.write('" + "a" * 200_000 + "')",
        "pyautogui.click(" + "9" * 5000 + ", 1)",
        "pyautogui.click(1, 2)\0",
        "pyautogui.click(1, 2)\ud800",
        "with pyautogui.hold('a'):\n" * 150,
    ],
    ids=range(9),
)
def test_code_made_to_break_a_reader_is_an_invalid_step(said):
    (only,) = actions(said)
    assert isinstance(only, InvalidOutput)
    assert only.reason


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (Click(at=AT), "pyautogui.click(100, 200)"),
        (Click(at=AT, button="right", count=2), "pyautogui.click(100, 200, clicks=2, button='right')"),
        (Drag(start=AT, end=TO), "pyautogui.moveTo(100, 200)\npyautogui.dragTo(300, 50)"),
        (Scroll(at=AT, dy=3), "pyautogui.scroll(-3, 100, 200)"),
        (Scroll(at=AT, dx=3), "pyautogui.hscroll(3, 100, 200)"),
        (TypeText(text="it's\n"), 'pyautogui.write("it\'s\\n")'),
        (Press(key="super"), "pyautogui.press('winleft')"),
        (Hotkey(keys=("ctrl", "c")), "pyautogui.hotkey('ctrl', 'c')"),
        (Wait(seconds=1.5), "time.sleep(1.5)"),
        (Finish(), "DONE"),
        (Refuse(), "FAIL"),
    ],
)  # fmt: skip
def test_how_actions_are_written(action, code):
    assert PIXELS.write(action) == code


@pytest.mark.parametrize(
    "action",
    [
        Goto(url="https://archive.test/"),
        Finish(answer="42"),
        Click(at=Point(x=1280, y=0)),
        RunPython(code="import os"),
    ],
)
def test_what_pyautogui_cannot_say_is_refused(action):
    with pytest.raises(UnsayableError, match=f"pyautogui cannot say {action.kind}"):
        PIXELS.write(action)
