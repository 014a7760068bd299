"""Any text arrives in any toolkit as it was written."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.stage.guest_on_stage import Program, Stage

pytestmark = [pytest.mark.docker, pytest.mark.slow]

_PIECES = st.one_of(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20),
    st.text(st.characters(min_codepoint=0xA1, max_codepoint=0x24F), max_size=8),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=8),
    st.text(st.sampled_from("😀🎉👩‍💻🚀🧪👍🏽"), max_size=4),
    st.sampled_from(
        ["e\u0301", "o\u0308", "“quoted”", "‘it’s’", "\t", "\n", "שלום", "नमस्ते", "ﬁ", "€"]
    ),
)
TEXTS = st.lists(_PIECES, min_size=1, max_size=6).map("".join).filter(bool)


class Client:
    """A text field, or a terminal, of the session."""

    def __init__(self, stage: Stage, kind: str) -> None:
        self._stage, self._kind = stage, kind
        stage.run("dbus-run-session", "xfwm4", "--compositor=off")
        assert stage.wait_for(lambda: "xfwm4" in stage.shell("wmctrl -m"), 60)
        self._program = self._start()
        named = {"app": "xterm"} if kind == "xterm" else {"title": "typed"}
        box = stage.event("window.mapped", timeout_s=60, **named)["box"]
        self._at = {"x": box[0] + 120, "y": box[1] + 90}
        self.clear()

    def _start(self) -> Program:
        if self._kind == "xterm":
            run = (
                "touch /tmp/t; xterm -u8 -e python3 /clients/typed.py tty /tmp/t & "
                "tail -s 0.02 -f /tmp/t"
            )
            return self._stage.run("sh", "-c", run)
        rest = ["/tmp/v"] if self._kind == "vte" else []
        return self._stage.run("python3", "/clients/typed.py", self._kind, *rest)

    def clear(self) -> None:
        """Empty it, as often as it takes: one that has only just started is deaf at first."""
        assert any(self._is_cleared() for _ in range(10)), self.text

    def _is_cleared(self) -> bool:
        stage, before = self._stage, len(self._program.lines)
        stage.act("click", at=self._at)
        if self._kind in {"vte", "xterm"}:
            stage.act("press", key="x")
            stage.act("hotkey", keys=["ctrl", "l"])
        else:
            stage.act("press", key="x")
            stage.act("hotkey", keys=["ctrl", "/" if self._kind == "tk" else "a"])
            stage.act("press", key="delete")
        return bool(stage.wait_for(lambda: self._program.lines[before:][-1:] == [""], 5))

    @property
    def text(self) -> str:
        return str(self._program.lines[-1]) if self._program.lines else ""

    def takes(self, text: str) -> bool:
        self._stage.act("type_text", text=text)
        return bool(self._stage.wait_for(lambda: self.text == text, 30))


@pytest.fixture(params=["gtk", "vte", "tk", "xterm"], scope="module")
def client(request: pytest.FixtureRequest, running_stage: Stage) -> Client:
    running_stage.ask("reset")
    running_stage.events.clear()
    return Client(running_stage, request.param)


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(text=TEXTS)
def test_two_hundred_texts_arrive_exactly(client: Client, text: str):
    client.clear()
    assert client.takes(text), (text, client.text)


def test_more_different_characters_than_there_are_keys(client: Client):
    client.clear()
    text = "".join(chr(0x4E00 + 7 * n) for n in range(500))
    assert client.takes(text), client.text


def test_capitals_are_right_even_with_caps_lock_on(client: Client):
    client.clear()
    stage = client._stage
    stage.act("press", key="capslock")
    try:
        assert client.takes("Mixed CASE é É"), client.text
    finally:
        stage.act("press", key="capslock")
