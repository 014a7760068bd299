"""Other people's HTML, reduced to what cannot act: text, tables, links, plain styles."""

import re
from html.parser import HTMLParser

from markupsafe import Markup, escape
from typing_extensions import override

__all__ = ["safe_html"]

_TAGS = frozenset(
    "a b i u em strong p br div span h1 h2 h3 h4 ul ol li table tbody thead tr td th hr "
    "blockquote pre code small sup sub font center".split()
)
_VOID = {"br", "hr"}
_SILENT = {"script", "style", "head", "title", "iframe", "object", "svg", "math", "template"}
_ATTRIBUTES = {"align", "valign", "width", "height", "bgcolor", "color", "cellpadding"}
_PROPERTIES = frozenset(
    "color background background-color font-size font-weight font-family font-style padding "
    "margin border border-radius border-left border-top text-align text-decoration width "
    "max-width line-height display".split()
)
_VALUE = re.compile(r"[\w\s#%.,'-]{1,80}")
_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)


def safe_html(text: str) -> Markup:
    """Return TEXT without scripts, forms, pictures from outside and clever styles."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    ends = "".join(f"</{tag}>" for tag in reversed(reader.open))
    return Markup("".join(reader.parts) + ends)  # noqa: S704 - every part was escaped or listed


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []
        self._silent = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if self._silent or tag not in _TAGS:
            alternative = dict(attrs).get("alt")
            if tag == "img" and alternative and not self._silent:
                self.parts.append(str(escape(f"[{alternative}]")))
            return
        kept = "".join(_attribute(tag, name, value or "") for name, value in attrs)
        self.parts.append(f"<{tag}{kept}>")
        if tag not in _VOID:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif not self._silent and tag in self.open:
            while True:
                last = self.open.pop()
                self.parts.append(f"</{last}>")
                if last == tag:
                    break

    @override
    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(str(escape(data)))


def _attribute(tag: str, name: str, value: str) -> str:
    if tag == "a" and name == "href" and _LINK.match(value.strip()):
        return f' href="{escape(value.strip())}" rel="noopener nofollow"'
    if name == "style":
        rules = [rule.partition(":") for rule in value.split(";")]
        good = [
            f"{key.strip().lower()}:{rest.strip()}"
            for key, _, rest in rules
            if key.strip().lower() in _PROPERTIES and _VALUE.fullmatch(rest.strip())
        ]
        return f' style="{escape(";".join(good))}"' if good else ""
    return f' {name}="{escape(value)}"' if name in _ATTRIBUTES and _VALUE.fullmatch(value) else ""
