"""Everything that riosim raises on purpose.

```text
RiosimError
  + UsageError              the caller can fix it                → exit 2
    - UnknownNameError
    - TaskFileError
    - InvalidActionError
    - RunStoreError
    - MissingDependencyError
    - SandboxUnavailableError
  + SandboxError            the world under test broke           → episode "broken", exit 3
    - SandboxNotReadyError
    - CommandTimeoutError
    - ProtocolError
  + ModelError              a model could not be asked           → episode "stopped"
```

A message says what failed, where, what was seen and what to do next.
"""

import difflib
from collections.abc import Iterable

__all__ = [
    "CommandTimeoutError",
    "InvalidActionError",
    "MissingDependencyError",
    "ModelError",
    "ProtocolError",
    "RiosimError",
    "RunStoreError",
    "SandboxError",
    "SandboxNotReadyError",
    "SandboxUnavailableError",
    "TaskFileError",
    "UnknownNameError",
    "UsageError",
    "nearest",
    "with_article",
]


class RiosimError(Exception):
    """Base of all errors that riosim raises on purpose."""

    exit_code = 1


class UsageError(RiosimError):
    """The caller can fix it."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A name that nothing is registered under.

    Attributes:
        kind: What was looked for, for example `agent`.
        name: The name that was asked for.
        known: The names that exist, sorted.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.known = sorted(known)
        parts = [f"No {kind} is named {name[:200]!r}."]
        close = nearest(name, self.known)
        if close is not None:
            parts.append(f"Did you mean {close!r}?")
        shown = ", ".join(self.known[:20]) or f"none; is {with_article(kind)} installed?"
        parts.append(f"Known: {shown}{', …' if len(self.known) > 20 else ''}.")
        super().__init__(" ".join(parts))


class TaskFileError(UsageError):
    """A task, chore, attack or suite file is wrong; the message begins with file and line."""


class InvalidActionError(UsageError):
    """An agent asked for something that is not in the action schema, or not possible here."""


class RunStoreError(UsageError):
    """A run's folder is missing, damaged or of another version."""


class MissingDependencyError(UsageError):
    """A package of an extra is not installed; the message names the extra."""


class SandboxUnavailableError(UsageError):
    """No sandbox of the asked-for kind can be started on this machine; says how to get one."""


class SandboxError(RiosimError):
    """The world under test broke; the episode is `broken` and has no score."""

    exit_code = 3


class SandboxNotReadyError(SandboxError):
    """A part of the sandbox did not become ready within its limit."""


class CommandTimeoutError(SandboxError):
    """A command or request to the sandbox was not answered within its limit."""


class ProtocolError(SandboxError):
    """The other end of a channel sent something that is not a message."""


class ModelError(RiosimError):
    """A model could not be asked; the episode is `stopped`. The message holds no key."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like WORD, if any is close."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)), None)


def with_article(noun: str) -> str:
    """Return a noun with its indefinite article, by its first letter."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
