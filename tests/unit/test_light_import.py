"""`import riosim` is light."""

import subprocess
import sys

HEAVY = ("docker", "playwright", "pyautogui", "torch", "transformers")


def test_importing_riosim_imports_nothing_heavy() -> None:
    code = f"import sys, riosim; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_making_an_environment_starts_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, gymnasium, riosim\n"
        "env = gymnasium.make('riosim/Desktop-v0', task='os/open-permissions-01')\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
