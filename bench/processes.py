"""Processes that are measured: started on one core where that is wanted, asked what they have cost, and ended."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # of processor time, per second


def on(core: str, *words: str) -> list[str]:
    """`python -m WORDS` on one core, where that can be said and there are two."""
    both = (os.cpu_count() or 1) > 1 and Path("/usr/bin/taskset").exists()
    return [*(["taskset", "-c", core] if both else []), sys.executable, "-m", *words]


@contextlib.contextmanager
def started(command: list[str], **environment: str) -> Iterator[tuple[int, str]]:
    """A process that runs until the end of the block: its id, and the first line it printed."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | environment
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise SystemExit(f"It did not start: {' '.join(command)}")
            yield process.pid, line
        finally:
            process.terminate()


def resident_mb(pid: int) -> float:
    """Resident memory of a process, in megabytes."""
    return _status(pid, "VmRSS:")


def peak_mb(pid: int) -> float:
    """The most memory that a process has had resident so far, in megabytes."""
    return _status(pid, "VmHWM:")


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processor so far, in user and system mode together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _status(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0
