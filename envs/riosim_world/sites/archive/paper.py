"""The PDF of a paper: a title page, its abstract and a page of text."""

from collections.abc import Mapping
from pathlib import Path

from riosim_world.sites.kit import Row, seed_data
from riosim_world.sites.kit.pdf import Line, pdf, wrapped

__all__ = ["paper_pdf"]

_SECTIONS: Mapping[str, str] = seed_data(Path(__file__).with_name("papers.yaml"))["sections"]


def paper_pdf(paper: Row, *, host: str) -> bytes:
    """Return PAPER as a PDF file."""
    lines = [Line(f"{host}  ·  {paper['number']}  ·  {paper['part']}", "italic", 9), Line(), Line()]
    lines += wrapped(paper["title"], font="bold", size=18, width=52)
    lines += [Line(size=6), *wrapped(paper["authors"], font="italic", size=12, width=80), Line()]
    lines += [Line("Abstract", "bold", 12), *wrapped(paper["abstract"])]
    for heading, text in _SECTIONS.items():
        lines += [Line(), Line(heading, "bold", 13), Line(size=4), *wrapped(text)]
    return pdf(lines, title=paper["title"])
