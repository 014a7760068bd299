import sys

import pytest

import riosim.accessibility
import riosim.wire
from riosim.content import content_root


@pytest.fixture(autouse=True)
def guest_modules(monkeypatch: pytest.MonkeyPatch):
    """Let tests import the guest's modules as its container does."""
    pytest.importorskip("PIL")
    monkeypatch.syspath_prepend(str(content_root("images") / "stage" / "guest"))
    before = set(sys.modules)
    monkeypatch.setitem(sys.modules, "wire", riosim.wire)
    monkeypatch.setitem(sys.modules, "accessibility", riosim.accessibility)
    yield
    guest = {p.stem for p in (content_root("images") / "stage" / "guest").glob("*.py")}
    for name in (set(sys.modules) - before) & guest:
        del sys.modules[name]
