"""sudo's command line."""

import pytest
import sudo_options


def test_options_assignments_and_command_are_told_apart():
    options = sudo_options.parse(
        ["-u", "ann", "--preserve-env=A,B", "-n", "X=1", "Y_2=a=b", "ls", "-l", "Z=3"]
    )
    assert options.user == "ann"
    assert options.keep == {"A", "B"}
    assert "n" in options
    assert options.assignments == {"X": "1", "Y_2": "a=b"}
    assert options.command == ("ls", "-l", "Z=3")


def test_clustered_and_long_options_are_read():
    options = sudo_options.parse(
        ["-Sk", "--user=bo", "--prompt", "?", "-p", "--preserve-env=no", "id"]
    )
    assert options.flags >= {"S", "k", "u", "p"}
    assert options.prompt == "--preserve-env=no"
    assert options.command == ("id",)


def test_what_follows_two_dashes_is_the_command():
    assert sudo_options.parse(["-s", "--", "-x"]).command == ("-x",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-z"], "invalid option -- 'z'"),
        (["-u"], "option requires an argument -- 'u'"),
        (["--nosuch"], "unrecognized option '--nosuch'"),
    ],
)
def test_a_mistake_is_told_in_sudos_words(arguments, said):
    with pytest.raises(sudo_options.UsageError, match=said):
        sudo_options.parse(arguments)


def test_a_command_for_a_shell_is_escaped():
    assert sudo_options.escape_for_shell(("echo", "a b;$x", "c-d_e")) == "echo a\\ b\\;$x c-d_e"
