"""Tables of high and low water."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PERIOD = 12.4206  # hours between two high waters

# The constants of the harbour: name, amplitude in metres, phase in degrees.
CONSTITUENTS = [
    ("M2", 1.52, 318.0),
    ("S2", 0.49, 351.0),
    ("N2", 0.30, 296.0),
]


@dataclass(frozen=True)
class Tide:
    """High or low water: hours since midnight, and metres above chart datum."""

    hour: float
    level: float

    def __str__(self) -> str:
        minutes = round(self.hour * 60)
        return f"{minutes // 60:02}:{minutes % 60:02} {self.level:.1f} m"


def level(hour: float) -> float:
    """The level of the water at an hour, in metres."""
    total = 2.4
    for _, amplitude, phase in CONSTITUENTS:
        total += amplitude * math.cos(2 * math.pi * hour / PERIOD - math.radians(phase))
    return total


def turns(hours: int = 24) -> Iterator[Tide]:
    """High and low waters in order, found in steps of six minutes."""
    before, here = level(-0.1), level(0)
    for step in range(hours * 10):
        after = level((step + 1) / 10)
        if (here - before) * (after - here) < 0:
            yield Tide(step / 10, here)
        before, here = here, after


def write(path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["hour", "level"])
        for tide in turns():
            writer.writerow([f"{tide.hour:.1f}", f"{tide.level:.2f}"])


if __name__ == "__main__":
    write(Path("tides.csv"))
