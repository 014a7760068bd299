"""Runs in the desktop, as the agent's user: calls a function that the agent wrote.

`python3 -I -B -c THIS PATH NAME`, with a JSON list of arguments on standard input, answers with a
JSON list: `{"value": …}` as Python writes it, or `{"error": …}`. Standard library only.
"""

import contextlib
import copy
import io
import itertools
import json
import re
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_MOST_ITEMS, _MOST_CHARS, _MOST_ERROR_CHARS = 100, 20_000, 500


def find(path: str, name: str) -> Any:
    """Return the function, as far as the file can be run: what follows it may fail."""
    spec = spec_from_loader("subject", SourceFileLoader("subject", path))
    if spec is None or spec.loader is None:
        return None
    module = sys.modules["subject"] = module_from_spec(spec)
    with contextlib.suppress(BaseException):
        spec.loader.exec_module(module)
    return getattr(module, name, None)


def answer(function: Callable[[Any], Any], row: Any) -> dict[str, str]:
    """Call it twice with the same argument; what answers by chance gives no answer."""
    try:
        one, again = (told(function(copy.deepcopy(row))) for _ in range(2))
    except BaseException as exc:  # noqa: BLE001  # whatever the agent's code raises, an exit too
        return {"error": repr(exc)[:_MOST_ERROR_CHARS]}
    return {"value": one} if one == again else {"error": "it answers differently each time"}


def told(value: Any) -> str:
    """Return a value as Python writes it, without what differs between equal things."""
    if isinstance(value, Iterator):
        value = list(itertools.islice(value, _MOST_ITEMS))
    return _ADDRESS.sub("", repr(value))[:_MOST_CHARS]


def main() -> None:
    """Answer once."""
    rows = json.load(sys.stdin)
    sink = io.StringIO()
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        function = find(*sys.argv[1:3])
        answers = [answer(function, row) for row in rows]
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
