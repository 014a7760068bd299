"""Laws of the action schema and of the tree's text form."""

import contextlib
import json

from hypothesis import given
from hypothesis import strategies as st

from riosim.accessibility import ROLES, Box, Node, parse_tree, render_tree
from riosim.action import parse_action
from riosim.action_space import ActionSpace
from riosim.errors import InvalidActionError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.binary() | st.text() | st.dictionaries(st.text(), JSON))
def test_parsing_raises_nothing_but_our_error(source):
    with contextlib.suppress(InvalidActionError):
        parse_action(source)


@given(st.integers(0, 2**31), st.booleans())
def test_a_sample_is_in_the_space_and_survives_json(seed, browser):
    space = ActionSpace(800, 600, browser=browser, seed=seed)
    for _ in range(5):
        action = space.sample()
        assert space.contains(action)
        assert parse_action(action.model_dump_json()) == action
        assert parse_action(json.loads(action.model_dump_json())) == action


nodes = st.recursive(
    st.builds(
        Node,
        role=st.sampled_from(sorted(ROLES)),
        name=st.text(max_size=20),
        value=st.text(max_size=20),
        box=st.none() | st.builds(Box, *(st.integers(0, 2000) for _ in range(4))),
    ),
    lambda inner: st.builds(
        lambda node, children: Node(node.role, node.name, node.value, children=tuple(children)),
        inner,
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)


@given(nodes)
def test_a_tree_survives_its_text_form(root):
    assert parse_tree(render_tree(root)) == root
