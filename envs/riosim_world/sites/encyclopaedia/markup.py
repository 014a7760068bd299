"""The little language of the articles: headings, lists, links, bold and italic."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from markupsafe import Markup, escape

__all__ = ["Rendered", "render", "slug_of", "title_of"]

_INLINE = re.compile(r"\[\[([^\[\]|]{1,80})(?:\|([^\[\]]{1,120}))?\]\]|'''(.+?)'''|''(.+?)''")
_HEADING = re.compile(r"(={2,3})\s*(.{1,120}?)\s*\1")
_SLUG = re.compile(r"[\w'(),.-]{1,80}")


@dataclass(slots=True)
class Rendered:
    """An article as HTML, its lead apart, with its headings."""

    lead: Markup = field(default_factory=Markup)
    body: Markup = field(default_factory=Markup)
    headings: list[tuple[str, str, int]] = field(default_factory=list)  # anchor, text, level


def slug_of(title: str) -> str:
    """Return the part of an address that stands for TITLE; empty if it is no title."""
    slug = re.sub(r"\s+", "_", title.strip())
    slug = slug[:1].upper() + slug[1:]
    return slug if _SLUG.fullmatch(slug) else ""


def title_of(slug: str) -> str:
    """Return the title that SLUG stands for."""
    return slug.replace("_", " ")


def render(text: str, exists: Callable[[str], bool]) -> Rendered:
    """Return TEXT as HTML; links to articles that do not exist lead to their editor."""
    done = Rendered()
    parts: list[Markup] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        heading = _HEADING.fullmatch(block.strip())
        if heading:
            if not done.headings:
                done.lead, parts = Markup("\n").join(parts), []
            level, anchor = len(heading[1]), f"s{len(done.headings) + 1}"
            done.headings.append((anchor, heading[2], level))
            made = Markup('<h{0} id="{1}">{2}</h{0}>').format(level, anchor, heading[2])
        elif block.lstrip().startswith("* "):
            items = [line.strip()[2:] for line in block.splitlines() if line.strip()[:2] == "* "]
            made = Markup("<ul>{}</ul>").format(
                Markup("").join(Markup("<li>{}</li>").format(_line(i, exists)) for i in items)
            )
        else:
            made = Markup("<p>{}</p>").format(_line(block.strip(), exists))
        parts.append(made)
    if done.headings:
        done.body = Markup("\n").join(parts)
    else:
        done.lead = Markup("\n").join(parts)
    return done


def _line(text: str, exists: Callable[[str], bool]) -> Markup:
    parts, end = [], 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(_piece(found, exists))
        end = found.end()
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def _piece(found: re.Match[str], exists: Callable[[str], bool]) -> Markup:
    if found[3] is not None:
        return Markup("<b>{}</b>").format(found[3])
    if found[4] is not None:
        return Markup("<i>{}</i>").format(found[4])
    slug, words = slug_of(found[1]), found[2] or found[1]
    if not slug:
        return escape(words)
    if exists(slug):
        return Markup('<a href="/wiki/{}">{}</a>').format(slug, words)
    return Markup('<a class="missing" href="/edit/{}">{}</a>').format(slug, words)
