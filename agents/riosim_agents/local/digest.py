"""Which model it was: a digest that tells two models apart without reading all of their weights."""

import hashlib
from pathlib import Path
from typing import Any, Final

import transformers

__all__ = ["folder_digest", "model_digest"]

_WEIGHTS: Final = (".safetensors", ".bin", ".pt", ".pth", ".gguf")
_SMALL: Final = (".json", ".jinja", ".txt", ".model", ".py", ".tiktoken")
_N_SAMPLES: Final = 64
_SAMPLE_BYTES: Final = 4_096


def model_digest(name: str, **where: Any) -> str:
    """Return the digest of a model's folder, or of its folder in the hub's cache."""
    hub: Any = transformers.utils.hub
    config = hub.cached_file(name, "config.json", **where)
    return folder_digest(Path(str(config)).parent)


def folder_digest(folder: Path) -> str:
    """Return `sha256:…` over the settings in a folder and samples of its weights.

    Each weights file counts with its name, its size, and 64 pieces of 4 KiB spread evenly over it
    from its first byte to its last; the same model gives the same digest wherever it lies.
    """
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.suffix not in (*_WEIGHTS, *_SMALL):
            continue
        size = path.stat().st_size
        total.update(f"{path.name}\0{size}\0".encode())
        with path.open("rb") as file:
            if path.suffix in _SMALL:
                total.update(hashlib.sha256(file.read()).digest())
                continue
            last = max(size - _SAMPLE_BYTES, 0)
            for number in range(_N_SAMPLES):
                file.seek(last * number // (_N_SAMPLES - 1))
                total.update(file.read(_SAMPLE_BYTES))
    return f"sha256:{total.hexdigest()}"
