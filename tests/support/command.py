"""The command `riosim`, in this process or in one of its own."""

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riosim.cli import main
from riosim.clock import SystemClock, wait_until

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, which must be JSON and nothing else."""
        return json.loads(self.out)


def riosim(*args: object) -> Said:
    """Run the command in this process, as `main` would from a shell."""
    out, err = io.StringIO(), io.StringIO()
    argv, path, handler = sys.argv, [*sys.path], signal.getsignal(signal.SIGTERM)
    sys.argv = ["riosim", *map(str, args)]
    code = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    finally:
        sys.argv, sys.path = argv, path
        signal.signal(signal.SIGTERM, handler)
    return Said(code, out.getvalue(), err.getvalue())


def start(*args: object, max_file_kb: int | None = None) -> "subprocess.Popen[str]":
    """Start the command as a process of its own, as a shell does.

    With MAX_FILE_KB no file can grow beyond it, as on a disk that is full.
    """
    limit = [] if max_file_kb is None else ["prlimit", f"--fsize={max_file_kb * 1024}"]
    paths = [str(ROOT), str(ROOT / "envs"), str(ROOT / "agents")]
    return subprocess.Popen(
        [*limit, sys.executable, "-m", "tests.support.command", *map(str, args)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def wait_for(fact: Any, *, timeout_s: float = 60.0) -> None:
    """Wait until FACT() is true."""
    assert wait_until(lambda: bool(fact()), clock=SystemClock(), timeout_s=timeout_s)


def lives(pid: int) -> bool:
    """Whether a process of that id runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


if __name__ == "__main__":
    main()
