"""The page on styles: its blocks run, one after the other, as a reader would."""

import re
from pathlib import Path

_PAGE = Path(__file__).resolve().parents[3] / "docs" / "agents" / "styles.md"


def test_the_blocks_of_the_page_run():
    blocks = re.findall(r"```python\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, str(_PAGE), "exec"), names)  # noqa: S102  # our own page
    assert len(blocks) >= 7
