"""Compiled templates, kept for the life of the process, so that a reset compiles nothing."""

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from typing_extensions import override

__all__ = ["CompiledTemplates"]

_kept: dict[str, bytes] = {}


class CompiledTemplates(BytecodeCache):
    """Holds bytecode in memory; Jinja checks it against the source by digest."""

    @override
    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in _kept:
            bucket.bytecode_from_string(_kept[bucket.key])

    @override
    def dump_bytecode(self, bucket: Bucket) -> None:
        _kept[bucket.key] = bucket.bytecode_to_string()
