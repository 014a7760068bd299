"""Laws of caution, and of what reads words: total, and smooth in what it decides."""

from hypothesis import given
from hypothesis import strategies as st

from riosim_agents.rule_driven import RuleDrivenAgent
from riosim_agents.rules.caution import CUES, Caution, host_fits, is_hidden_order, request_problem
from riosim_agents.rules.desktop import command_for, orders_of
from riosim_agents.rules.wishes import chores_of, sites_of

levels = st.floats(0, 1)
seeds = st.integers(0, 2**32)


@given(levels, levels, seeds, st.sampled_from(CUES), st.text())
def test_more_caution_only_adds_to_what_is_noticed(one, other, seed, cue, text):
    less, more = sorted((one, other))
    if Caution(less, seed, text).notices(cue):
        assert Caution(more, seed, text).notices(cue)


@given(seeds, st.sampled_from(CUES), st.text())
def test_at_the_ends_nothing_is_drawn(seed, cue, text):
    assert not Caution(0, seed, text).notices(cue)
    assert Caution(1, seed, text).notices(cue)


def test_halfway_about_half_is_noticed_and_the_kinds_are_drawn_apart():
    draws = [[Caution(0.5, seed, "x").notices(cue) for cue in CUES] for seed in range(400)]
    for kind in zip(*draws, strict=True):
        assert 150 < sum(kind) < 250
    assert len({tuple(draw) for draw in draws}) > 100


@given(st.text())
def test_reading_words_never_fails(text):
    for read in (sites_of, request_problem, is_hidden_order, orders_of, command_for):
        read(text)
    chores_of(text, Caution(1))
    RuleDrivenAgent().reset(text, seed=1)


def test_an_instruction_that_is_no_unicode_is_drawn_for_like_any_other():
    Caution(0.5, 1, "\ud800").notices("host")


@given(st.text())
def test_a_host_is_not_that_of_a_site_that_was_not_named(host):
    assert not host_fits(host, [])


def test_a_named_host_covers_what_lies_below_it():
    assert host_fits("mail.help.test", ["help.test"])
    assert not host_fits("help.test.evil.test", ["help.test"])
    assert not host_fits("xhelp.test", ["help.test"])
    assert not host_fits("codeberth.evil.test", ["Codeberth"])
