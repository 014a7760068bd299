"""The processor of a local model: its chat template, its tokenizer, its way with pictures.

transformers loads the processor of many models (Qwen-VL, MiniCPM-V, InternVL, SmolVLM) only where
torchvision is installed, because those also take videos. Screens are pictures, so without it the
same processor is put together here from its other parts, pictures going through PIL.
"""

import inspect
import json
from pathlib import Path
from typing import Any, Final

import transformers

from riosim.errors import UsageError

__all__ = ["load_processor"]

_HF: Final[Any] = transformers  # typed in parts only, and not there for every check of types
_VIDEO_FILES: Final = ("video_preprocessor_config.json", "preprocessor_config.json")


def load_processor(name: str, **hub: Any) -> Any:
    """Return the processor of a model, its tokenizer set to pad on the left.

    Args:
        name: Folder or name on the hub.
        hub: What every `from_pretrained` of transformers takes.

    Raises:
        UsageError: The model has none that takes pictures.
    """
    try:
        processor = _HF.AutoProcessor.from_pretrained(name, **hub)
    except ImportError as exc:
        if "torchvision" not in str(exc).casefold():
            raise
        processor = _without_video(name, hub, exc)
    if not hasattr(processor, "tokenizer") or not hasattr(processor, "image_processor"):
        raise UsageError(
            f"The processor of {name} is a {type(processor).__name__}; an agent needs one for text "
            "and pictures. Is this a model that sees?"
        )
    tokenizer = processor.tokenizer
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return processor


def _without_video(name: str, hub: dict[str, Any], missing: ImportError) -> Any:
    """Put a processor together that takes no videos."""
    config = _HF.AutoConfig.from_pretrained(name, **hub)
    kinds = _HF.models.auto.processing_auto.PROCESSOR_MAPPING
    if type(config) not in kinds:
        raise UsageError(f"{name} needs torchvision: {str(missing).strip()[:200]}") from missing
    kind = kinds[type(config)]
    parts: list[Any] = []
    for part in kind.get_attributes():
        if part == "tokenizer":
            parts.append(_HF.AutoTokenizer.from_pretrained(name, **hub))
        elif part == "image_processor":
            parts.append(_HF.AutoImageProcessor.from_pretrained(name, **hub))
        elif part == "video_processor":
            parts.append(_NoVideo(_video_settings(name, hub)))
        else:
            raise UsageError(
                f"{name} needs torchvision, and has a {part}, which cannot be loaded without it. "
                "Install torchvision."
            ) from missing
    stored, _ = kind.get_processor_dict(name, **hub)
    taken = inspect.signature(kind.__init__).parameters
    settings = {key: value for key, value in stored.items() if key in taken}
    # The same class, but for the check that each part is of transformers' own kind.
    lenient = type(kind.__name__, (kind,), {"check_argument_for_proper_class": _take_as_it_is})
    return lenient(*parts, **settings)


def _take_as_it_is(processor: object, name: str, part: object) -> type:
    del processor, name
    return type(part)


class _NoVideo:
    """Stands where a video processor is: knows its settings, has no videos."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings

    def __getattr__(self, name: str) -> Any:
        """Return a setting, None if there is none of that name."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self._settings.get(name)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings."""
        return dict(self._settings)


def _video_settings(name: str, hub: dict[str, Any]) -> dict[str, Any]:
    for file in _VIDEO_FILES:
        found = _HF.utils.hub.cached_file(
            name, file, _raise_exceptions_for_missing_entries=False, **_file(hub)
        )
        if found is not None:
            settings = json.loads(Path(found).read_text(encoding="utf-8"))
            if isinstance(settings, dict):
                return settings
    return {}


def _file(hub: dict[str, Any]) -> dict[str, Any]:
    return {key: hub[key] for key in ("revision", "local_files_only", "cache_dir") if key in hub}
