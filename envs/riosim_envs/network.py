"""The network of a slot: one bridge that leads nowhere, not even to the host.

An internal network alone does reach the host, on the bridge's own address and through it on every
other. So the bridge gets no address: `inhibit_ipv4` on every engine, isolated gateways where they
are known. Subnets are small and explicit, because the engine's default pool ends at about thirty.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from docker.errors import APIError
from docker.types import IPAMConfig, IPAMPool

from riosim.errors import SandboxError
from riosim_envs.engine import Engine, docker_errors, missing_is_fine
from riosim_envs.labels import labels_for

__all__ = ["DEFAULT_POOL", "SlotNetwork", "create_door", "create_network", "remove_network"]

MAX_SLOTS: Final = 4_096
"""On one engine; so that the last slot's numeric uids stay below 65 536 (rootless maps no more)."""
_PREFIX: Final = 29
DEFAULT_POOL: Final = "10.213.0.0/16"


@dataclass(frozen=True, slots=True)
class SlotNetwork:
    """A network with room for a stage and a desktop."""

    id: str
    name: str
    index: int  # of the subnet in the pool; no two networks of one engine share it
    subnet: str

    def _host(self, number: int) -> str:
        return str(ipaddress.ip_network(self.subnet).network_address + number)

    @property
    def bridge_ip(self) -> str:
        """The address that the bridge would have, and does not."""
        return self._host(1)

    @property
    def stage_ip(self) -> str:
        """The address of the stage, where the whole world lives."""
        return self._host(2)

    @property
    def desktop_ip(self) -> str:
        """The address of the desktop."""
        return self._host(3)


def create_network(engine: Engine, run_id: str, *, pool: str = DEFAULT_POOL) -> SlotNetwork:
    """Create an isolated network on the first free subnet of POOL.

    Raises:
        SandboxError: The engine refused, or every subnet is taken.
    """
    refusal = "every one is in use"
    for index, subnet in _free_subnets(engine, pool):
        name = f"riosim-{run_id[:32]}-{index}"
        try:
            with docker_errors("creating a network"):
                created = _create(engine, run_id, name, subnet)
        except SandboxError as exc:
            if not _is_taken(exc):
                raise
            refusal = str(exc)  # somebody was quicker: next one
            continue
        return SlotNetwork(id=str(created.id), name=name, index=index, subnet=subnet)
    raise SandboxError(
        f"No subnet of {pool} is free ({refusal}). Remove what crashed runs left with "
        "`riosim sandbox prune`, or choose another pool."
    )


def create_door(engine: Engine, run_id: str, network: SlotNetwork, stage: str) -> tuple[str, str]:
    """Give a stage a second network on which this host can reach it; return its id and address.

    For a person's eyes only. It leads no further than the host, and no desktop is on it. The
    engine must run on this machine.
    """
    with docker_errors(f"opening a door to {stage[:12]}"):
        created = engine.client.networks.create(
            f"{network.name}-door",
            driver="bridge",
            internal=True,
            enable_ipv6=False,
            labels=labels_for(run_id, "door"),
        )
        door = str(created.id)
        try:
            engine.client.api.connect_container_to_network(stage, door)
            inspected: dict[str, Any] = engine.client.api.inspect_container(stage)
            ends = inspected["NetworkSettings"]["Networks"].values()
            return door, next(str(end["IPAddress"]) for end in ends if end["NetworkID"] == door)
        except (APIError, StopIteration):
            engine.client.api.remove_network(door)
            raise


def remove_network(engine: Engine, network: str) -> None:
    """Remove a network; one that is gone already is fine."""
    with docker_errors(f"removing the network {network}"), missing_is_fine():
        engine.client.api.remove_network(network)


def _free_subnets(engine: Engine, pool: str) -> Iterator[tuple[int, str]]:
    with docker_errors("listing networks"):
        networks: list[dict[str, Any]] = engine.client.api.networks()
    taken = [
        ipaddress.IPv4Network(config["Subnet"])
        for network in networks
        for config in (network.get("IPAM") or {}).get("Config") or ()
        if ":" not in config.get("Subnet", ":")
    ]
    for index, subnet in enumerate(ipaddress.IPv4Network(pool).subnets(new_prefix=_PREFIX)):
        if index >= MAX_SLOTS:
            return
        if not any(subnet.overlaps(other) for other in taken):
            yield index, str(subnet)


def _create(engine: Engine, run_id: str, name: str, subnet: str) -> Any:
    options = {
        "com.docker.network.bridge.inhibit_ipv4": "true",
        "com.docker.network.bridge.enable_ip_masquerade": "false",
    }
    if engine.facts.knows_isolated_gateways:
        options["com.docker.network.bridge.gateway_mode_ipv4"] = "isolated"
        options["com.docker.network.bridge.gateway_mode_ipv6"] = "isolated"
    return engine.client.networks.create(
        name,
        driver="bridge",
        internal=True,
        enable_ipv6=False,
        check_duplicate=True,
        options=options,
        ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=subnet)]),
        labels=labels_for(run_id, "network"),
    )


def _is_taken(error: SandboxError) -> bool:
    """Whether the engine refused because another network has this subnet or name."""
    cause = error.__cause__
    said = str(cause).lower()
    return isinstance(cause, APIError) and (
        "overlap" in said or "already exists" in said or "conflicts with" in said
    )
