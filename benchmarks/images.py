"""How large the images are."""

from benchmarks.figure import Figure, Size, Tell
from riosim_envs.engine import Engine
from riosim_envs.image import image_status

__all__ = ["measure"]


def measure(size: Size, tell: Tell) -> list[Figure]:
    """Ask the engine; layers that both stand on are counted once in each."""
    del size
    tell("asking the engine")
    engine = Engine.connect()
    try:
        sizes = {
            status.name: (status.size_bytes or 0) / 1e9
            for status in image_status(engine.client)
            if status.name in {"desktop", "stage"}
        }
    finally:
        engine.close()
    rows = [
        Figure(what=f"Image, {name}", value=round(gb, 3), unit="GB", of="size", n=1)
        for name, gb in sizes.items()
    ]
    total = round(sum(sizes.values()), 3)
    return [
        *rows,
        Figure(what="Images together", value=total, unit="GB", of="size", n=1, target=4.5),
    ]
