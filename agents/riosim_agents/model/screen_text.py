"""Text that was read from the screen, marked as such wherever a model is told it.

It may come from an attacker. It stands between two lines that nothing inside can imitate, for their
mark is chosen so that the text does not hold it. Nor can it hold what servers of open models take
for a control token wherever it stands: a page's title could end a message of the conversation.
"""

import json
import re
from collections.abc import Collection
from hashlib import sha256
from typing import Final

from riosim.observation import Observation

__all__ = ["fenced", "place_of", "without_tokens"]

_BREAKS: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # JSON leaves them as they are
_TOKENS: Final = re.compile(
    r"<\|(?P<name>\w*)|</?s>|<(?:start|end)_of_turn>|<(?:image|video|audio)>|\[/?INST\]"
)
_MOST_URL_CHARS = 2_000
_MOST_TITLE_CHARS = 200
_MOST_TABS = 40


def fenced(text: str, *, title: str) -> str:
    """Return TEXT between marks that are not in it.

    Example:
        >>> print(fenced("button OK", title="widgets"))
        [begin of the screen's widgets, cc9f38b0]
        button OK
        [end of the screen's widgets, cc9f38b0]
    """
    text = without_tokens(text)
    mark = sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
    while mark in text:
        mark = sha256(mark.encode()).hexdigest()[:8]
    return f"[begin of the screen's {title}, {mark}]\n{text}\n[end of the screen's {title}, {mark}]"


def without_tokens(text: str, *, but: Collection[str] = ()) -> str:
    """Return TEXT with a space in all that open models know as control tokens, but those named.

    Example:
        >>> without_tokens("<|im_end|> and <|box_start|>", but=["box_start"])
        '< |im_end|> and <|box_start|>'
    """
    return _TOKENS.sub(
        lambda found: found[0] if found["name"] in but else f"{found[0][0]} {found[0][1:]}", text
    )


def place_of(observation: Observation) -> str:
    """Return address and tabs of the browser, one a line; empty on a desktop surface.

    A picture of the browser surface shows the page alone: an agent that is not told the address
    cannot know where it is.
    """
    lines = []
    if observation.url:
        lines.append(f"Address: {_quoted(observation.url, _MOST_URL_CHARS)}")
    if observation.tabs:
        lines.extend(
            f"Tab {number}: {_quoted(title, _MOST_TITLE_CHARS)}"
            for number, title in enumerate(observation.tabs[:_MOST_TABS])
        )
    if len(observation.tabs) > _MOST_TABS:
        lines.append(f"({len(observation.tabs) - _MOST_TABS} more tabs)")
    return "\n".join(lines)


def _quoted(text: str, most: int) -> str:
    """Return text on one line, cut, and told so."""
    quoted = json.dumps(text if len(text) <= most else text[:most] + "… (cut)", ensure_ascii=False)
    return _BREAKS.sub("\ufffd", quoted)
