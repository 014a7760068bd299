"""The grammar of UI-TARS, after the shapes that its authors publish."""

import pytest

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
from riosim.dialects.call_text import MOST_CALLS
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Dialect, UnsayableError
from riosim.dialects.ui_tars import UI_TARS_VERSIONS, UiTars
from riosim.errors import UsageError

SCREEN = Screen(1_280, 800)
PIXELS = UiTars(Grid.pixels(SCREEN))
EXTRA = UiTars(Grid.pixels(SCREEN), extras=True)
AT = Point(x=100, y=200)


def only(dialect: UiTars, said: str):
    (action,) = dialect.read(said).actions
    return action


def why(dialect: UiTars, said: str) -> str:
    action = only(dialect, said)
    assert isinstance(action, InvalidOutput), action
    return action.reason


@pytest.mark.parametrize(
    ("call", "action"),
    [
        ("click(start_box='(100,200)')", Click(at=AT)),
        ("click(start_box='<|box_start|>(100,200)<|box_end|>')", Click(at=AT)),
        ("click(point='<point>100 200</point>')", Click(at=AT)),
        ("click(start_box='[80, 190, 120, 210]')", Click(at=AT)),
        ("click(start_box='<bbox>80 190 120 210</bbox>')", Click(at=AT)),
        ('click(start_box="(100, 200)")', Click(at=AT)),
        ("click(start_box=(100,200))", Click(at=AT)),
        ("click(point=<point>100 200</point>)", Click(at=AT)),
        ("click('(100,200)')", Click(at=AT)),
        ("left_single(start_box='(100,200)')", Click(at=AT)),
        ("left_double(start_box='(100,200)')", Click(at=AT, count=2)),
        ("right_single(point='<point>100 200</point>')", Click(at=AT, button="right")),
        ("hover(start_box='(100,200)')", Move(at=AT)),
        ("drag(start_box='(1,2)', end_box='(100,200)')", Drag(start=Point(x=1, y=2), end=AT)),
        (
            "drag(start_point='<point>1 2</point>', end_point='<point>100 200</point>')",
            Drag(start=Point(x=1, y=2), end=AT),
        ),
        ("select(start_box='(1,2)', end_box='(100,200)')", Drag(start=Point(x=1, y=2), end=AT)),
        ("hotkey(key='ctrl c')", Hotkey(keys=("ctrl", "c"))),
        ("hotkey(key='ctrl+shift+t')", Hotkey(keys=("ctrl", "shift", "t"))),
        ("hotkey(key='ctrl + c')", Hotkey(keys=("ctrl", "c"))),
        ("hotkey(key='ctrl +')", Hotkey(keys=("ctrl", "+"))),
        ("hotkey(key='ctrl -')", Hotkey(keys=("ctrl", "-"))),
        ("hotkey(hotkey='enter')", Press(key="enter")),
        ("hotkey(key='arrowdown')", Press(key="down")),
        ("hotkey(key='Page_Down')", Press(key="pagedown")),
        ("press(key='space')", Press(key="space")),
        ("hotkey(key=' ')", Press(key="space")),
        ("type(content='resnet\\n')", TypeText(text="resnet\n")),
        ("scroll(start_box='(100,200)', direction='down')", Scroll(at=AT, dy=5)),
        ("scroll(point='<point>100 200</point>', direction='up')", Scroll(at=AT, dy=-5)),
        ("scroll(start_box='(100,200)', direction='left')", Scroll(at=AT, dx=-5)),
        ("scroll(start_box='(100,200)', direction='right')", Scroll(at=AT, dx=5)),
        ("scroll(direction='down')", Scroll(at=Point(x=640, y=400), dy=5)),
        ("scroll(start_box='', direction='down')", Scroll(at=Point(x=640, y=400), dy=5)),
        ("wait()", Wait(seconds=5)),
        ("finished()", Finish()),
        ("finished(content='It is 42.')", Finish(answer="It is 42.")),
        ("call_user()", AskUser(question="I look.")),
    ],
)
def test_every_published_form_is_understood(call, action):
    reading = PIXELS.read(f"Thought: I look.\nAction: {call}")
    assert reading.actions == (action,)
    assert reading.thought == "I look."


@pytest.mark.parametrize(
    ("call", "action"),
    [
        ("click(start_box='(100,200)', button='middle')", Click(at=AT, button="middle")),
        ("click(start_box='(100,200)', count='3')", Click(at=AT, count=3)),
        ("click(start_box='(100,200)', count=3)", Click(at=AT, count=3)),
        ("click(start_box='(100,200)', modifiers='ctrl')", Click(at=AT, modifiers=("ctrl",))),
        ("scroll(start_box='(100,200)', direction='down', notches='2')", Scroll(at=AT, dy=2)),
        ("hotkey(key='tab', count='3')", Press(key="tab", count=3)),
        ("wait(seconds='1.5')", Wait(seconds=1.5)),
        ("call_user(content='Which one?')", AskUser(question="Which one?")),
        ("goto(url='https://archive.test/a?b=1')", Goto(url="https://archive.test/a?b=1")),
        ("back()", Back()),
        ("new_tab()", NewTab()),
        ("new_tab(url='https://archive.test')", NewTab(url="https://archive.test")),
        ("close_tab()", CloseTab()),
        ("switch_tab(index='1')", SwitchTab(index=1)),
        ("refuse(content='No.')", Refuse(reason="No.")),
        ("refuse(reason='No.')", Refuse(reason="No.")),
        ("mouse_down(start_box='(100,200)')", MouseDown(at=AT)),
        ("mouse_up(start_box='(100,200)', button='right')", MouseUp(at=AT, button="right")),
    ],
)
def test_extras_are_understood_where_they_are_offered(call, action):
    assert only(EXTRA, f"Action: {call}") == action


def test_without_extras_their_functions_do_not_exist_and_their_arguments_count_for_nothing():
    assert "No function is named 'goto'" in why(PIXELS, "Action: goto(url='https://a.test')")
    assert "goto" not in why(PIXELS, "Action: fly()")
    assert "goto" in why(EXTRA, "Action: fly()")
    said = "Action: click(start_box='(100,200)', count='3')"
    assert only(PIXELS, said) == Click(at=AT)


@pytest.mark.parametrize("name", ["long_press", "open_app", "press_home", "press_back"])
def test_a_telephone_has_other_functions(name):
    said = f"Action: {name}(start_box='(1,2)')"
    assert why(EXTRA, said) == (
        f"There is no {name} here: this is a computer with a mouse and a keyboard."
    )


@pytest.mark.parametrize(
    "text",
    [
        "it's",
        'say "so"',
        "C:\\Users\\new",
        "a\nb\n",
        "f('x')",
        "print('a')\nprint('b')",
        "')",
        "');",
        "')\n\nfinished(content='",
        "', direction='up')",
        "Action: wait()",
        "<think>no</think>",
        "\\n is no line feed",
        "\\",
        "\\\\'",
        " spaces around ",
        "\t",
        "你好 🙂 ünï",
        "((([[[",
    ],
)
def test_any_text_survives_its_quotes(text):
    assert only(PIXELS, PIXELS.write(TypeText(text=text))) == TypeText(text=text)
    assert only(PIXELS, PIXELS.write(Finish(answer=text))) == Finish(answer=text)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("It's mine", "It's mine"),
        ("f('x') + g('y')", "f('x') + g('y')"),
        ("the 'a', the 'b'", "the 'a', the 'b'"),
        ("print('a')\nprint('b')", "print('a')\nprint('b')"),
        ("line one\nline two", "line one\nline two"),
        ("one\\ntwo\\ttabbed", "one\ntwo\ttabbed"),
        ("caf\\u00e9 \\x41", "café A"),
        ("C:\\Users", "C:\\Users"),
        ("a\\'b", "a'b"),
        ("carriage\\r\\nreturn", "carriage\nreturn"),
    ],
)
def test_a_model_that_does_not_escape_its_quotes_is_understood(content, text):
    assert only(PIXELS, f"Action: type(content='{content}')") == TypeText(text=text)
    more = PIXELS.read(f"Action: type(content='{content}')\n\nwait()").actions
    assert more == (TypeText(text=text), Wait(seconds=5))


def test_calls_that_follow_one_another_are_all_read():
    said = (
        "Thought: Fill it in.\nAction: click(start_box='(100,200)')\n\n"
        "type(content='Ada')\n\nhotkey(key='enter')"
    )
    assert PIXELS.read(said).actions == (
        Click(at=AT),
        TypeText(text="Ada"),
        Press(key="enter"),
    )
    again = "Action: click(start_box='(100,200)')\nAction: wait()"
    assert PIXELS.read(again).actions == (Click(at=AT), Wait(seconds=5))


def test_what_a_model_dreams_of_the_next_turn_is_not_done():
    said = (
        "Thought: One.\nAction: click(start_box='(100,200)')\n"
        "Thought: Two.\nAction: finished(content='done')"
    )
    assert PIXELS.read(said).actions == (Click(at=AT),)


def test_prose_around_the_call_is_no_harm():
    said = "**Thought:** I click.\n```\nAction: click(start_box='(100,200)')\n```\nThat will do."
    reading = PIXELS.read(said)
    assert reading.actions == (Click(at=AT),)
    assert reading.thought == "I click."
    assert only(PIXELS, "click(start_box='(100,200)')") == Click(at=AT)
    talk = "Thought: The Action: label (see above) helps.\nAction: click(start_box='(100,200)')"
    assert only(PIXELS, talk) == Click(at=AT)


def test_thinking_is_thought():
    said = "<think>Shall I?\nAction: wait()</think>\nThought: Yes.\nAction: finished()"
    reading = PIXELS.read(said)
    assert reading.actions == (Finish(),)
    assert reading.thought == "Shall I?\nAction: wait()\nYes."
    assert "holds no action" in why(PIXELS, "<think>I wonder. Action: wait()")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "The answer holds no action: it is empty."),
        ("I look at the page.", "The answer holds no action: it has no line `Action: …`"),
        ("Action: fly(away='1')", "No function is named 'fly'"),
        ("Action: click(start_box='=')", "click: start_box: A place is made of numbers"),
        ("Action: click()", "click needs start_box."),
        ("Action: click(start_box='(1,2,3)')", "A place has 2 numbers, or 4 for a box"),
        ("Action: click(start_box='(1281,5)')", "x = 1281 lies off the screen (0 to 1280)."),
        ("Action: click(start_box='(-1,5)')", "x = -1 lies off the screen"),
        ("Action: click(100, 200)", "click takes no argument number 2."),
        ("Action: click(start_box='(1,2)', point='<point>1 2</point>')", "is given twice"),
        ("Action: click(start_box='(1,2)', start_box='(1,2)')", "start_box is given twice"),
        ("Action: click(start_box='(1,2)'", "the answer was cut off"),
        ("Action: click(start_box=(1,2) (3,4))", "instead of a comma"),
        ("Action: click(start_box=", "it has no end: it was cut off."),
        ("Action: type(content='cut of", "a text in quotes has no end: the answer was cut off"),
        ("Action: type()", "type needs content."),
        ("Action: type(content='\\x00')", "no control character"),
        ("Action: hotkey(key='')", "No key is named."),
        ("Action: hotkey(key='ctrl frobnicate')", "No key is named 'frobnicate'."),
        ("Action: hotkey(key='a b c d e f')", "6 keys cannot be pressed at once"),
        ("Action: keydown(key='ctrl')", "There is no keydown here: keys are pressed together"),
        ("Action: scroll(start_box='(1,2)')", "scroll needs direction."),
        ("Action: scroll(start_box='(1,2)', direction='north')", "say down, up, left or right"),
        ("Action: drag(start_box='(1,2)')", "drag needs end_box."),
    ],
)
def test_what_is_wrong_is_said(said, reason):
    assert reason in why(PIXELS, said)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("click(start_box='(1,2)', button='fourth')", "button"),
        ("click(start_box='(1,2)', count='4')", "count"),
        ("click(start_box='(1,2)', count='many')", "not a whole number"),
        ("click(start_box='(1,2)', modifiers='a')", "modifiers"),
        ("wait(seconds='soon')", "seconds is 'soon', not a number."),
        ("wait(seconds='61')", "less than or equal to 60"),
        ("goto(url='file:///etc/passwd')", "url"),
        ("switch_tab(index='-1')", "not a whole number"),
        ("scroll(start_box='(1,2)', direction='up', notches='51')", "dy"),
    ],
)
def test_extras_with_wrong_values_are_refused(call, reason):
    assert reason in why(EXTRA, f"Action: {call}")


def test_nothing_after_a_broken_call_is_done():
    said = "Action: click(start_box='(1,2)')\n\ntype(content='a\n\nfinished()"
    first, second = PIXELS.read(said).actions
    assert first == Click(at=Point(x=1, y=2))
    assert isinstance(second, InvalidOutput)


def test_an_answer_of_a_thousand_calls_has_an_end():
    actions = PIXELS.read("Action: " + "wait()\n\n" * 1_000).actions
    assert len(actions) == MOST_CALLS + 1
    assert isinstance(actions[-1], InvalidOutput)


def test_each_version_counts_in_its_own_way():
    assert only(UiTars.for_screen(SCREEN, "1.0"), "Action: click(start_box='(500,250)')") == Click(
        at=Point(x=640, y=200)
    )
    resized = UiTars.for_screen(SCREEN, "1.5")  # 1288x812
    assert only(resized, "Action: click(start_box='(644,406)')") == Click(at=Point(x=640, y=400))
    service = UiTars.for_screen(SCREEN, "doubao")
    assert only(service, "Action: click(point='<point>1000 1000</point>')") == Click(
        at=Point(x=1_279, y=799)
    )


def test_each_version_writes_places_in_its_own_way():
    drag = Drag(start=Point(x=0, y=0), end=Point(x=640, y=400))
    assert UiTars.for_screen(SCREEN, "1.0").write(drag) == (
        "Action: drag(start_box='(0,0)', end_box='(500,500)')"
    )
    assert UiTars.for_screen(SCREEN, "1.5").write(drag) == (
        "Action: drag(start_box='(0,0)', end_box='(644,406)')"
    )
    assert UiTars.for_screen(SCREEN, "doubao").write(drag) == (
        "Action: drag(start_point='<point>0 0</point>', end_point='<point>500 500</point>')"
    )
    assert UiTars.for_screen(SCREEN, "doubao").write(Click(at=drag.end)) == (
        "Action: click(point='<point>500 500</point>')"
    )


def test_the_bounds_of_the_server_change_what_is_counted():
    small = UiTars.for_screen(SCREEN, "1.5", max_pixels=300 * 28**2)
    assert small.grid.width < 1_280
    assert small.write(Click(at=Point(x=1_279, y=799))) != PIXELS.write(
        Click(at=Point(x=1_279, y=799))
    )


def test_the_pointer_is_where_a_scroll_without_a_place_happens():
    here = UiTars(Grid.pixels(SCREEN), pointer=AT)
    assert only(here, "Action: scroll(direction='up')") == Scroll(at=AT, dy=-5)


@pytest.mark.parametrize(
    "action",
    [
        Click(at=AT, button="middle"),
        Click(at=AT, count=3),
        Click(at=AT, modifiers=("ctrl",)),
        Scroll(at=AT, dy=2),
        Scroll(at=AT, dx=5, dy=5),
        Press(key="tab", count=2),
        Wait(seconds=1),
        AskUser(question="Which?"),
        Drag(start=AT, end=AT, button="right"),
        Goto(url="https://archive.test"),
        Refuse(),
        Back(),
        MouseDown(at=AT),
        RunPython(code="1"),
        Click(at=Point(x=1_280, y=0)),
    ],
)
def test_what_the_grammar_cannot_say_is_not_said(action):
    with pytest.raises(UnsayableError, match=f"ui_tars-1.5 cannot say {action.kind}"):
        PIXELS.write(action)


@pytest.mark.parametrize("action", [RunPython(code="1"), Scroll(at=AT, dx=1, dy=1)])
def test_some_things_not_even_extras_can_say(action):
    with pytest.raises(UnsayableError):
        EXTRA.write(action)


@pytest.mark.parametrize("version", UI_TARS_VERSIONS)
def test_the_name_tells_the_version(version):
    dialect = UiTars.for_screen(SCREEN, version)
    assert dialect.name == f"ui_tars-{version}"
    assert isinstance(dialect, Dialect)


def test_a_version_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match=r"version '2\.0'.*1\.0, 1\.5, doubao"):
        UiTars.for_screen(SCREEN, "2.0")
    with pytest.raises(UsageError, match="version"):
        UiTars(Grid.pixels(SCREEN), "1")


def test_what_is_no_text_is_invalid():
    assert "no text" in why(PIXELS, None)
    assert "no text" in why(PIXELS, {"action": "click"})


def test_a_closing_tag_in_a_text_ends_no_thinking():
    text = "x</think>\nAction: finished()"
    assert only(PIXELS, f"Action: type(content='{text}')") == TypeText(text=text)
    later = f"Action: wait() and then\nAction: type(content='{text}')"
    assert only(PIXELS, later) == Wait(seconds=5)


def test_drafts_in_what_was_thought_are_not_done():
    said = "I could say\nAction: wait()\nor rather not.</think>\nThought: Done.\nAction: finished()"
    reading = PIXELS.read(said)
    assert reading.actions == (Finish(),)
    assert reading.thought.startswith("I could say")
