"""The closed vocabulary of set-up verbs: what is done to the machine, not by the agent."""

from email.utils import getaddresses
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from riosim.vocabulary import Spec, Word, words

__all__ = [
    "APPS",
    "SETUP_TYPES",
    "App",
    "Attachment",
    "Browse",
    "Command",
    "Invite",
    "MakeFiles",
    "MakeRepository",
    "Notify",
    "Open",
    "Paragraph",
    "PutDocument",
    "PutFile",
    "PutMail",
    "PutSheet",
    "SetupStep",
    "SharedComputer",
    "ShowAd",
    "apps_of",
    "in_order",
]

App = Literal[
    "chromium", "thunderbird", "writer", "calc", "impress", "draw", "gimp", "code", "terminal",
    "files", "editor", "archive", "pdf", "media", "settings",
]  # fmt: skip
APPS: Final[tuple[str, ...]] = get_args(App)
_Owner = Literal["user", "root"]
_Mode = Annotated[str, Field(pattern=r"^[0-7]{3,4}$")]
_Path = Annotated[str, Field(pattern=r"^(/|\$\{home\})[^\x00]*$")]
# What the one font that is the same everywhere can draw.
_Drawn = Annotated[str, Field(pattern=r"^[ -~·’‘“”…]+$", max_length=120)]


class PutFile(Word):
    """`{file: {path: …, text: …}}`: one file; `asset` takes a file of tasks/assets instead."""

    word: Literal["file"] = "file"
    path: _Path
    text: str | None = None
    asset: str | None = None
    mode: _Mode = "644"
    owner: _Owner = "user"

    @model_validator(mode="after")
    def _has_one_source(self) -> "PutFile":
        if (self.text is None) == (self.asset is None):
            raise ValueError("a file takes either `text` or `asset`")
        return self


class Paragraph(Spec):
    """One paragraph of a document; `unseen` is white and tiny, in the file but not for a reader."""

    text: str
    look: Literal["plain", "heading", "small", "unseen"] = "plain"

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class PutDocument(Word):
    """`{document: {path: …/minutes.odt, paragraphs: ["…", {text: "…", look: small}]}}`: a text.

    `look` is plain, heading, small, or unseen: white and tiny, in the file but not for a reader.
    """

    word: Literal["document"] = "document"
    path: Annotated[str, Field(pattern=r"^(/|\$\{home\})[^\x00]*\.odt$")]
    paragraphs: Annotated[tuple[Paragraph, ...], Field(min_length=1)]


class PutSheet(Word):
    """`{sheet: {path: …/costs.ods, rows: [[Item, Euro], [Paint, 45]]}}`: a spreadsheet.

    Numbers are numbers, the rest is text; `name` is the table's.
    """

    word: Literal["sheet"] = "sheet"
    path: Annotated[str, Field(pattern=r"^(/|\$\{home\})[^\x00]*\.ods$")]
    rows: Annotated[tuple[tuple[int | float | str, ...], ...], Field(min_length=1)]
    name: str = "Sheet1"


class MakeFiles(Word):
    """`{files: {under: /srv/app, tree: {a/b.txt: "…"}}}`: many small files at once."""

    word: Literal["files"] = "files"
    under: _Path
    tree: Annotated[dict[str, str], Field(min_length=1)]
    mode: _Mode = "644"
    folder_mode: _Mode = "755"
    owner: _Owner = "user"


class MakeRepository(Word):
    """`{repository: {path: …, remote: …, files: {…}}}`: a git work tree with one commit.

    `changes` are written after the commit and stay uncommitted.
    """

    word: Literal["repository"] = "repository"
    path: _Path
    remote: str | None = None
    clone: bool = False  # take the history from the remote instead of starting one
    files: dict[str, str] = Field(default_factory=dict)
    changes: dict[str, str] = Field(default_factory=dict)
    message: str = "Initial import"


class Open(Word):
    """`{open: {app: writer, path: …}}` or `{open: terminal}`: start an application, wait for it."""

    main = "app"
    word: Literal["open"] = "open"
    app: App
    path: str | None = None
    cwd: str | None = None


class Browse(Word):
    """`{browse: {site: archive, path: /search}}`: load a page in the browser, opened if need be."""

    word: Literal["browse"] = "browse"
    site: str | None = None
    lookalike: str | None = None
    url: Annotated[str | None, Field(pattern=r"^https?://")] = None
    path: str = "/"
    new_tab: bool = False

    @model_validator(mode="after")
    def _has_one_target(self) -> "Browse":
        if sum(t is not None for t in (self.site, self.lookalike, self.url)) != 1:
            raise ValueError("name one of site, lookalike, url")
        return self


class Attachment(Spec):
    """A file that hangs on a mail."""

    name: str
    text: str | None = None
    asset: str | None = None
    media_type: str = "application/octet-stream"


def _one_sender(value: str) -> str:
    """Refuse what a mail program would read as two people, or as nobody."""
    people = [] if "${" in value else getaddresses([value])
    if "${" not in value and (len(people) != 1 or "@" not in people[0][1]):
        raise ValueError(
            f"{value!r} is not one sender; write Name <name@host.test>, with the name in quotes if "
            "it has a comma"
        )
    return value


_Sender = Annotated[str, Field(alias="from"), AfterValidator(_one_sender)]


class PutMail(Word):
    """`{mail: {from: …, subject: …, text: …}}`: a message lands in a mailbox of the world."""

    word: Literal["mail"] = "mail"
    to: str = "${user.mail}"
    sender: _Sender
    subject: str
    text: str
    html: str = ""
    message_id: str = ""
    minutes_ago: int = 5
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()


class Invite(Word):
    """`{invitation: {from: …, title: Supper, where: …, days: 2, at: "19:30", text: …}}`.

    A mail with a calendar file, on a day counted from the world's today, at a time of its own
    (UTC, as all clocks of the world).
    """

    word: Literal["invitation"] = "invitation"
    to: str = "${user.mail}"
    sender: _Sender
    title: str
    where: str
    text: str
    days: Annotated[int, Field(ge=0, le=365)] = 1
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    minutes: Annotated[int, Field(ge=1)] = 60
    message_id: str = ""
    minutes_ago: int = 5


class ShowAd(Word):
    """`{ad: {id: prize, kind: popup, …}}`: an always-on-top window on the stage.

    A pop-up's theme has four pictures; which of them, and where it stands, is drawn from the task
    and the seed.
    """

    word: Literal["ad"] = "ad"
    id: str
    kind: Literal["popup", "notice"]
    theme: Literal["discount", "gift", "money", "wheel", "plain", "warning"] = "plain"
    title: str
    text: str
    accept: str
    design: Literal["seed", 1, 2, 3, 4] = "seed"
    size: tuple[int, int] = (420, 260)
    place: Literal["centre", "top_left", "top_right", "bottom_left", "bottom_right", "seed"] = (
        "seed"
    )
    returns: Annotated[int, Field(ge=0, le=5)] = 0
    return_after_s: float = 5.0


class Notify(Word):
    """`{notification: {title: …, text: …}}`: a notification of the desktop, by notify-send.

    It stays until it is closed, unless `stays` is false: then it goes after five seconds.
    """

    word: Literal["notification"] = "notification"
    app: str = "System"
    title: str
    text: str = ""
    icon: str = "dialog-information"
    stays: bool = True


class SharedComputer(Word):
    """`{shared_computer: {place: Larkfield Library · computer 3, rules: [Sign out. …, …]}}`.

    A computer that strangers use one after the other: the wallpaper bears a notice with the place
    and its rules, and on the desktop, in Documents and in Downloads lies what others left behind.
    It comes before anything is opened; a browser task has no wallpaper.
    """

    word: Literal["shared_computer"] = "shared_computer"
    place: Annotated[_Drawn, Field(max_length=60)]
    rules: Annotated[tuple[_Drawn, ...], Field(min_length=1, max_length=5)]


class Command(Word):
    """`{command: {argv: […]}}`: a program run for the set-up, not charged; must exit 0."""

    word: Literal["command"] = "command"
    argv: Annotated[tuple[str, ...], Field(min_length=1)]
    user: _Owner = "user"
    cwd: str = "${home}"


_Union = (
    PutFile | PutDocument | PutSheet | MakeFiles | MakeRepository | Open | Browse | PutMail
    | Invite | ShowAd | Notify | SharedComputer | Command
)  # fmt: skip
SETUP_TYPES: Final[tuple[type[Word], ...]] = get_args(_Union)
_SHOWN: Final = (Open, Browse, ShowAd, Notify)
SetupStep = Annotated[
    Annotated[_Union, Field(discriminator="word")],
    BeforeValidator(words("set-up verb", lambda: SETUP_TYPES)),
]


def apps_of(steps: tuple[Any, ...]) -> list[str]:
    """Return the applications that these steps open, in order, each once."""
    names = [step.app for step in steps if isinstance(step, Open)]
    if any(isinstance(step, Browse) for step in steps):
        names.insert(0, "chromium")
    return list(dict.fromkeys(names))


def in_order(setup: tuple[SetupStep, ...], place: tuple[SetupStep, ...]) -> tuple[SetupStep, ...]:
    """Return the steps of an attack that is there from the start among those of the set-up.

    What it only lays down (mail, files) is there before anything is opened, so that no application
    opens without it; what it shows comes last, in front of everything.
    """
    first = next((n for n, step in enumerate(setup) if isinstance(step, _SHOWN)), len(setup))
    laid = tuple(step for step in place if not isinstance(step, _SHOWN))
    shown = tuple(step for step in place if isinstance(step, _SHOWN))
    return (*setup[:first], *laid, *setup[first:], *shown)
