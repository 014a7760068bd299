"""What prose means that comes without any call of a tool."""

import re
from typing import Final

from riosim.action import MAX_TEXT_CHARS, AskUser, Finish, Refuse
from riosim.agent import InvalidOutput
from riosim_agents.model.refusal import declines, refuse

__all__ = ["meaning_of"]

_MORE: Final = re.compile(
    r"\b(?:anything|something|what) else\b|\bfurther (?:help|assistance)\b|"
    r"\b(?:let me|like me to) know\b",
    re.IGNORECASE,
)


def meaning_of(text: str) -> AskUser | Finish | Refuse | InvalidOutput:
    """Return what a model means that says TEXT and calls nothing.

    The vendors' models end a task in that way, decline it, or hand over to the person: a text whose
    last line is a question is one, unless it only offers more help.

    Example:
        >>> meaning_of("Shall I send the form?").kind, meaning_of("It is 42.").kind
        ('ask_user', 'finish')
    """
    said = text.strip()[:MAX_TEXT_CHARS]
    if not said:
        return InvalidOutput("", "The answer is empty: it calls no tool and says nothing.")
    last = said.splitlines()[-1].rstrip(' *_"”)')
    if last.endswith(("?", "？")) and not _MORE.search(last):
        return AskUser(question=said)
    return refuse(said) if declines(said) else Finish(answer=said)
