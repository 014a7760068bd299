"""Calls in code, read without running it: literal arguments, bound to the names of a signature."""

import ast
import math
from collections.abc import Mapping
from typing import Any, Final

from riosim.action import MAX_TEXT_CHARS

__all__ = [
    "NotUnderstoodError",
    "bound",
    "literal",
    "number",
    "shown",
    "text",
    "truncated",
    "whole",
]

_LARGEST: Final = 1e9


class NotUnderstoodError(Exception):
    """Code beyond the subset; says the line and what stands there."""

    def __init__(self, node: ast.AST | int, what: str) -> None:
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        super().__init__(f"Line {line}: {what}")


def bound(
    call: ast.Call,
    signature: tuple[str, ...],
    *,
    constants: Mapping[str, Any],
    skip: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Return the arguments of a call by name.

    Args:
        call: Any call.
        signature: Names of its parameters, in order.
        constants: What names such as `pyautogui.LEFT` stand for, by their source text.
        skip: Parameters whose value does not matter; anything may stand there.

    Raises:
        NotUnderstoodError: A name is unknown or given twice, or a value is no literal.
    """
    if len(call.args) > len(signature):
        raise NotUnderstoodError(
            call, f"{shown(call.func)} takes {len(signature)} arguments, not {len(call.args)}."
        )
    given: list[tuple[str, ast.expr]] = list(zip(signature, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg is None:
            raise NotUnderstoodError(call, f"`**` in {shown(call)} is not understood.")
        if keyword.arg not in signature:
            raise NotUnderstoodError(call, f"{shown(call.func)} has no argument {keyword.arg!r}.")
        given.append((keyword.arg, keyword.value))
    values: dict[str, Any] = {}
    for name, node in given:
        if name in values:
            raise NotUnderstoodError(call, f"{name!r} is given twice in {shown(call)}.")
        values[name] = None if name in skip else literal(node, constants)
    return values


def literal(node: ast.expr, constants: Mapping[str, Any]) -> Any:
    """Return the value of a literal: text, number, None, bool, list, tuple, or sums of them.

    Raises:
        NotUnderstoodError: It is something else.
    """
    match node:
        case ast.Constant(value=value) if isinstance(value, str | int | float | None):
            return value
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [literal(part, constants) for part in parts]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
            value = number(literal(inner, constants), node)
            return -value if isinstance(sign, ast.USub) else value
        case ast.BinOp(left=left, op=operator, right=right):
            return _computed(node, literal(left, constants), operator, literal(right, constants))
        case ast.JoinedStr(values=parts) if all(isinstance(part, ast.Constant) for part in parts):
            return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        case ast.Attribute() | ast.Name() if shown(node) in constants:
            return constants[shown(node)]
        case _:
            raise NotUnderstoodError(node, f"{shown(node)} is no plain value.")


def number(value: object, node: ast.AST) -> int | float:
    """Return a number as it is.

    Raises:
        NotUnderstoodError: It is none, or larger than anything on a screen.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotUnderstoodError(node, f"{str(value)[:50]!r} is no number.")
    if not -_LARGEST <= value <= _LARGEST:
        raise NotUnderstoodError(node, f"{str(value)[:30]} is too large.")
    return value


def whole(value: object, node: ast.AST) -> int:
    """Return a whole number.

    Raises:
        NotUnderstoodError: It is none.
    """
    value = number(value, node)
    if not isinstance(value, int):
        raise NotUnderstoodError(node, f"{value} is no whole number.")
    return value


def truncated(value: object, node: ast.AST) -> int:
    """Return a number without what follows its point, as `int()` does.

    Raises:
        NotUnderstoodError: It is no number.
    """
    return math.trunc(number(value, node))


def text(value: object, node: ast.AST) -> str:
    """Return a text.

    Raises:
        NotUnderstoodError: It is none.
    """
    if not isinstance(value, str):
        raise NotUnderstoodError(node, f"{str(value)[:50]!r} is no text.")
    return value


def shown(node: ast.AST) -> str:
    """Return code as one short line."""
    try:
        code = ast.unparse(node)
    except (RecursionError, ValueError):  # too deep, or a number with too many digits
        code = type(node).__name__
    first = code.split("\n", 1)[0]
    return f"`{first[:80]}`" if " " in first or "(" in first else first[:80]


def _computed(node: ast.expr, left: Any, operator: ast.operator, right: Any) -> Any:
    """Return a sum, product, … of two literals."""
    if isinstance(left, str) and isinstance(operator, ast.Add):
        return _short(left + text(right, node), node)
    if isinstance(left, str) and isinstance(operator, ast.Mult):
        count = whole(right, node)
        if count * len(left) > MAX_TEXT_CHARS:
            raise NotUnderstoodError(node, f"{shown(node)} is longer than {MAX_TEXT_CHARS}.")
        return left * count
    a, b = number(left, node), number(right, node)
    try:
        match operator:
            case ast.Add():
                return a + b
            case ast.Sub():
                return a - b
            case ast.Mult():
                return a * b
            case ast.Div():
                return a / b
            case ast.FloorDiv():
                return a // b
            case ast.Mod():
                return a % b
            case _:
                raise NotUnderstoodError(node, f"{shown(node)} is not understood.")
    except ZeroDivisionError:
        raise NotUnderstoodError(node, f"{shown(node)} divides by zero.") from None


def _short(value: str, node: ast.expr) -> str:
    if len(value) > MAX_TEXT_CHARS:
        raise NotUnderstoodError(node, f"A text is longer than {MAX_TEXT_CHARS} characters.")
    return value
