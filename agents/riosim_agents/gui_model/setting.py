"""Settings that agents for GUI models share, checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from riosim.errors import UsageError
from riosim_agents.completions.client import OPENAI
from riosim_agents.completions.setting import Sampling, extra_body_setting
from riosim_agents.model.model_api import Endpoint, Prices, endpoint_of
from riosim_agents.model.picture import PICTURE_FORMATS, PictureFormat
from riosim_agents.model.setting import (
    choice_setting,
    number_setting,
    text_setting,
    whole_setting,
)

__all__ = ["GuiModelSettings", "version_setting"]

_COORDINATES = ("auto", "picture", "thousand", "pixels")
_MOST_PIXELS = 16_384**2


@dataclass(frozen=True, slots=True)
class GuiModelSettings:
    """What the docstrings of the agents explain; `of` checks it."""

    model: str
    endpoint: Endpoint
    sampling: Sampling
    top_p: float | None
    history: int
    coordinates: str
    min_pixels: int | None
    max_pixels: int | None
    language: str
    extras: bool
    picture_format: PictureFormat
    extra_body: dict[str, Any]
    prices: Prices

    @classmethod
    def of(
        cls,
        *,
        model: object,
        base_url: object,
        api_key_env: object,
        headers: object,
        timeout_s: object,
        max_retries: object,
        temperature: object,
        top_p: object,
        seed: object,
        max_tokens: object,
        history: object,
        coordinates: object,
        min_pixels: object,
        max_pixels: object,
        language: object,
        extras: object,
        picture_format: object,
        extra_body: object,
        prices: Sequence[object],
    ) -> "GuiModelSettings":
        """Return the checked settings.

        Raises:
            UsageError: One is wrong.
        """
        name = text_setting("model", model)
        if not name:
            raise UsageError("model is empty; give the model's name at the server.")
        if type(extras) is not bool:
            raise UsageError(f"extras is {str(extras)[:80]!r}; true or false.")
        return cls(
            model=name,
            endpoint=endpoint_of(
                OPENAI,
                base_url=base_url,
                api_key_env=api_key_env,
                headers=headers,
                timeout_s=timeout_s,
                max_retries=max_retries,
            ),
            sampling=Sampling.of(temperature=temperature, seed=seed, max_tokens=max_tokens),
            top_p=None if top_p is None else number_setting("top_p", top_p, least=0, most=1),
            history=whole_setting("history", history, least=0, most=1000),
            coordinates=choice_setting("coordinates", coordinates, _COORDINATES),
            min_pixels=_pixels("min_pixels", min_pixels),
            max_pixels=_pixels("max_pixels", max_pixels),
            language=text_setting("language", language) or "English",
            extras=extras,
            picture_format="jpeg"
            if choice_setting("picture_format", picture_format, PICTURE_FORMATS) == "jpeg"
            else "png",
            extra_body=extra_body_setting(extra_body),
            prices=Prices.of(*prices),
        )


def version_setting(value: object, known: Sequence[str]) -> str:
    """Return a version; a command line decodes `1.0` and `3` as numbers.

    Raises:
        UsageError: There is none of that name.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        for version in known:
            if version.replace(".", "").isdecimal() and float(version) == value:
                return version
    return choice_setting("version", value, known)


def _pixels(name: str, value: object) -> int | None:
    return None if value is None else whole_setting(name, value, least=1, most=_MOST_PIXELS)
