"""The UI-TARS agent asks in the form that the models know and does what they answer."""

import base64
import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from riosim.action import (
    AskUser,
    Back,
    Click,
    Drag,
    Finish,
    Goto,
    Hotkey,
    Point,
    Press,
    Refuse,
    Scroll,
    TypeText,
    Wait,
)
from riosim.agent import Agent, InvalidOutput
from riosim.errors import UsageError
from riosim.task.instance import TaskInstance
from riosim.testing.contracts import AgentContract
from riosim_agents.ui_tars import UiTarsAgent
from tests.support.model_server.chat_replies import pictures_of
from tests.support.model_server.gui_model_play import (
    SCREEN,
    TASK,
    decide,
    played,
    roles_of,
    screen,
    texts_of,
    the_agent,
)
from tests.support.model_server.server import ModelServer
from tests.support.model_server.ui_tars_replies import in_grammar, say, script_of
from tests.support.small_tasks import small_instance

CLICK = Click(at=Point(x=40, y=50))
ACTIONS = (
    CLICK,
    Click(at=Point(x=1_279, y=799), button="right", count=2, modifiers=("ctrl",)),
    TypeText(text="it's 名\n"),
    Press(key="enter"),
    Hotkey(keys=("ctrl", "c")),
    Scroll(at=Point(x=1, y=2), dy=3),
    Drag(start=Point(x=3, y=4), end=Point(x=300, y=150)),
    Wait(seconds=0.5),
    Goto(url="https://archive.test/"),
    Back(),
    AskUser(question="Which one?"),
    Finish(answer="42"),
    Refuse(reason="It would harm others."),
)


class TestContract(AgentContract):
    """What every agent promises; a fresh server for each test."""

    is_seeded = False

    @pytest.fixture(autouse=True)
    def _server(self):
        script = [
            in_grammar("Thought: x\nAction: click(start_box='(20,30)')"),
            *script_of(TypeText(text="a"), Press(key="enter"), Finish(), screen=SCREEN),
        ]
        with ModelServer(script) as server:
            self.url = server.url
            self.agents: list[UiTarsAgent] = []
            yield
            for agent in self.agents:
                agent.close()

    def make(self) -> Agent:
        self.agents.append(UiTarsAgent(model="testmodel", base_url=f"{self.url}/v1"))
        return self.agents[-1]

    def instance(self) -> TaskInstance:
        with tempfile.TemporaryDirectory() as folder:
            return small_instance(Path(folder))


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.kind)
def test_an_action_is_done_when_it_is_said(action):
    assert decide(UiTarsAgent, say(action, screen=SCREEN, number=1)).action == action


def test_the_picture_is_sent_in_the_size_in_which_the_model_sees_it():
    _, (request,) = played(UiTarsAgent, script_of(CLICK, screen=SCREEN), 1)
    (url,) = pictures_of(request)
    picture = Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))
    assert picture.size == (1_288, 812)


def test_points_are_counted_in_that_picture():
    reply = in_grammar("Action: click(start_box='(644,406)')")
    decision = decide(UiTarsAgent, reply)
    assert decision.action == Click(at=Point(x=640, y=400))
    assert decision.extra["gui_model"]["picture_px"] == [1_288, 812]
    assert decision.extra["gui_model"]["coordinates"] == "picture"
    small = decide(UiTarsAgent, reply, max_pixels=300_000)
    width, height = small.extra["gui_model"]["picture_px"]
    assert width * height <= 300_000
    assert isinstance(small.action, Click)
    assert small.action.at.x == 644 * 1_280 // width


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"version": "1.0"}, "(500,500)"),
        ({"version": 1.0}, "(500,500)"),
        ({"version": "doubao"}, "<point>500 500</point>"),
        ({"version": 1.5}, "<|box_start|>(644,406)<|box_end|>"),
        ({"coordinates": "thousand"}, "(500,500)"),
        ({"coordinates": "pixels"}, "(640,400)"),
        ({"version": "1.0", "coordinates": "picture"}, "(644,406)"),
    ],
)
def test_each_way_of_counting_means_the_same_pixel(settings, said):
    reply = in_grammar(f"Action: click(start_box='{said}')")
    assert decide(UiTarsAgent, reply, **settings).action == Click(at=Point(x=640, y=400))


def test_the_model_is_told_task_grammar_and_language():
    _, (request,) = played(UiTarsAgent, script_of(CLICK, screen=SCREEN), 1, language="French")
    (message,) = request.body["messages"]
    text = texts_of(message)
    assert text.index("Action Space") < text.index(TASK)
    assert "click(start_box='<|box_start|>(x1,y1)<|box_end|>')" in text
    assert "in French" in text
    assert "{{" not in text
    assert [part["type"] for part in message["content"]] == ["text", "image_url"]


def test_the_service_is_told_its_own_form():
    _, (request,) = played(UiTarsAgent, [in_grammar("Action: wait()")], 1, version="doubao")
    text = texts_of(request.body["messages"][0])
    assert "click(point='<point>x1 y1</point>')" in text
    assert "box_start" not in text


def test_browser_functions_are_offered_where_there_is_a_browser():
    script = script_of(CLICK, screen=SCREEN)
    with the_agent(UiTarsAgent, script) as (agent, server):
        agent.act(screen(url="https://archive.test/x", tabs=("Archive",)))
    text = texts_of(server.requests[0].body["messages"][0])
    assert "goto(url=" in text
    assert "refuse(" in text
    assert 'Address: "https://archive.test/x"' in text
    assert 'Tab 0: "Archive"' in text
    _, (request,) = played(UiTarsAgent, script, 1)
    assert "goto(" not in texts_of(request.body["messages"][0])


def test_without_extras_the_grammar_is_as_it_was_trained():
    script = [in_grammar("Action: goto(url='https://archive.test')")]
    with the_agent(UiTarsAgent, script, extras=False) as (agent, server):
        decision = agent.act(screen(url="https://archive.test/x"))
    text = texts_of(server.requests[0].body["messages"][0])
    assert "goto(" not in text
    assert "refuse(" not in text
    assert isinstance(decision.action, InvalidOutput)


def test_all_answers_are_said_again_with_their_box_tokens_and_the_last_pictures():
    script = [in_grammar(f"Thought: {n}\nAction: click(start_box='({n},5)')") for n in range(6)]
    _, requests = played(UiTarsAgent, script, 6, history=2)
    assert [len(pictures_of(request)) for request in requests] == [1, 2, 3, 3, 3, 3]
    assert (
        roles_of(requests)
        == "user assistant assistant assistant user assistant user assistant user".split()
    )
    messages = requests[-1].body["messages"]
    said = [m["content"] for m in messages if m["role"] == "assistant"]
    assert said[1] == "Thought: 1\nAction: click(start_box='<|box_start|>(1,5)<|box_end|>')"
    assert TASK in texts_of(messages[0])
    assert pictures_of(requests[-1])[-1] != pictures_of(requests[-1])[0]


def test_the_services_answers_are_said_again_as_they_were():
    said = "Action: click(start_box='(1,5)')"
    _, requests = played(UiTarsAgent, [in_grammar(said)], 2, version="doubao")
    assert requests[-1].body["messages"][1]["content"] == said


def test_several_calls_are_several_steps_of_one_answer():
    script = [
        in_grammar("Action: click(start_box='(644,406)')\n\ntype(content='x')"),
        *script_of(Finish(), screen=SCREEN),
    ]
    decisions, requests = played(UiTarsAgent, script, 3)
    assert [decision.action for decision in decisions] == [
        Click(at=Point(x=640, y=400)),
        TypeText(text="x"),
        Finish(),
    ]
    assert len(requests) == 2
    assert decisions[0].usage.input_tokens == 1200
    assert decisions[1].usage.input_tokens == 0


def test_a_scroll_without_a_place_happens_where_the_pointer_was_left():
    script = [
        in_grammar("Action: click(start_box='(644,406)')"),
        in_grammar("Action: scroll(direction='down')"),
    ]
    decisions, _ = played(UiTarsAgent, script, 2)
    assert decisions[1].action == Scroll(at=Point(x=640, y=400), dy=5)


def test_the_person_is_asked_what_was_thought():
    reply = in_grammar("Thought: Which of the two?\nAction: call_user()")
    assert decide(UiTarsAgent, reply).action == AskUser(question="Which of the two?")


def test_ones_own_prompt_takes_the_place_of_the_built_in_one(tmp_path):
    path = tmp_path / "own.md"
    path.write_text("Do: {{ task }}\n{{functions}}")
    script = script_of(CLICK, screen=SCREEN)
    (decision,), (request,) = played(UiTarsAgent, script, 1, prompt=str(path))
    assert texts_of(request.body["messages"][0]).startswith(f"Do: {TASK}\nclick(")
    assert decision.extra["gui_model"]["prompt"]["name"] == "own.md"
    path.write_text("{{tasks}}")
    with pytest.raises(UsageError, match=r"tasks.*which is no placeholder"):
        UiTarsAgent(model="m", base_url="http://127.0.0.1:1/v1", prompt=str(path))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"version": "2"}, "version is '2'"),
        ({"version": True}, "version is 'True'"),
        ({"model": ""}, "model is empty"),
        ({"coordinates": "metres"}, "coordinates is 'metres'"),
        ({"extras": "yes"}, "extras is 'yes'"),
        ({"history": -1}, "history is '-1'"),
        ({"max_pixels": 100}, "No picture has between"),
        ({"min_pixels": 0}, "min_pixels is '0'"),
        ({"prompt": "plain"}, "a file that ends in .md"),
        ({"prompt": "/nowhere/x.md"}, "cannot be read"),
        ({"top_p": 2}, "top_p is '2'"),
        ({"base_url": "nowhere"}, "base_url is"),
    ],
)
def test_wrong_settings_are_told_when_the_agent_is_made(settings, said):
    given = {"model": "m", "base_url": "http://127.0.0.1:1/v1", **settings}
    with pytest.raises(UsageError, match=said):
        UiTarsAgent(**given)
