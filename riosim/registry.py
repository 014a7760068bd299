"""The plug-ins of one entry-point group, each imported when first asked for."""

import importlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar

from typing_extensions import override

from riosim.errors import MissingDependencyError, UnknownNameError, UsageError

__all__ = ["Registry", "load_object"]

T = TypeVar("T")
_NAME = re.compile(r"[a-z0-9_]+")
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+).*extra == ['\"](?P<extra>[\w.-]+)['\"]")


class Registry(Mapping[str, T], Generic[T]):
    """Plug-ins by name; listing never imports one. Kind `agent` is the group `riosim.agents`."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._points: dict[str, EntryPoint] = {}
        plural = f"{kind}es" if kind.endswith("x") else f"{kind}s"
        for point in entry_points(group=f"riosim.{plural}"):
            other = self._points.get(point.name)
            if other is not None and other.value != point.value:
                raise UsageError(
                    f"Two {kind}s are named {point.name!r}: {_origin(other)} and {_origin(point)}."
                    " Uninstall one of them."
                )
            if not _NAME.fullmatch(point.name):
                raise UsageError(
                    f"{_origin(point)} names {kind} {point.name!r}; a name is [a-z0-9_]+."
                )
            self._points[point.name] = point

    @override
    def __getitem__(self, name: str) -> T:
        """Import and return the plug-in."""
        if name not in self._points:
            raise UnknownNameError(self.kind, name, self._points)
        point = self._points[name]
        try:
            loaded: T = point.load()
        except (ImportError, AttributeError) as exc:
            raise MissingDependencyError(_what_is_missing(self.kind, point, exc)) from exc
        except Exception as exc:  # a stranger's module may raise anything
            raise UsageError(
                f"The {self.kind} {name!r} ({_origin(point)}) cannot be imported: "
                f"{type(exc).__name__}: {exc}."
            ) from exc
        return loaded

    @override
    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, sorted."""
        return iter(sorted(self._points))

    @override
    def __len__(self) -> int:
        """Return the number of plug-ins."""
        return len(self._points)

    @override
    def __contains__(self, name: object) -> bool:
        """Whether there is one of that name; it is not imported for that."""
        return name in self._points

    def origin(self, name: str) -> str:
        """Return the distribution and the object, without importing it."""
        return _origin(self._points[name])


def _origin(point: EntryPoint) -> str:
    dist = point.dist.name if point.dist is not None else "?"
    return f"{point.value} ({dist})"


def _what_is_missing(kind: str, point: EntryPoint, error: ImportError | AttributeError) -> str:
    """Say which extra of the plug-in's own distribution brings what could not be imported."""
    module = (error.name or "").partition(".")[0]
    requirements = (point.dist.requires or ()) if point.dist is not None else ()
    by_extra = defaultdict(set)
    for text in requirements:
        if found := _REQUIREMENT.match(text):
            by_extra[found["extra"]].add(found["name"].lower())
    fitting = [extra for extra, names in by_extra.items() if module.lower() in names]
    if not fitting or point.dist is None:
        return f"The {kind} {point.name!r} ({point.value}) cannot be imported: {error}."
    smallest = min(fitting, key=lambda extra: len(by_extra[extra]))
    return (
        f"The {kind} {point.name!r} needs {module}, which is not installed. "
        f"Install it with: pip install '{point.dist.name}[{smallest}]'"
    )


def load_object(reference: str) -> Any:
    """Return the object that `module:Name` stands for.

    Raises:
        UsageError: The module or the name does not exist.
    """
    module, _, name = reference.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as exc:
        raise UsageError(f"{reference!r} cannot be loaded: {exc}. Write module:Class.") from exc
    except Exception as exc:  # a stranger's module may raise anything
        raise UsageError(
            f"{reference!r} cannot be loaded: {module!r} raised {type(exc).__name__}: {exc}."
        ) from exc
    return found
