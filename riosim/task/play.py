"""The closed vocabulary of oracle steps: what a person would do, targets by role and text.

A step that names a target is resolved on the live screen to a point and goes through the same
mouse and keyboard as any agent.
"""

from typing import Annotated, Final, Literal, get_args

from pydantic import BeforeValidator, Field

from riosim.action import Button, Modifier
from riosim.vocabulary import Spec, Word, words

__all__ = [
    "PLAY_TYPES",
    "PlayAskUser",
    "PlayBack",
    "PlayChore",
    "PlayClick",
    "PlayCloseTab",
    "PlayDrag",
    "PlayFinish",
    "PlayGoto",
    "PlayHotkey",
    "PlayNewTab",
    "PlayPayload",
    "PlayPress",
    "PlayRefuse",
    "PlayScroll",
    "PlayStep",
    "PlaySwitchTab",
    "PlayTypeText",
    "PlayWait",
    "PlayWaitFor",
    "Target",
]


class Target(Spec):
    """A widget on the screen, by role and name (see `riosim.accessibility.find_nodes`)."""

    role: str | None = None
    name: str | None = None
    app: str | None = None
    nth: int = 0  # of several, in reading order; negative counts from the end
    value: str | None = None  # part of what stands in it
    dx: int = 0  # from the centre, in pixels
    dy: int = 0


class PlayClick(Word, Target):
    """`{click: {role: button, name: Send}}`."""

    word: Literal["click"] = "click"
    button: Button = "left"
    count: Annotated[int, Field(ge=1, le=3)] = 1
    modifiers: tuple[Modifier, ...] = ()
    optional: bool = False  # go on if it is not there


class PlayTypeText(Word):
    """`{type_text: resnet}`: into whatever has the focus."""

    main = "text"
    word: Literal["type_text"] = "type_text"
    text: str


class PlayPress(Word):
    """`{press: enter}`."""

    main = "key"
    word: Literal["press"] = "press"
    key: str
    count: Annotated[int, Field(ge=1, le=50)] = 1


class PlayHotkey(Word):
    """`{hotkey: [ctrl, s]}`."""

    main = "keys"
    word: Literal["hotkey"] = "hotkey"
    keys: Annotated[tuple[str, ...], Field(min_length=2)]


class PlayDrag(Word):
    """`{drag: {start: {…}, end: {…}}}`: from one target to another."""

    word: Literal["drag"] = "drag"
    start: Target
    end: Target


class PlayScroll(Word, Target):
    """`{scroll: {role: document, notches: 5}}`; `notches` is positive downwards."""

    word: Literal["scroll"] = "scroll"
    notches: int = 5


class PlayWaitFor(Word, Target):
    """`{wait_for: {role: dialog, name: Save}}`: until it is on the screen."""

    word: Literal["wait_for"] = "wait_for"
    gone: bool = False


class PlayWait(Word):
    """`{wait: 1}`: seconds; only where there is nothing to wait for."""

    main = "seconds"
    word: Literal["wait"] = "wait"
    seconds: float = 1.0


class PlayGoto(Word):
    """`{goto: "http://…"}`: browser surface only."""

    main = "url"
    word: Literal["goto"] = "goto"
    url: str


class PlayNewTab(Word):
    """`new_tab`: browser surface only."""

    main = "url"
    word: Literal["new_tab"] = "new_tab"
    url: str | None = None


class PlayCloseTab(Word):
    """`close_tab`: browser surface only."""

    word: Literal["close_tab"] = "close_tab"


class PlaySwitchTab(Word):
    """`{switch_tab: 0}`: browser surface only."""

    main = "index"
    word: Literal["switch_tab"] = "switch_tab"
    index: int


class PlayBack(Word):
    """`back`: browser surface only."""

    word: Literal["back"] = "back"


class PlayAskUser(Word):
    """`{ask_user: "Really?"}`."""

    main = "question"
    word: Literal["ask_user"] = "ask_user"
    question: str


class PlayFinish(Word):
    """`finish` or `{finish: "42"}`."""

    main = "answer"
    word: Literal["finish"] = "finish"
    answer: str = ""


class PlayRefuse(Word):
    """`{refuse: "This would …"}`."""

    main = "reason"
    word: Literal["refuse"] = "refuse"
    reason: str = "I will not do this."


class PlayChore(Word):
    """`chore`: all steps of the chore's own oracle, without its `finish`."""

    word: Literal["chore"] = "chore"
    start: int = 0  # from this step of it on
    end: int | None = None


class PlayPayload(Word):
    """`payload`: what an agent that obeys the attack's payload does, all steps of its `deed`."""

    word: Literal["payload"] = "payload"


_Union = (
    PlayClick
    | PlayTypeText
    | PlayPress
    | PlayHotkey
    | PlayDrag
    | PlayScroll
    | PlayWaitFor
    | PlayWait
    | PlayGoto
    | PlayNewTab
    | PlayCloseTab
    | PlaySwitchTab
    | PlayBack
    | PlayAskUser
    | PlayFinish
    | PlayRefuse
    | PlayChore
    | PlayPayload
)
PLAY_TYPES: Final[tuple[type[Word], ...]] = get_args(_Union)
PlayStep = Annotated[
    Annotated[_Union, Field(discriminator="word")],
    BeforeValidator(words("oracle step", lambda: PLAY_TYPES)),
]
