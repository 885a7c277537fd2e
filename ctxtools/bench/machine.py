"""Which machine a figure was taken on."""

import os
import platform
import sys
from pathlib import Path


def cpu_name() -> str:
    """The processor's name as the system gives it, such as ``"AMD EPYC 7B13"``."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def usable_cpus() -> list[int]:
    """The processors that this process may run on; numbered from 0 where that is not known."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def machine_info() -> dict[str, str | int]:
    """The processor, how many of it may be used, the system and the Python."""
    return {
        "cpu": cpu_name(),
        "cpus": len(usable_cpus()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
    }


def available_memory() -> int | None:
    """Bytes that new processes can have without swapping, or None: it is not known."""
    try:
        status = Path("/proc/meminfo").read_text()
    except OSError:
        return None
    return int(status.partition("MemAvailable:")[2].split()[0]) * 1024
