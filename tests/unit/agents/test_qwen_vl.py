"""The Qwen-VL agent describes its function and does what is called."""

import base64
import json
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
    Move,
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
from riosim_agents.qwen_vl import QwenVLAgent
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
from tests.support.model_server.qwen_vl_replies import as_tool_call, in_tags, say, script_of
from tests.support.model_server.server import ModelServer
from tests.support.small_tasks import small_instance

MIDDLE = Point(x=640, y=400)
CLICK = Click(at=MIDDLE)
ACTIONS = (
    CLICK,
    Click(at=MIDDLE, button="right", count=2, modifiers=("ctrl",)),
    TypeText(text="it's 名 </tool_call>\n"),
    Press(key="enter"),
    Hotkey(keys=("ctrl", "c")),
    Scroll(at=MIDDLE, dy=3),
    Drag(start=Point(x=0, y=0), end=MIDDLE),
    Wait(seconds=0.5),
    Goto(url="https://archive.test/"),
    Back(),
    AskUser(question="Which one?"),
    Finish(answer="42"),
    Refuse(reason="It would harm others."),
)


def arguments(**given: object) -> str:
    said = {"name": "computer_use", "arguments": given}
    return f"<tool_call>\n{json.dumps(said)}\n</tool_call>"


class TestContract(AgentContract):
    """What every agent promises; a fresh server for each test."""

    is_seeded = False

    @pytest.fixture(autouse=True)
    def _server(self):
        script = script_of(CLICK, TypeText(text="a"), Press(key="enter"), Finish(), screen=SCREEN)
        with ModelServer(script) as server:
            self.url = server.url
            self.agents: list[QwenVLAgent] = []
            yield
            for agent in self.agents:
                agent.close()

    def make(self) -> Agent:
        self.agents.append(QwenVLAgent(model="testmodel", base_url=f"{self.url}/v1"))
        return self.agents[-1]

    def instance(self) -> TaskInstance:
        with tempfile.TemporaryDirectory() as folder:
            return small_instance(Path(folder))


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.kind)
def test_an_action_is_done_when_it_is_called(action):
    assert decide(QwenVLAgent, say(action, screen=SCREEN, number=1)).action == action


@pytest.mark.parametrize(("version", "size"), [("3", (1_280, 800)), ("2.5", (1_288, 812))])
def test_the_picture_is_sent_in_the_size_in_which_the_model_sees_it(version, size):
    script = script_of(CLICK, screen=SCREEN, version=version)
    (decision,), (request,) = played(QwenVLAgent, script, 1, version=version)
    (url,) = pictures_of(request)
    assert Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))).size == size
    assert decision.action == CLICK


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"version": "3"}, [500, 500]),
        ({"version": 3}, [500, 500]),
        ({"version": 2.5}, [644, 406]),
        ({"version": "2.5", "coordinates": "thousand"}, [500, 500]),
        ({"coordinates": "picture", "max_pixels": 300_000}, [336, 208]),
        ({"coordinates": "pixels"}, [640, 400]),
    ],
)
def test_each_way_of_counting_means_the_same_pixel(settings, place):
    reply = in_tags(arguments(action="left_click", coordinate=place))
    decision = decide(QwenVLAgent, reply, **settings)
    assert isinstance(decision.action, Click)
    assert abs(decision.action.at.x - 640) <= 2
    assert abs(decision.action.at.y - 400) <= 2


def test_the_model_is_told_its_function_task_and_language():
    _, (request,) = played(QwenVLAgent, script_of(CLICK, screen=SCREEN), 1, language="French")
    system, first = request.body["messages"]
    text = system["content"]
    said = text[text.index("<tools>") + 7 : text.index("</tools>")]
    function = json.loads(said)["function"]
    assert function["name"] == "computer_use"
    assert "1000x1000" in function["description"]
    assert "left_click" in function["parameters"]["properties"]["action"]["enum"]
    assert "in French" in text
    assert TASK in texts_of(first)
    assert [part["type"] for part in first["content"]] == ["image_url", "text"]
    assert "tools" not in request.body


def test_browser_actions_are_offered_where_there_is_a_browser():
    script = script_of(CLICK, screen=SCREEN)
    with the_agent(QwenVLAgent, script) as (agent, server):
        agent.act(screen(url="https://archive.test/x", tabs=("Archive",)))
    system, first = server.requests[0].body["messages"]
    assert '"goto"' in system["content"]
    assert 'Address: "https://archive.test/x"' in texts_of(first)
    _, (request,) = played(QwenVLAgent, script, 1)
    assert "goto" not in request.body["messages"][0]["content"]
    assert '"refuse"' in request.body["messages"][0]["content"]


def test_without_extras_the_function_is_as_it_was_trained():
    script = [in_tags(arguments(action="goto", url="https://archive.test"))]
    with the_agent(QwenVLAgent, script, extras=False) as (agent, server):
        decision = agent.act(screen(url="https://archive.test/x"))
    text = server.requests[0].body["messages"][0]["content"]
    assert "goto" not in text
    assert "refuse" not in text
    assert isinstance(decision.action, InvalidOutput)


def test_the_last_steps_are_shown_and_those_before_are_told_in_a_line():
    script = [
        in_tags(f"Look {n}.\n{arguments(action='key', keys=['tab'])}", number=n) for n in range(5)
    ]
    _, requests = played(QwenVLAgent, script, 5, history=2)
    assert [len(pictures_of(request)) for request in requests] == [1, 2, 3, 3, 3]
    assert roles_of(requests) == "system user assistant user assistant user".split()
    first = texts_of(requests[-1].body["messages"][1])
    assert "Step 1: Look 0.\nStep 2: Look 1." in first
    assert "Look 2" not in first
    assert TASK in first
    assert requests[-1].body["messages"][2]["content"].startswith("Look 2.")


def test_without_history_everything_is_told_in_lines():
    script = [in_tags(f"Look {n}.\n{arguments(action='wait', time=0)}") for n in range(3)]
    _, requests = played(QwenVLAgent, script, 3, history=0)
    assert roles_of(requests) == ["system", "user"]
    assert "Step 2: Look 1." in texts_of(requests[-1].body["messages"][1])


def test_a_reply_of_the_person_stays_told():
    script = [
        *script_of(AskUser(question="Which?"), screen=SCREEN),
        *script_of(Wait(seconds=0), Wait(seconds=0), screen=SCREEN),
    ]
    with the_agent(QwenVLAgent, script, history=0) as (agent, server):
        agent.act(screen(0))
        agent.act(screen(1, "The second one."))
        agent.act(screen(2))
    now = texts_of(server.requests[1].body["messages"][-1])
    assert "The person replies: The second one." in now
    assert "The person replies: The second one." in texts_of(
        server.requests[2].body["messages"][-1]
    )


def test_a_call_that_the_server_took_out_is_read_as_well():
    reply = as_tool_call({"action": "left_click", "coordinate": [500, 500]})
    assert decide(QwenVLAgent, reply).action == CLICK
    strange = decide(QwenVLAgent, as_tool_call({}, name="search"))
    assert isinstance(strange.action, InvalidOutput)
    half = decide(QwenVLAgent, as_tool_call('{"action": "left_'))
    assert isinstance(half.action, InvalidOutput)


def test_two_calls_that_the_server_took_out_are_two_steps():
    reply = as_tool_call({"action": "key", "keys": ["tab"]})
    reply.body["choices"][0]["message"]["tool_calls"] *= 2
    script = [reply, *script_of(Finish(), screen=SCREEN)]
    decisions, requests = played(QwenVLAgent, script, 3)
    assert [d.action for d in decisions] == [Press(key="tab"), Press(key="tab"), Finish()]
    assert requests[1].body["messages"][2]["content"].count("<tool_call>") == 2


def test_a_drag_begins_where_the_pointer_was_left_steps_ago():
    script = [
        in_tags(arguments(action="mouse_move", coordinate=[500, 500])),
        in_tags(arguments(action="key", keys=["shift"])),
        in_tags(arguments(action="left_click_drag", coordinate=[0, 0])),
    ]
    decisions, _ = played(QwenVLAgent, script, 3)
    assert decisions[0].action == Move(at=MIDDLE)
    assert decisions[2].action == Drag(start=MIDDLE, end=Point(x=0, y=0))


def test_a_refused_action_leaves_the_pointer_where_it_was():
    script = [
        in_tags(arguments(action="left_click", coordinate=[500, 500])),
        in_tags(arguments(action="left_click", coordinate=[0, 0])),
        in_tags(arguments(action="scroll", pixels=-1)),
    ]
    with the_agent(QwenVLAgent, script) as (agent, _):
        agent.act(screen(0))
        agent.act(screen(1))
        decision = agent.act(screen(2, "The machine refused it."))
    assert decision.action == Scroll(at=MIDDLE, dy=1)


def test_a_new_episode_knows_nothing_of_the_last_one():
    script = [
        in_tags(arguments(action="mouse_move", coordinate=[500, 500])),
        in_tags(arguments(action="left_click_drag", coordinate=[0, 0])),
    ]
    with the_agent(QwenVLAgent, script) as (agent, server):
        agent.act(screen(0))
        agent.reset("Another task.", seed=8)
        decision = agent.act(screen(0))
    assert isinstance(decision.action, InvalidOutput)
    assert len(pictures_of(server.requests[1])) == 1
    assert server.requests[1].body["seed"] == 8
    assert TASK not in str(server.requests[1].body["messages"])


def test_a_failure_with_words_of_refusal_ends_as_a_finish_that_the_engine_hears():
    said = f"I can't help with that.\n{arguments(action='terminate', status='failure')}"
    assert decide(QwenVLAgent, in_tags(said)).action == Finish(answer="I can't help with that.")


def test_notches_can_be_many_pixels():
    reply = in_tags(arguments(action="scroll", coordinate=[500, 500], pixels=-500))
    assert decide(QwenVLAgent, reply, pixels_per_notch=100).action == Scroll(at=MIDDLE, dy=5)
    _, (request,) = played(QwenVLAgent, [reply], 1, pixels_per_notch=100)
    assert "One notch of the wheel is 100." in request.body["messages"][0]["content"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"version": "2"}, "version is '2'"),
        ({"version": "doubao"}, "version is 'doubao'"),
        ({"pixels_per_notch": 0}, "pixels_per_notch is '0'"),
        ({"min_pixels": 10**8, "max_pixels": 10**6}, "No picture has between"),
        ({"max_pixels": 10**9}, "max_pixels is"),
    ],
)
def test_wrong_settings_are_told_when_the_agent_is_made(settings, said):
    given = {"model": "m", "base_url": "http://127.0.0.1:1/v1", **settings}
    with pytest.raises(UsageError, match=said):
        QwenVLAgent(**given)
