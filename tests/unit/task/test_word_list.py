"""What `riosim tasks words` says, so that nobody has to read the models."""

import pytest

from riosim.task.word_list import WordFacts, word_list
from tests.support.command import riosim


@pytest.mark.parametrize("word", word_list(), ids=lambda word: f"{word.kind} {word.name}")
def test_each_word_shows_how_it_is_written(word: WordFacts) -> None:
    form = word.meaning.partition("`")[2].partition("`")[0]
    assert word.meaning.startswith("`")
    assert form == word.name or form.startswith(f"{{{word.name}: ")


def test_keys_are_told_as_they_are_written_in_a_file() -> None:
    (mail,) = (word for word in word_list() if word.name == "mail")
    assert "from" in mail.keys
    assert "word" not in mail.keys
    assert "sender" not in mail.keys


def test_the_command_lists_all_words_or_those_with_a_part() -> None:
    everything = riosim("tasks", "words", "--json").json
    assert [word["name"] for word in everything] == [word.name for word in word_list()]
    some = riosim("tasks", "words", "PAGE")
    assert "page_shown  check" in some.out
    assert "picture_text" not in some.out
    assert riosim("tasks", "words", "no such word").out == ""
