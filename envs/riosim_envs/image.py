"""The images: which there are, whether they are current, and how to build them.

Each tag is the digest of everything that went in, so a stale image is never taken for the current
one. The slow halves (Debian packages, VS Code, wheels) are images of their own: a change of our
Python rebuilds a thin layer in seconds.
"""

import contextlib
import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import docker
import docker.errors

from riosim.content import content_root
from riosim.errors import SandboxError, UsageError
from riosim_envs.build_lock import building_alone
from riosim_envs.image_context import BuildContext
from riosim_envs.image_sources import (
    Progress,
    bootstrap_base,
    cache_folder,
    fetch_node_packages,
    fetch_wheels,
)

__all__ = ["BASE", "ImageStatus", "build_images", "image_status", "image_tag"]

BASE: Final = "debian:bookworm-slim"
Name = Literal["code", "desktop-base", "desktop", "stage-base", "stage"]

# What guest and world need of the engine; a change elsewhere in riosim leaves the images current.
_ENGINE_ON_STAGE: Final = (
    "__init__.py",
    "accessibility.py",
    "action.py",
    "clock.py",
    "content.py",
    "errors.py",
    "evidence",
    "py.typed",
    "version.py",
    "wire.py",
)
_SHARED: Final = ("wire.py", "accessibility.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageStatus:
    """One image: what it should be and what the engine has.

    Attributes:
        name: `desktop` or `stage`, or one of the images they stand on.
        tag: The tag that the present sources call for.
        state: `current`, `stale` (another version is there) or `missing`.
        size_bytes: Size of what is there, layers shared with others included; None if missing.
    """

    name: Name
    tag: str
    state: Literal["current", "stale", "missing"]
    size_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    """How one image is made.

    Attributes:
        name: Its name without prefix and tag.
        dockerfile: Name of the Dockerfile in the context.
        context: Its own files, all of them inputs of the tag.
        parents: Build arguments that name the images it stands on.
        fetch: Brings what is too large to digest and is pinned by a file of the context.
        tag: The digest of context and parents, taken once, while files may still change.
    """

    name: Name
    dockerfile: str
    context: BuildContext
    parents: dict[str, str]
    fetch: Callable[[str, Progress], BuildContext] | None = None
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        digest = self.context.digest(self.dockerfile, *self.parents.values())
        object.__setattr__(self, "tag", f"riosim/{self.name}:{digest}")


def image_tag(name: Literal["stage", "desktop"]) -> str:
    """Return the tag that the present sources call for; asks no engine."""
    return _recipes()[name].tag


def image_status(client: docker.DockerClient) -> list[ImageStatus]:
    """Say for each image whether it is current, stale or missing."""
    with _engine_errors("asking for the images"):
        return [_status(client, recipe) for recipe in _recipes().values()]


def build_images(client: docker.DockerClient, *, on_progress: Progress) -> list[ImageStatus]:
    """Build what is missing or stale, bases first; `latest` is then what is current.

    Args:
        client: The engine that builds and keeps the images.
        on_progress: Gets each line that pip, npm, apt and the engine have to say.

    Raises:
        UsageError: A tool of the host is missing; the message says which and how to get it.
        SandboxError: A build failed; the message holds its last lines.
    """
    with (
        building_alone(cache_folder(), on_progress),
        _engine_errors("building the images"),
    ):
        _ensure_base(client, on_progress)
        machine = str(client.info()["Architecture"])
        for recipe in _recipes().values():
            if _status(client, recipe).state == "current":
                on_progress(f"{recipe.name}: current ({recipe.tag})")
            else:
                _build(client, recipe, machine, on_progress)
            client.images.get(recipe.tag).tag(f"riosim/{recipe.name}", "latest")
    return image_status(client)


def _recipes() -> dict[Name, _Recipe]:
    """Return all recipes in the order in which they are built."""
    images = content_root("images")
    code = _Recipe(
        name="code",
        dockerfile="Dockerfile",
        context=_folder(images / "code"),
        parents={"BASE": BASE},
        fetch=lambda _, on_progress: _node_context(images / "code", on_progress),
    )
    desktop_base = _Recipe(
        name="desktop-base",
        dockerfile="base.Dockerfile",
        context=_files(
            images / "desktop", "base.Dockerfile", "packages.txt", "offline.txt", "dpkg.conf"
        ),
        parents={"BASE": BASE, "CODE": code.tag},
    )
    stage_base = _Recipe(
        name="stage-base",
        dockerfile="base.Dockerfile",
        context=_files(
            images / "stage", "base.Dockerfile", "packages.txt", "dpkg.conf", "requirements.txt"
        ),
        parents={"BASE": BASE},
        fetch=lambda machine, on_progress: _wheel_context(images / "stage", machine, on_progress),
    )
    desktop = _Recipe(
        name="desktop",
        dockerfile="Dockerfile",
        context=_desktop_context(images / "desktop"),
        parents={"BASE": desktop_base.tag},
    )
    stage = _Recipe(
        name="stage",
        dockerfile="Dockerfile",
        context=_stage_context(images / "stage"),
        parents={"BASE": stage_base.tag},
    )
    return {each.name: each for each in (code, desktop_base, desktop, stage_base, stage)}


def _folder(folder: Path) -> BuildContext:
    context = BuildContext()
    context.add_tree(folder, "")
    return context


def _files(folder: Path, *names: str) -> BuildContext:
    return BuildContext(files={name: folder / name for name in names})


def _desktop_context(folder: Path) -> BuildContext:
    """The desktop's own files: profiles, supervisor and the modules that it shares with us."""
    context = _files(folder, "Dockerfile")
    context.add_tree(folder / "profile", "profile")
    context.add_tree(folder / "supervisor", "supervisor")
    for name in _SHARED:
        context.files[f"supervisor/{name}"] = _package("riosim") / name
    return context


def _stage_context(folder: Path) -> BuildContext:
    """The stage's own files: guest, world and the part of the engine that they import."""
    context = _files(folder, "Dockerfile")
    context.add_tree(folder / "guest", "guest")
    context.add_tree(_package("riosim_world"), "lib/riosim_world")
    engine = _package("riosim")
    for name in _ENGINE_ON_STAGE:
        if (engine / name).is_dir():
            context.add_tree(engine / name, f"lib/riosim/{name}")
        elif (engine / name).is_file():
            context.files[f"lib/riosim/{name}"] = engine / name
    for name in _SHARED:
        context.files[f"guest/{name}"] = engine / name
        context.files[f"lib/common/{name}"] = engine / name
    return context


def _wheel_context(folder: Path, machine: str, on_progress: Progress) -> BuildContext:
    context = BuildContext()
    requirements = folder / "requirements.txt"
    context.add_tree(fetch_wheels(requirements, machine=machine, on_progress=on_progress), "wheels")
    return context


def _node_context(folder: Path, on_progress: Progress) -> BuildContext:
    context = BuildContext()
    modules = fetch_node_packages(folder / "packages.txt", on_progress=on_progress)
    context.add_tree(modules, "node_modules")
    return context


def _package(name: str) -> Path:
    """Return the folder of an importable package without importing it."""
    spec = importlib.util.find_spec(name)
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not places:
        raise UsageError(f"The package {name} is not installed; the images cannot be built.")
    return Path(places[0])


def _status(client: docker.DockerClient, recipe: _Recipe) -> ImageStatus:
    """Compare RECIPE with what the engine has under its name."""
    state: Literal["current", "stale", "missing"] = "current"
    try:
        image = client.images.get(recipe.tag)
    except docker.errors.ImageNotFound:
        others = client.images.list(name=f"riosim/{recipe.name}")
        if not others:
            return ImageStatus(name=recipe.name, tag=recipe.tag, state="missing", size_bytes=None)
        state, image = "stale", others[0]
    size = int(image.attrs["Size"])
    return ImageStatus(name=recipe.name, tag=recipe.tag, state=state, size_bytes=size)


def _ensure_base(client: docker.DockerClient, on_progress: Progress) -> None:
    """Have `debian:bookworm-slim`: here already, pulled, or made with mmdebstrap."""
    try:
        client.images.get(BASE)
    except docker.errors.ImageNotFound:
        on_progress(f"base: pulling {BASE}")
    else:
        return
    try:
        client.images.pull(BASE)
    except docker.errors.APIError as exc:
        on_progress(f"base: it cannot be pulled ({exc.explanation or exc})")
    else:
        return
    with tempfile.TemporaryDirectory(prefix="riosim-base-") as scratch:
        root = Path(scratch) / "root.tar"
        bootstrap_base(root, on_progress=on_progress)
        repository, tag = BASE.split(":")
        client.api.import_image_from_file(str(root), repository=repository, tag=tag)


def _build(
    client: docker.DockerClient, recipe: _Recipe, machine: str, on_progress: Progress
) -> None:
    """Build RECIPE and tag it with its digest."""
    on_progress(f"{recipe.name}: building {recipe.tag}")
    extra = recipe.fetch(machine, on_progress) if recipe.fetch is not None else None
    with recipe.context.open_tar(extra) as tar:
        stream = client.api.build(
            fileobj=tar,
            custom_context=True,
            dockerfile=recipe.dockerfile,
            tag=recipe.tag,
            buildargs=recipe.parents,
            labels={"riosim.image": recipe.name, "riosim.inputs": recipe.tag.partition(":")[2]},
            rm=True,
            forcerm=True,
            decode=True,
            network_mode="host",
        )
        _follow(stream, recipe, on_progress)


def _follow(stream: Iterator[dict[str, str]], recipe: _Recipe, on_progress: Progress) -> None:
    """Pass on what the engine says; raise at its first error with the lines before it."""
    last: list[str] = []
    for message in stream:
        for line in str(message.get("stream", message.get("status", ""))).splitlines():
            if line.strip():
                on_progress(f"{recipe.name}: {line.rstrip()}")
                last = [*last[-11:], line.rstrip()]
        if "error" in message:
            said = "\n".join(last)
            raise SandboxError(
                f"Building the image {recipe.name} failed: {message['error']}\nBefore that:\n{said}"
            )


@contextlib.contextmanager
def _engine_errors(doing: str) -> Iterator[None]:
    """Turn what the Docker SDK raises into a `SandboxError` that says what was being done."""
    try:
        yield
    except docker.errors.DockerException as exc:
        raise SandboxError(f"Docker failed while {doing}: {exc}") from exc
