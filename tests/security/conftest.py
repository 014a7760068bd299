"""An engine and a slot for the tests of this folder."""

from tests.support.docker_fixtures import engine, shared_slot, slot

__all__ = ["engine", "shared_slot", "slot"]
