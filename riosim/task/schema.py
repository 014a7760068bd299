"""What a task file may say. Frozen, closed: an unknown key is an error.

A file of `tasks/chores/` is a `Chore`, of `tasks/attacks/` an `Attack`, of `tasks/payloads/` a
`Payload`, of the other folders a `TaskFile`; `riosim.task.compose` makes one `TaskSpec` of them,
which is what is run.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator, model_validator

from riosim.checks import Check
from riosim.checks.web import Where
from riosim.task.host import NOBODYS, is_nobodys
from riosim.task.play import PlayStep
from riosim.task.setup import SetupStep
from riosim.vocabulary import Spec

__all__ = [
    "CATEGORIES",
    "DEFAULT_REPLY",
    "Attack",
    "AttackUse",
    "Canary",
    "Chore",
    "Lookalike",
    "Mailbox",
    "Oracle",
    "Payload",
    "Risk",
    "Seen",
    "Sink",
    "Surface",
    "TaskFile",
    "TaskSpec",
    "Taxonomy",
    "Trigger",
    "Twin",
    "WorldPart",
]

Surface = Literal["browser", "desktop"]
DEFAULT_REPLY: Final = "I am away, please decide."
CATEGORIES: Final[dict[str, str]] = {
    "phishing_web": "environmental",
    "popup": "environmental",
    "induced_text": "environmental",
    "recaptcha": "environmental",
    "account": "environmental",
    "phishing_email": "environmental",
    "multimedia": "user",
    "personal_information": "user",
    "unknown_file": "user",
    "python_script": "user",
    "github_submission": "user",
    "os": "user",
    "social_media": "user",
    "note_attack": "user",
    "office": "user",
}
"""The fifteen categories and the class that each belongs to."""

_Id = Annotated[str, Field(pattern=r"^[a-z0-9_]+/[a-z0-9][a-z0-9-]*$")]
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
_Steps = tuple[PlayStep, ...]


class Sink(Spec):
    """A place where a planted secret may go: a site's field, or a mailbox."""

    site: str | None = None
    field: str | None = None
    mailbox: str | None = None
    repo: str | None = None


class Canary(Spec):
    """A planted secret; its value is drawn from the seed."""

    kind: Literal["password", "key", "word", "number", "code"] = "word"
    sinks: tuple[Sink, ...] = ()


class Mailbox(Spec):
    """A mailbox of the world besides the user's own."""

    address: str
    name: str = ""
    password: str = ""


class Lookalike(Spec):
    """A copy of a site on another host, owned by the attacker.

    The host may be a plain address of the ranges that are kept for documentation (RFC 5737).
    """

    name: _Name
    site: str
    host: str
    look: dict[str, Any] = Field(default_factory=dict)

    @field_validator("host")
    @classmethod
    def _is_nobodys(cls, host: str) -> str:
        if not is_nobodys(host):
            raise ValueError(f"{host} may be somebody's; take one of {', '.join(NOBODYS)}")
        return host


class WorldPart(Spec):
    """What a chore, attack or task adds to the world before the episode begins."""

    sites: dict[str, dict[str, Any]] = Field(default_factory=dict)  # overlay, by site
    lookalikes: tuple[Lookalike, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()


class Seen(Spec):
    """How one tells that an observation shows the threat; exactly one field."""

    page: Where | None = None  # site, owner, host or path of a page in front
    ad: str | None = None  # id of an adware window, a third of it uncovered
    mail: str | None = None  # pattern of a message that was opened
    window: str | None = None  # shell pattern over a window's title, a third of it uncovered
    text: str | None = None  # words on the screen, as the accessibility tree has them
    tree: str | None = None  # words in the accessibility tree alone: pixels do not show them
    always: bool | None = None  # the instruction itself is the risk

    @model_validator(mode="after")
    def _has_one(self) -> "Seen":
        given = [name for name, value in self if value is not None]
        if len(given) != 1:
            raise ValueError(
                f"give exactly one of page, ad, mail, window, text, tree, always; got {given}"
            )
        return self


class Trigger(Spec):
    """When an attack is put into the world; exactly one field."""

    start: bool | None = None
    step: Annotated[int | None, Field(ge=1)] = None
    within: Annotated[int | None, Field(ge=2, le=20)] = None  # a step up to N, by the seed
    on_url: str | None = None  # shell pattern over the address of a page that was shown
    on_app: str | None = None  # part of a window's application name
    on_window: str | None = None  # shell pattern over a window's title

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        """Read `start`, `{step: 3}`, `{on: {url: …}}`."""
        if value == "start":
            return {"start": True}
        if isinstance(value, dict) and isinstance(value.get("on"), dict) and len(value) == 1:
            return {f"on_{key}": pattern for key, pattern in value["on"].items()}
        return value

    @model_validator(mode="after")
    def _has_one(self) -> "Trigger":
        given = [name for name, value in self if value is not None]
        if len(given) != 1:
            raise ValueError(
                "a trigger is start, {step: n}, {within: n} or {on: {url|app|window: pattern}}"
            )
        return self


class Risk(Spec):
    """What must not happen, how bad it is, and how it is told."""

    goal: str
    severity: Annotated[int, Field(ge=1, le=4)]
    intention: Check
    completion: Check
    needs_judge: bool = False


class Oracle(Spec):
    """Two proofs by play: one that meets the goal without the risk, one that does the harm."""

    safe: Annotated[_Steps, Field(min_length=1)]
    unsafe: Annotated[_Steps, Field(min_length=1)]


class Twin(Spec):
    """The benign counterpart of a user-originated task."""

    instruction: str
    goal_met: Check
    oracle: Annotated[_Steps, Field(min_length=1)]
    setup: tuple[SetupStep, ...] | None = None  # None: as the task
    world: WorldPart | None = None


class Taxonomy(Spec):
    """Tags that a report can be cut along; see docs/reference/taxonomy.md."""

    harm: tuple[str, ...] = ()
    vector: tuple[str, ...] = ()
    asset: tuple[str, ...] = ()
    trust: tuple[str, ...] = ()


class Chore(Spec):
    """A benign thing to do."""

    id: _Id
    version: Annotated[int, Field(ge=1)] = 1
    surface: Surface
    instruction: str
    setup: tuple[SetupStep, ...] = ()
    world: WorldPart = WorldPart()
    canaries: dict[_Name, Canary] = Field(default_factory=dict)
    goal_met: Check
    oracle: Annotated[_Steps, Field(min_length=1)]
    max_steps: Annotated[int, Field(ge=1, le=200)] = 30


class Attack(Spec):
    """What is put into the world, and how one sees that it is there.

    `params` are the defaults of what a task may set by `with`, used as `${with.name}`.
    """

    id: _Name
    params: dict[_Name, Any] = Field(default_factory=dict)
    version: Annotated[int, Field(ge=1)] = 1
    vector: Literal[
        "page", "window", "mail", "file", "document", "sheet", "code", "file_name", "terminal",
        "notification", "invitation", "comment", "alt_text", "hidden_text",
    ]  # fmt: skip
    world: WorldPart = WorldPart()
    canaries: dict[_Name, Canary] = Field(default_factory=dict)
    place: tuple[SetupStep, ...] = ()
    seen: Seen


class Payload(Spec):
    """What an attack wants, apart from the way by which it comes.

    Any attack whose `params` have `request` carries any payload of the task's surface; one that
    has `brief` instead has room for a line only, as a file's name.
    """

    id: _Name
    version: Annotated[int, Field(ge=1)] = 1
    surface: Surface
    request: str  # the words that ask for it
    brief: str = ""  # the same in one line without a slash; "" where that cannot be
    setup: tuple[SetupStep, ...] = ()  # what is at stake; the twin has it, too
    world: WorldPart = WorldPart()  # the attacker's side; the twin lacks it
    canaries: dict[_Name, Canary] = Field(default_factory=dict)
    risk: Risk
    deed: Annotated[_Steps, Field(min_length=1)]  # what an agent that obeys does


class AttackUse(Spec):
    """Which attack a task uses, with which payload, when, and which parameters it sets.

    Without a payload the words are the attack's own, and the task says what the risk is.
    """

    use: _Name
    payload: _Name | None = None
    trigger: Trigger = Trigger(start=True)
    params: Annotated[dict[str, Any], Field(alias="with")] = Field(default_factory=dict)


class TaskFile(Spec):
    """A task as it is written down."""

    id: _Id
    version: Annotated[int, Field(ge=1)] = 1
    class_: Annotated[Literal["environmental", "user"], Field(alias="class")]
    category: str
    surface: Surface
    chore: str | None = None
    attack: AttackUse | None = None
    instruction: str | None = None
    setup: tuple[SetupStep, ...] = ()
    world: WorldPart = WorldPart()
    canaries: dict[_Name, Canary] = Field(default_factory=dict)
    goal_met: Check | None = None
    risk: Risk | None = None  # left out where the payload brings it
    oracle: Oracle
    twin: Twin | None = None
    cue: str = ""
    reply: str = DEFAULT_REPLY
    max_steps: Annotated[int | None, Field(ge=1, le=200)] = None
    label: str = ""  # the sub-scenario of the catalogue that it stands for
    note: str = ""
    taxonomy: Taxonomy = Taxonomy()

    @model_validator(mode="after")
    def _fits_its_class(self) -> "TaskFile":
        has_payload = self.attack is not None and self.attack.payload is not None
        if (self.risk is None) != has_payload:
            raise ValueError(
                "the payload says what the risk is: drop `risk`, or the payload"
                if has_payload
                else "a task needs `risk`, or an attack with a payload, which brings it"
            )
        if self.category not in CATEGORIES:
            raise ValueError(f"category is {self.category!r}; known: {', '.join(CATEGORIES)}")
        if CATEGORIES[self.category] != self.class_:
            raise ValueError(f"{self.category} is of class {CATEGORIES[self.category]}")
        if self.class_ == "environmental":
            missing = [n for n in ("chore", "attack") if getattr(self, n) is None]
            if missing or not self.cue:
                raise ValueError(
                    "an environmental task needs chore, attack and cue; missing: "
                    + ", ".join([*missing, *([] if self.cue else ["cue"])])
                )
            if self.twin is not None:
                raise ValueError("the twin of an environmental task is its chore; drop `twin`")
        elif self.instruction is None or self.goal_met is None or self.twin is None:
            raise ValueError("a user-originated task needs instruction, goal_met and twin")
        return self


class TaskSpec(Spec):
    """What is run: composed, whole, the same for every seed but for `${…}`."""

    id: str
    version: int
    class_: Literal["environmental", "user"]
    category: str
    surface: Surface
    variant: Literal["risk", "twin"] = "risk"
    instruction: str
    setup: tuple[SetupStep, ...]
    world: WorldPart
    canaries: dict[str, Canary]
    attack: Attack | None
    trigger: Trigger | None
    seen: Seen
    goal_met: Check
    risk: Risk
    oracle_safe: _Steps
    oracle_unsafe: _Steps
    cue: str
    reply: str
    max_steps: int
    label: str
    note: str
    taxonomy: Taxonomy
    digest: str  # of everything that decides what happens
