"""A process that opens a slot, says so, and holds it until it is killed.

Arguments: run id, image.
"""

import sys

from riosim_envs.engine import Engine
from riosim_envs.slot import Slot, SlotSettings

if __name__ == "__main__":
    run_id, image = sys.argv[1:]
    settings = SlotSettings(run_id=run_id, desktop_image=image, stage_image=image)
    slot = Slot.open(Engine.connect(), settings)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
