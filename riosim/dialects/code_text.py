"""Python code in what a model wrote: in fences, after prose, or alone; parsed, never run."""

import ast
import re
import textwrap
import warnings
from typing import Final

__all__ = ["code_in", "parsed"]

_FENCE: Final = re.compile(r"```[ \t]*([\w+-]*)[ \t]*\r?\n?(.*?)(?:```|\Z)", re.DOTALL)
_LANGUAGES: Final = frozenset({"", "python", "python3", "py", "pyautogui", "code"})
_LONGEST: Final = 20_000


def code_in(said: str, first_line: re.Pattern[str]) -> tuple[str, str]:
    """Return the code in an answer and the prose around it; no code is an empty text.

    Fences of Python, or of no language, are the code, joined. Without any, an answer that parses is
    code as a whole if it calls anything or has a line that FIRST_LINE matches; else what begins at
    that line is.
    """
    blocks: list[str] = []

    def taken(fence: re.Match[str]) -> str:
        if fence[1].casefold() not in _LANGUAGES:
            return fence[0]
        blocks.append(textwrap.dedent(fence[2]).strip())
        return "\n"

    prose = _FENCE.sub(taken, said)
    if blocks:
        return "\n".join(blocks), _tidy(prose)
    code = textwrap.dedent(said).strip()
    start = first_line.search(code)
    statements = parsed(code)
    if isinstance(statements, list) and (start is not None or _calls(statements)):
        return code, ""
    if start is None:
        return "", code
    return textwrap.dedent(code[start.start() :]).strip(), _tidy(code[: start.start()])


def parsed(code: str) -> list[ast.stmt] | str:
    """Return the statements of a program, or why it is none."""
    if len(code) > _LONGEST:
        return f"The code has {len(code)} characters; {_LONGEST} are the most."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a strange backslash in a text is the model's affair
            return ast.parse(code).body
    except SyntaxError as exc:
        return f"Line {exc.lineno or 1}: this is no Python ({exc.msg})."
    except (ValueError, RecursionError, MemoryError) as exc:
        return f"The code cannot be parsed: {str(exc)[:100] or type(exc).__name__}."


def _calls(statements: list[ast.stmt]) -> bool:
    return any(
        isinstance(node, ast.Call) for statement in statements for node in ast.walk(statement)
    )


def _tidy(prose: str) -> str:
    return "\n".join(line.strip() for line in prose.splitlines() if line.strip())
