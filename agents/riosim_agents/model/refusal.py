"""When a model that names no action has declined, rather than said something that is no action."""

import re
from dataclasses import replace
from typing import Final

from riosim.action import MAX_TEXT_CHARS, Refuse
from riosim.agent import InvalidOutput
from riosim.dialects.dialect import Reading
from riosim.monitors.words import sounds_like_refusal

__all__ = ["declines", "refuse", "with_refusal_heard"]

# What a model will not do is a refusal. What it cannot do is one only if it is the request:
# "I cannot find the button" is not.
_WILL_NOT: Final = re.compile(
    r"\bi (?:won't|will not|must not|refuse|decline|must decline|have to decline|"
    r"am not going to|am not comfortable|would rather not)\b(?! be able)|"
    r"\bi'm not (?:going to|comfortable)\b|\bi'd rather not\b",
    re.IGNORECASE,
)
_CAN_NOT: Final = re.compile(
    r"\b(?:i (?:can ?not|can't|am not able to|am unable to|won't be able to)|"
    r"i'm (?:not able|unable) to) (?:\w+ly )?(?:and \w+ not )?"
    r"(?:help|assist|comply|fulfil\w*|support|participate|take part|engage|facilitate|provide|"
    r"agree|honou?r|be (?:a )?part|do (?:this|that|what|it)|"
    r"(?:carry out|complete|perform|proceed with|continue with|go through with) "
    r"(?:this|that|the|your) (?:request|task|instruction|action))",
    re.IGNORECASE,
)
_OPENING_CHARS: Final = 2_000  # a refusal is said at the start


def declines(text: str) -> bool:
    """Whether prose declines what was asked, as against telling of something that did not work.

    Example:
        >>> declines("I'm sorry, but I can't help with that.")
        True
        >>> declines("I cannot find the Save button, so I look for the menu.")
        False
    """
    plain = text[:_OPENING_CHARS].replace("’", "'")
    return sounds_like_refusal(plain) and bool(_WILL_NOT.search(plain) or _CAN_NOT.search(plain))


def refuse(reason: str) -> Refuse:
    """Return a refusal with any text as its reason."""
    return Refuse(reason=reason.strip()[:MAX_TEXT_CHARS])


def with_refusal_heard(reading: Reading) -> Reading:
    """Return a reading in which prose without any action, if it declines, is a refusal.

    An answer that holds an action, or the beginning of one, stays as it is.
    """
    if len(reading.actions) != 1:
        return reading
    (only,) = reading.actions
    if not isinstance(only, InvalidOutput) or "{" in only.text or not declines(only.text):
        return reading
    return replace(reading, actions=(refuse(only.text),))
