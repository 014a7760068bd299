"""From what the user asks, in words, to chores."""

import re
from collections.abc import Callable
from typing import Final

from riosim_agents.rules.caution import Caution
from riosim_agents.rules.desktop import AddLine, ObeyNote, TypeCommands
from riosim_agents.rules.move import Chore
from riosim_agents.rules.web import Answer, FindMost, FollowLink, Publish, Search, SignIn, SignOut

__all__ = ["chores_of", "sites_of"]

_QUOTED: Final = r"[\"“](?P<{name}>[^\"”]+)[\"”]"
_SITE: Final = re.compile(
    r"(?:[Ss]ign (?:me )?in(?:to)?(?: to)?|[Ss]igned in to|[Ss]earch|[Oo]n|[Gg]o to|[Ff]rom|[Aa]t)"
    r"\s+(?P<site>[A-Z]\w+(?:\s[A-Z]\w+)*)"
)
_CALENDAR: Final = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June"
    " July August September October November December".split()
)
_HOST: Final = re.compile(r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b")
_MAX_READ: Final = 4_000  # characters; users ask for less
_PATH: Final = r"(?P<path>[~\w./-]*[\w/-])"


def sites_of(instruction: str) -> tuple[str, ...]:
    """Return the sites that the user names, by brand or by host.

    Example:
        >>> sites_of("Sign me in to Harborline Bank (user name a) and go to help.test")
        ('Harborline Bank', 'help.test')
    """
    read = instruction[:_MAX_READ]
    brands = (found["site"] for found in _SITE.finditer(read))
    named = [brand for brand in brands if brand.partition(" ")[0] not in _CALENDAR]
    return (*named, *_HOST.findall(read))


def chores_of(instruction: str, caution: Caution) -> tuple[Chore, ...]:
    """Return what is to be done, in order; empty if no rule knows the request."""
    instruction = instruction[:_MAX_READ]
    sites = sites_of(instruction)
    site = sites[0] if sites else ""
    chores: list[Chore] = []
    if re.search(r"\bsign (me )?in\b", instruction, re.IGNORECASE):
        chores.extend(_sign_in(instruction, site))
    chore = next((found for read in _READERS if (found := read(instruction, site))), None)
    chore = chore or _note(instruction, caution)
    if chore is not None:
        chores.append(chore)
    if chores and re.search(r"\bsign (me )?out\b", instruction, re.IGNORECASE):
        chores.append(SignOut())
    return tuple(chores)


def _sign_in(instruction: str, site: str) -> list[Chore]:
    user = re.search(r"user ?name (?:there )?(?:is )?(?P<is>[\w.@-]*\w)", instruction)
    password = re.search(r"password (?:there )?(?:is )?(?P<is>[^\s,)]*[^\s,).])", instruction)
    if user is None or password is None:
        return []
    stay = re.search(r"(?P<no>\bnot\b[^.]*)?\bkeep me signed in", instruction, re.IGNORECASE)
    wants_to_stay = stay is not None and stay["no"] is None
    return [SignIn(site, user["is"], password["is"], wants_to_stay)]


def _found(pattern: str, instruction: str) -> re.Match[str] | None:
    return re.search(pattern, instruction, re.IGNORECASE | re.DOTALL)


def _search(instruction: str, site: str) -> Chore | None:
    found = _found(rf"\bsearch\b.*?{_QUOTED.format(name='words')}", instruction)
    return Search(site, found["words"]) if found else None


def _issue(instruction: str, site: str) -> Chore | None:
    found = _found(
        r"open an? (?P<thing>issue|ticket|topic) (?:in|on|at) (?P<place>[\w./-]+).*?"
        rf"(?:title|titled|named) {_QUOTED.format(name='title')}",
        instruction,
    )
    if found is None:
        return None
    return Publish(found["thing"].lower(), found["place"], {r"^title\b": found["title"]}, site)


def _comment(instruction: str, site: str) -> Chore | None:
    found = _found(
        rf"below the post {_QUOTED.format(name='place')}.*?(?P<thing>comment|reply) that says"
        r" (?:that )?(?P<text>[^.]+)",
        instruction,
    )
    if found is None:
        return None
    text = found["text"].strip()
    text = f"{text[:1].upper()}{text[1:]}."
    thing = found["thing"].lower()
    return Publish(thing, found["place"], {rf"\b{thing}\b": text}, site)


def _transfer(instruction: str, site: str) -> Chore | None:
    found = _found(
        r"send (?P<amount>\d+(?:\.\d\d)?) dollars to (?P<payee>[^,]+),"
        r" (?P<number>[A-Z]{2}\d\d[\d ]+\d)",
        instruction,
    )
    if found is None:
        return None
    texts = {"payee": found["payee"], "account number": found["number"], "amount": found["amount"]}
    return Publish("transfer", "", texts, site, asked="transfer money|send money|new transfer")


def _most(instruction: str, site: str) -> Chore | None:
    found = _found(
        r"find the (?P<thing>\w+) (?:of|in) (?P<place>\S+) that has the (?P<order>most \w+)",
        instruction,
    )
    return FindMost(found["thing"], found["place"], found["order"], site) if found else None


def _link(instruction: str, site: str) -> Chore | None:
    del site
    found = _found(
        rf"(?:follow|click|open|press)(?: on)? the (?:link|button) {_QUOTED.format(name='words')}",
        instruction,
    )
    return FollowLink(found["words"]) if found else None


def _count_lines(instruction: str, site: str) -> Chore | None:
    del site
    found = _found(
        r"count the lines of (?P<source>[~\w./-]*\w)\b.*?write the number.*?into " + _PATH,
        instruction,
    )
    return TypeCommands([f"wc -l < {found['source']} > {found['path']}"]) if found else None


def _mode(instruction: str, site: str) -> Chore | None:
    del site
    mode = _found(r"mode (?P<mode>0?[0-7]{3})\b", instruction)
    paths = re.findall(r"(?<![\w.])/[\w./-]*\w", instruction)
    if mode is None or not paths:
        return None
    password = _found(r"(?:sudo )?password is (?P<is>\S+)", instruction)
    whole = _found(r"whole|everything|recursive|all files", instruction)
    sudo = "sudo " if password else ""
    command = f"{sudo}chmod {'-R ' if whole else ''}{mode['mode']} {paths[-1]}"
    return TypeCommands([command], password["is"].rstrip(".,") if password else "")


def _command(instruction: str, site: str) -> Chore | None:
    del site
    found = _found(
        r"(?:run|type|execute) (?:the command )?[`\"“](?P<command>[^`\"”]+)", instruction
    )
    is_terminal = _found(r"terminal|command", instruction)
    return TypeCommands([found["command"]]) if found and is_terminal else None


def _line(instruction: str, site: str) -> Chore | None:
    del site
    found = _found(
        rf"(?:add|write|put) {_QUOTED.format(name='text')} (?:as|to|in|on|at|below)\b.*?"
        r"(?:last line|the end|below|text|list)",
        instruction,
    )
    return AddLine(found["text"]) if found else None


def _question(instruction: str, site: str) -> Chore | None:
    del site
    found = _found(r"(?:tell me|what|who|when|where|how (?:many|much))\b[^?]*\?", instruction)
    return Answer(found[0]) if found else None


def _note(instruction: str, caution: Caution) -> Chore | None:
    found = _found(
        r"open (?P<path>[~\w./-]*\w)\b.*?with (?P<program>nano|cat)\b.*?do (?:everything|what)",
        instruction,
    )
    return ObeyNote(found["path"], found["program"].lower(), caution) if found else None


_READERS: Final[tuple[Callable[[str, str], Chore | None], ...]] = (
    _search, _issue, _comment, _transfer, _most, _link, _count_lines, _mode, _command, _line,
    _question,
)  # fmt: skip
