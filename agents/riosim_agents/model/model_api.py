"""Where a model is asked over HTTP, with which key, and what it costs.

With it belong `setting` (settings checked), `secret` (the key hidden in all that comes back) and
`failure` (what the SDKs' exceptions mean). Whatever comes from a server or an exception goes
through `Endpoint.secrets` before it is used, so that a server that echoes a key puts it neither
into a record nor, typed by the agent, into the sandbox.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from riosim.agent import Usage
from riosim.errors import UsageError
from riosim.secret_setting import is_secret
from riosim_agents.model.secret import Secrets
from riosim_agents.model.setting import (
    header_setting,
    number_setting,
    text_setting,
    url_setting,
    whole_setting,
)

__all__ = ["Endpoint", "Prices", "Vendor", "endpoint_of"]


@dataclass(frozen=True, slots=True)
class Vendor:
    """Where a vendor's own service is, and which variables its SDK reads."""

    name: str
    url: str
    key_variable: str
    url_variable: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that is asked; never shown with its key.

    Attributes:
        base_url: Where it is, without a slash at its end.
        api_key: Empty if it needs none.
        key_variable: The environment variable the key came from; empty if none.
        headers: Sent with every request.
        timeout_s: How long one attempt may take.
        max_retries: Attempts after the first, made by the SDK on 408, 409, 429, 5xx and time-outs.
        secrets: The key, and the values of headers that look like secrets by their name.
    """

    base_url: str
    api_key: str = field(repr=False, default="")
    key_variable: str = ""
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    timeout_s: float = 120.0
    max_retries: int = 5
    secrets: Secrets = field(repr=False, default_factory=Secrets)


def endpoint_of(
    vendor: Vendor,
    *,
    base_url: object = None,
    api_key_env: object = None,
    headers: object = None,
    timeout_s: object = 120.0,
    max_retries: object = 5,
) -> Endpoint:
    """Return the endpoint that an agent's settings mean.

    The vendor's own variable is read only where its own address is used (or the one in its
    variable): a key is never sent to a server that it was not meant for. `api_key_env` names the
    variable for any other server; without it that server is asked without a key.

    Raises:
        UsageError: A setting is wrong, or the variable that should hold the key is not set.
    """
    url = text_setting("base_url", base_url)
    variable = text_setting("api_key_env", api_key_env)
    if not url:
        url = os.environ.get(vendor.url_variable, "").strip() or vendor.url
        variable = variable or vendor.key_variable
    key = os.environ.get(variable, "").strip() if variable else ""
    if variable and not key and (api_key_env or url == vendor.url):
        raise UsageError(
            f"No key for {vendor.name}: the environment variable {variable[:80]} is not set. Set "
            "it, name another with api_key_env, or give the base_url of a server that needs none."
        )
    sent = header_setting(headers)
    return Endpoint(
        base_url=url_setting(url),
        api_key=key,
        key_variable=variable if key else "",
        headers=sent,
        timeout_s=number_setting("timeout_s", timeout_s, least=0.001, most=86_400),
        max_retries=whole_setting("max_retries", max_retries, least=0, most=100),
        secrets=Secrets(key, *_secrets_in(sent)),
    )


def _secrets_in(headers: Mapping[str, str]) -> Iterator[str]:
    """Yield the values of headers that look like secrets, and what follows a word like Bearer."""
    for name, value in headers.items():
        if is_secret(name, value):
            yield value
            yield value.rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class Prices:
    """What tokens cost, in USD per million; `usd_per_million_…` of the settings.

    There is no built-in list: prices change, and a wrong one looks like a measurement.
    """

    input_usd: float | None = None
    output_usd: float | None = None
    cached_usd: float | None = None  # of input tokens; None: as the others

    @classmethod
    def of(cls, input_tokens: object, output_tokens: object, cached_tokens: object = None) -> Self:
        """Return the prices that the settings `usd_per_million_{…}` mean.

        Raises:
            UsageError: One is no amount, or only one of the first two is given.
        """
        names = ("input_tokens", "output_tokens", "cached_tokens")
        amounts = [
            None if value is None else number_setting(f"usd_per_million_{name}", value, least=0)
            for name, value in zip(names, (input_tokens, output_tokens, cached_tokens), strict=True)
        ]
        if (amounts[0] is None) != (amounts[1] is None) or (amounts[2] and amounts[0] is None):
            raise UsageError(
                "Prices need both usd_per_million_input_tokens and usd_per_million_output_tokens."
            )
        return cls(*amounts)

    @property
    def are_known(self) -> bool:
        """Whether a cost can be counted; a record should say when it cannot."""
        return self.input_usd is not None

    def usage(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> Usage:
        """Return the usage with its cost; CACHED_TOKENS are among the input tokens."""
        if self.input_usd is None or self.output_usd is None:
            return Usage(input_tokens, output_tokens)
        cached = min(cached_tokens, input_tokens)
        cached_usd = self.input_usd if self.cached_usd is None else self.cached_usd
        micro_usd = (
            (input_tokens - cached) * self.input_usd
            + cached * cached_usd
            + output_tokens * self.output_usd
        )
        return Usage(input_tokens, output_tokens, micro_usd / 1e6)
