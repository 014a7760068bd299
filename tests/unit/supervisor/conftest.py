"""Makes the supervisor's modules importable as they are in the image: flat, beside `wire`."""

import sys
from pathlib import Path

from riosim import accessibility, wire

_FOLDER = Path(__file__).parents[3] / "envs" / "images" / "desktop" / "supervisor"
sys.path.append(str(_FOLDER))
sys.modules.setdefault("wire", wire)
sys.modules.setdefault("accessibility", accessibility)
