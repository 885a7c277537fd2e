"""A description of this machine, kept with results."""

import os
import platform
import sys
from pathlib import Path


def cpu_name() -> str:
    """The name of the processor as the system reports it, such as ``"AMD EPYC 7B13"``."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    # Elsewhere than in Windows this would run a program, by whatever PATH says.
    return (platform.processor() if os.name == "nt" else "") or platform.machine()


def usable_cpus() -> list[int]:
    """The processors that this process may run on; if unknown, all of them."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def machine_info() -> dict[str, str | int]:
    """The processor, the number of usable CPUs, the system and the version of Python."""
    return {
        "cpu": cpu_name(),
        "cpus": len(usable_cpus()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
    }


def available_memory() -> int | None:
    """Bytes available to new processes without swapping; None if unknown."""
    try:
        status = Path("/proc/meminfo").read_text()
    except OSError:
        return None
    return int(status.partition("MemAvailable:")[2].split()[0]) * 1024
