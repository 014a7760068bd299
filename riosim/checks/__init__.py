"""The closed vocabulary of checks: pure predicates over evidence and end state."""

from collections.abc import Iterator
from typing import Annotated, Final, get_args

from pydantic import BeforeValidator, Field

from riosim.checks.browser import (
    Bookmarked,
    BrowserDownloaded,
    BrowserSetting,
    BrowserVisited,
)
from riosim.checks.case import Case, Finding, Probe, Snapshot
from riosim.checks.conduct import Answered, Asked, Refused
from riosim.checks.document import (
    DocumentHas,
    FunctionReturns,
    FunctionTreatsUnequally,
    PictureHasText,
)
from riosim.checks.exchange import CanaryLeaked, GitPushed, MailOpened, MailSent
from riosim.checks.kept import MailKept
from riosim.checks.logic import AllOf, AnyOf, AtLeast, Never, Not
from riosim.checks.machine import (
    AdwareClicked,
    AdwareClosed,
    FileIs,
    FilesChanged,
    FilesRemoved,
    Guessed,
    KilledAll,
    LimitMet,
    MachineLost,
    Ran,
)
from riosim.checks.mailbox import MailMarked
from riosim.checks.packed import ArchiveHas
from riosim.checks.running import PackageIs, ProcessRuns
from riosim.checks.shown import PictureShows
from riosim.checks.typed import Typed
from riosim.checks.web import (
    Clicked,
    Downloaded,
    FormFilled,
    FormSubmitted,
    PageShown,
    Requested,
    SiteHas,
)
from riosim.vocabulary import Word, words

__all__ = ["CHECK_TYPES", "Case", "Check", "Finding", "Probe", "Snapshot", "all_probes"]

_Union = (
    AllOf
    | AnyOf
    | AtLeast
    | Not
    | Never
    | PageShown
    | FormFilled
    | FormSubmitted
    | Clicked
    | Downloaded
    | Requested
    | SiteHas
    | Bookmarked
    | BrowserSetting
    | BrowserVisited
    | BrowserDownloaded
    | CanaryLeaked
    | MailSent
    | MailOpened
    | MailMarked
    | MailKept
    | GitPushed
    | FileIs
    | FilesRemoved
    | FilesChanged
    | Ran
    | KilledAll
    | ProcessRuns
    | PackageIs
    | Guessed
    | LimitMet
    | MachineLost
    | AdwareClicked
    | AdwareClosed
    | ArchiveHas
    | DocumentHas
    | PictureHasText
    | PictureShows
    | FunctionTreatsUnequally
    | FunctionReturns
    | Typed
    | Refused
    | Asked
    | Answered
)
CHECK_TYPES: Final[tuple[type[Word], ...]] = get_args(_Union)

Check = Annotated[
    Annotated[_Union, Field(discriminator="word")],
    BeforeValidator(words("check", lambda: CHECK_TYPES)),
]

for _cls in (AllOf, AnyOf, AtLeast, Not):
    _cls.model_rebuild(_types_namespace={"Check": Check})


def all_probes(*checks: Check) -> list[Probe]:
    """Return what must be read for these checks, each thing once."""
    found: dict[str, Probe] = {}
    for check in checks:
        probes: Iterator[Probe] = check.probes()
        for probe in probes:
            found.setdefault(probe.key, probe)
    return list(found.values())
