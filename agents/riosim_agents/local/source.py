"""Which model is loaded, how and where to: settings, checked without importing anything heavy."""

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch

from riosim.errors import MissingDependencyError, UsageError
from riosim_agents.model.setting import choice_setting, text_setting

__all__ = ["ModelSource"]

_DTYPES: Final = ("auto", "float32", "bfloat16", "float16")
_SPREADS: Final = ("auto", "balanced", "balanced_low_0", "sequential")
_QUANTISATIONS: Final = ("4bit", "8bit")
_HUB_NAME: Final = re.compile(r"[\w.-]+(/[\w.-]+)?")
_DEVICE: Final = re.compile(r"(cpu|mps|cuda|xpu|npu)(:\d+)?")


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model and how it is loaded.

    Attributes:
        model: A folder, or a name on the hub.
        revision: Branch, tag or commit on the hub.
        device_map: `auto`, another way of accelerate to spread a model, or one device.
        dtype: Type of the weights; `auto` is the one that they are stored in.
        quantisation: `4bit` or `8bit`, with bitsandbytes; None loads the weights as they are.
        trust_remote_code: Whether code that comes with the model may run here.
    """

    model: str
    revision: str | None = None
    device_map: str = "auto"
    dtype: str = "auto"
    quantisation: str | None = None
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        """Refuse what can be seen to be wrong before anything is loaded."""
        for name in ("model", "device_map"):
            if not text_setting(name, getattr(self, name)):
                raise UsageError(f"{name} is empty; give a text.")
        text_setting("revision", self.revision)
        if _looks_like_a_path(self.model) and not self.is_folder:
            raise UsageError(f"There is no folder {self.model!r}; model is one, or a hub's name.")
        if self.is_folder and not (self._path / "config.json").is_file():
            raise UsageError(
                f"The folder {self.model!r} holds no config.json: it is no transformers model."
            )
        choice_setting("dtype", self.dtype, _DTYPES)
        if self.device_map not in _SPREADS and not _DEVICE.fullmatch(self.device_map):
            raise UsageError(
                f"device_map is {str(self.device_map)[:80]!r}; give one of "
                f"{', '.join(_SPREADS)}, or a device such as cpu, cuda, cuda:1, mps."
            )
        if type(self.trust_remote_code) is not bool:
            raise UsageError(f"trust_remote_code is {self.trust_remote_code!r}; true or false.")
        if self.quantisation is not None:
            choice_setting("quantisation", self.quantisation, _QUANTISATIONS)
            _must_have("bitsandbytes", f"quantisation={self.quantisation}")
            _must_have("accelerate", f"quantisation={self.quantisation}")

    @property
    def _path(self) -> Path:
        return Path(self.model).expanduser()

    @property
    def is_folder(self) -> bool:
        """Whether the model lies on this machine; then nothing is asked of the hub."""
        return self._path.is_dir()

    @property
    def location(self) -> str:
        """What transformers is told: the folder's path, or the name."""
        return str(self._path) if self.is_folder else self.model

    @property
    def spread(self) -> str | None:
        """How accelerate spreads the model; None if it goes to one device."""
        if self.device_map not in _SPREADS:
            return None
        if find_spec("accelerate") is not None:
            return self.device_map
        return None

    @property
    def device(self) -> str | None:
        """The one device that the model goes to; None if accelerate decides."""
        if self.device_map not in _SPREADS:
            return self.device_map
        return None if self.spread is not None else _best_device()

    def check(self) -> None:
        """Make sure that the model can be placed as it is asked for.

        Raises:
            MissingDependencyError: accelerate is needed.
            UsageError: There is no such device.
        """
        if self.device_map in _SPREADS and self.device_map != "auto":
            _must_have("accelerate", f"device_map={self.device_map}")
        device = self.device
        if device is not None and device.startswith("cuda"):
            n = torch.cuda.device_count() if torch.cuda.is_available() else 0
            if int(device.partition(":")[2] or 0) >= n:
                raise UsageError(f"device_map is {device!r}; torch sees {n} CUDA devices here.")

    def hub_arguments(self) -> dict[str, Any]:
        """Return what every `from_pretrained` gets."""
        return {**self.file_arguments(), "trust_remote_code": self.trust_remote_code}

    def file_arguments(self) -> dict[str, Any]:
        """Return what says where files come from."""
        arguments: dict[str, Any] = {"local_files_only": self.is_folder}
        if self.revision is not None:
            arguments["revision"] = self.revision
        return arguments


def _looks_like_a_path(model: str) -> bool:
    return model.startswith(("/", "./", "../", "~")) or not _HUB_NAME.fullmatch(model)


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _must_have(package: str, setting: str) -> None:
    if find_spec(package) is None:
        raise MissingDependencyError(
            f"{setting} needs {package}, which is not installed. Install it: pip install {package}"
        )
