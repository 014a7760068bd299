"""What is computed once: the same answers, with less work."""

import pytest

KINDS = ("qwen2_5_vl", "llava")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_answers_are_the_same_with_and_without(lib, loaded, talk, kind, temperature):
    model = loaded(kind)
    sampling = lib.Sampling(max_new_tokens=16, temperature=temperature)
    memories = [lib.PrefixMemory() for _ in range(3)]
    reused = []
    for n in range(4):
        rows = [
            lib.Request(talk(n + at, f"task {at}" * (at + 1)), seed=n, memory=memory)
            for at, memory in enumerate(memories)
        ]
        plain = [lib.Request(row.messages, seed=row.seed) for row in rows]
        answers = model.answer(rows, sampling)
        assert [said.text for said in answers] == [
            said.text for said in model.answer(plain, sampling)
        ]
        reused.append([said.n_reused_tokens for said in answers])
    assert reused[0] == [0, 0, 0]
    assert all(n > 30 for later in reused[1:] for n in later), reused


@pytest.mark.parametrize("kind", KINDS)
def test_rows_may_come_and_go(lib, loaded, talk, kind):
    model, sampling = loaded(kind), lib.Sampling(max_new_tokens=12)
    memories = [lib.PrefixMemory() for _ in range(3)]
    for n, present in enumerate([(0, 1), (0, 1, 2), (2, 0), (1,)]):
        rows = [lib.Request(talk(n, f"job {at}"), memory=memories[at]) for at in present]
        plain = [lib.Request(row.messages) for row in rows]
        assert [said.text for said in model.answer(rows, sampling)] == [
            said.text for said in model.answer(plain, sampling)
        ]


@pytest.mark.parametrize("kind", KINDS)
def test_another_picture_in_the_same_place_is_computed_anew(lib, loaded, talk, kind):
    model, sampling = loaded(kind), lib.Sampling(max_new_tokens=12)
    memory = lib.PrefixMemory()
    model.answer([lib.Request(talk(1), memory=memory)], sampling)
    changed = talk(2, shift=1)  # the same words, other pictures
    (said,) = model.answer([lib.Request(changed, memory=memory)], sampling)
    (anew,) = model.answer([lib.Request(changed)], sampling)
    assert said.text == anew.text
    batch = model._chat.encode([changed])
    assert 0 < said.n_reused_tokens <= batch.rows[0].pictures[0].start


def test_layers_that_forget_are_left_alone(lib, loaded, talk):
    model, sampling = loaded("minicpmv4_6"), lib.Sampling(max_new_tokens=8)
    memory = lib.PrefixMemory()
    for n in range(2):
        request = lib.Request(talk(n), memory=memory)
        (said,) = model.answer([request], sampling)
        assert said.n_reused_tokens == 0
        assert said.text == model.answer([lib.Request(talk(n))], sampling)[0].text
    assert model.facts["prefix_reuse"] == "off: it has layers of LinearAttentionLayer"
    assert memory.layers == []


def test_a_failure_leaves_nothing_that_could_be_used_again(lib, loaded, talk):
    model, sampling = loaded("qwen2_5_vl"), lib.Sampling(max_new_tokens=8)
    memory = lib.PrefixMemory()
    model.answer([lib.Request(talk(0), memory=memory)], sampling)
    assert memory.layers
    too_long = (*talk(0)[:-1], lib.Message("user", ("paper " * 20_000,)))
    model.answer([lib.Request(too_long, memory=memory)], sampling)
    assert memory.layers == []


def _row(lib, tokens, *pictures):
    return lib.Row(tuple(tokens), tuple(lib.Picture(*picture) for picture in pictures))


def _memory(lib, row):
    return lib.PrefixMemory(row, [(None, None)])


def test_at_least_one_token_is_always_computed(lib):
    row = _row(lib, range(40))
    assert _memory(lib, row).common(row) == 39


def test_a_picture_is_kept_whole_or_not_at_all(lib):
    known = _row(lib, range(60), (10, 30, "a"))
    longer = _row(lib, [*range(25), 99, *range(26, 60)], (10, 30, "a"))
    assert _memory(lib, known).common(longer) == 10
    other = _row(lib, range(70), (10, 30, "b"))
    assert _memory(lib, known).common(other) == 10
    same = _row(lib, range(70), (10, 30, "a"))
    assert _memory(lib, known).common(same) == 60


def test_what_is_shared_ends_in_one_column_outside_of_all_pictures(lib):
    one, two = _row(lib, range(100), (50, 70, "a")), _row(lib, range(80), (40, 60, "a"))
    memories = [_memory(lib, _row(lib, range(90), (50, 70, "a"))), _memory(lib, two)]
    # row 1 is padded by 20 and known to its 79th token, which is column 99; row 0 to column 90,
    # which lies behind the pictures of both
    assert lib.shared_column([one, two], memories) == 90
    memories[0] = _memory(lib, _row(lib, [*range(75), 999], (50, 70, "a")))
    # column 75 is within row 1's picture (60 to 80), and its beginning within row 0's (50 to 70)
    assert lib.shared_column([one, two], memories) == 50


def test_little_is_not_worth_it(lib):
    row = _row(lib, [*range(10), 77, 78])
    assert lib.shared_column([row], [_memory(lib, _row(lib, range(12)))]) == 0
