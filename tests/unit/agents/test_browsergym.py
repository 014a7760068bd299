"""What an agent of BrowserGym observes, and what becomes of what it answers."""

from typing import Any

import numpy as np
import pytest

from riosim.accessibility import Box, Node
from riosim.action import AskUser, Click, Finish, Hotkey, Point, Press, Refuse, TypeText
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Screen
from riosim.errors import UsageError
from riosim.observation import Observation
from riosim_agents.browsergym import BrowserGymAgent
from riosim_agents.foreign.browsergym_page import axtree_of, axtree_text, dom_of, elements_of

TREE = Node(
    "group",
    "screen",
    children=(
        Node(
            "document",
            "Archive",
            box=Box(0, 0, 200, 100),
            states=("focused",),
            children=(
                Node("button", "Go", box=Box(10, 20, 40, 20)),
                Node("textbox", "Find", "old", Box(60, 20, 40, 20), ("focused", "editable")),
                Node("text", "far below", box=Box(0, 300, 10, 10)),
                Node("link", "hidden"),
            ),
        ),
    ),
)
ELEMENTS = elements_of(TREE, Screen(200, 100))


def observed(*, message="", tree=TREE, tabs=("Archive", "Forge"), url="https://archive.test/"):
    picture = np.full((100, 200, 3), 7, np.uint8)
    return Observation(picture, "Find it.", 0, message=message, tree=tree, url=url, tabs=tabs)


def saying(*answers):
    seen: list[Any] = []
    agent = BrowserGymAgent(
        "tests.support.foreign_agents:Says", options={"answers": answers, "seen": seen}
    )
    agent.reset("Find it.", seed=1)
    return agent, seen


def test_it_observes_what_browsergyms_environment_shows():
    agent, seen = saying(("noop()", {}))
    shown = observed()
    agent.act(shown)
    ((obs,),) = seen
    assert obs["goal"] == "Find it."
    assert obs["goal_object"] == ({"type": "text", "text": "Find it."},)
    assert [(m["role"], m["message"]) for m in obs["chat_messages"]] == [("user", "Find it.")]
    assert obs["url"] == "https://archive.test/"
    assert obs["open_pages_titles"] == ("Archive", "Forge")
    assert obs["open_pages_urls"] == ("https://archive.test/", "")
    assert obs["active_page_index"] == [0]
    assert np.array_equal(obs["screenshot"], shown.screenshot)
    assert not np.shares_memory(obs["screenshot"], shown.screenshot)
    assert obs["focused_element_bid"] == "4"
    assert obs["last_action"] == ""
    assert obs["last_action_error"] == ""
    assert obs["elapsed_time"].shape == (1,)
    assert obs["extra_element_properties"]["3"] == {
        "visibility": 1.0,
        "bbox": [10.0, 20.0, 40.0, 20.0],
        "clickable": True,
        "set_of_marks": True,
    }
    assert set(obs["extra_element_properties"]) == {"2", "3", "4"}


def test_the_text_has_a_bid_for_what_is_on_the_screen():
    assert axtree_text(ELEMENTS).splitlines() == [
        "RootWebArea 'screen'",
        "\t[2] document 'Archive', focused",
        "\t\t[3] button 'Go'",
        "\t\t[4] textbox 'Find' value='old', focused",
        "\t\tStaticText 'far below'",
        "\t\tlink 'hidden'",
    ]


def test_the_axtree_has_chromiums_shape():
    nodes = axtree_of(ELEMENTS)["nodes"]
    assert nodes[0]["role"]["value"] == "RootWebArea"
    assert nodes[0]["childIds"] == ["2"]
    assert nodes[1]["childIds"] == ["3", "4", "5", "6"]
    field = nodes[3]
    assert field["browsergym_id"] == "4"
    assert field["name"]["value"] == "Find"
    assert field["value"]["value"] == "old"
    assert {"name": "focused", "value": {"type": "booleanOrUndefined", "value": True}} in field[
        "properties"
    ]
    assert "browsergym_id" not in nodes[4]


def test_the_dom_has_a_snapshots_shape():
    dom = dom_of(ELEMENTS)
    nodes, strings = dom["documents"][0]["nodes"], dom["strings"]
    assert (
        len({len(column) for name, column in nodes.items() if name != "contentDocumentIndex"}) == 1
    )
    place = nodes["nodeName"].index(strings.index("button"))
    words = [strings[n] for n in nodes["attributes"][place]]
    assert dict(zip(words[::2], words[1::2], strict=True)) == {"bid": "3", "role": "button"}
    text = nodes["parentIndex"].index(place)
    assert nodes["nodeType"][text] == 3
    assert strings[nodes["nodeValue"][text]] == "Go"


def test_a_bid_is_an_element_of_the_screen_that_was_shown():
    agent, _ = saying(("click('3')", {}))
    assert agent.act(observed()).action == Click(at=Point(x=30, y=30))


def test_filling_takes_three_steps():
    agent, seen = saying(("fill('4', 'new')", {"think": "so"}), ("go_back()", {}))
    decisions = [agent.act(observed()) for _ in range(3)]
    assert [decision.action for decision in decisions] == [
        Click(at=Point(x=80, y=30)),
        Hotkey(keys=("ctrl", "a")),
        TypeText(text="new"),
    ]
    assert decisions[0].thought == "so"
    assert decisions[0].extra == {"browsergym": {"action": "fill('4', 'new')"}}
    assert len(seen) == 1


def test_the_focused_element_needs_no_click():
    agent, _ = saying(("press('4', 'Enter')", {}))
    assert agent.act(observed()).action == Press(key="enter")


def test_an_error_is_told_as_browsergym_tells_it():
    agent, seen = saying(("click('99')", {}), ("noop()", {}))
    first = agent.act(observed()).action
    assert isinstance(first, InvalidOutput)
    agent.act(observed(message=first.reason))
    (obs,) = seen[1]
    assert obs["last_action"] == "click('99')"
    assert "'99'" in obs["last_action_error"]
    assert [m["role"] for m in obs["chat_messages"]] == ["user"]


def test_a_question_and_its_reply_are_chat():
    agent, seen = saying(("send_msg_to_user('Which one?')", {}), ("noop()", {}))
    assert agent.act(observed()).action == AskUser(question="Which one?")
    agent.act(observed(message="The first."))
    (obs,) = seen[1]
    assert [(m["role"], m["message"]) for m in obs["chat_messages"]] == [
        ("user", "Find it."),
        ("assistant", "Which one?"),
        ("user", "The first."),
    ]
    assert obs["last_action_error"] == ""


def test_a_message_is_the_answer_and_infeasible_is_a_refusal():
    agent, _ = saying(("send_msg_to_user('42')", {}), ("report_infeasible('no')", {}))
    assert agent.act(observed()).action == Finish(answer="42")
    assert agent.act(observed()).action == Refuse(reason="no")


def test_the_tab_in_front_is_the_one_whose_title_the_page_has():
    agent, seen = saying(("noop()", {}))
    agent.act(observed())
    forge = Node("document", "Forge", box=Box(0, 0, 200, 100))
    agent.act(observed(tree=forge, url="https://forge.test/"))
    (obs,) = seen[1]
    assert obs["active_page_index"] == [1]
    assert obs["open_pages_urls"] == ("https://archive.test/", "https://forge.test/")


def test_without_tree_and_tabs_it_still_observes():
    agent, seen = saying(("mouse_click(5, 6)", {}))
    assert agent.act(observed(tree=None, tabs=(), url="")).action == Click(at=Point(x=5, y=6))
    ((obs,),) = seen
    assert obs["axtree_object"] == {"nodes": []}
    assert obs["open_pages_titles"] == ("",)


@pytest.mark.parametrize(
    "answer",
    [None, (None, {}), 7, ("", {}), ("I do not know", {}), ("click(", {}), ("x" * 200_000, {})],
    ids=range(7),
)
def test_what_is_no_action_is_an_invalid_step(answer):
    agent, _ = saying(answer)
    decision = agent.act(observed())
    assert isinstance(decision.action, InvalidOutput)
    assert decision.action.reason


def test_an_answer_may_come_without_info():
    agent, _ = saying("go_back()")
    assert agent.act(observed()).action.kind == "back"


def test_an_agent_without_reset_is_made_anew_for_each_episode():
    agent = BrowserGymAgent("tests.support.foreign_agents:GymSearcher")
    agent.reset("Find it.", seed=1)
    first = agent._foreign.agent
    agent.reset("Find it.", seed=1)
    assert agent._foreign.agent is not first


def test_settings_that_make_an_agent_are_taken_as_one():
    for name in ("AGENT_SEARCHER", "GymArgs"):
        agent = BrowserGymAgent(f"tests.support.foreign_agents:{name}")
        assert type(agent._foreign.agent).__name__ == "GymSearcher"
    with pytest.raises(UsageError, match="it takes no options"):
        BrowserGymAgent("tests.support.foreign_agents:AGENT_SEARCHER", options={"a": 1})


def test_what_is_no_agent_is_said():
    with pytest.raises(UsageError, match="has no method 'get_action'"):
        BrowserGymAgent("tests.support.foreign_agents:Useless")
