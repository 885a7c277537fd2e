"""The packaged table of accelerators: devices.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ctxtools.errors import ConfigError, UsageError
from ctxtools.memory.architecture import BASES, Basis
from ctxtools.suggestions import closest_match
from ctxtools.toml_file import Table, read_toml
from ctxtools.units import parse_size

MAX_DEVICES = 1 << 20
MAX_MEMORY = 1 << 50  # bytes

_FILE = Path(__file__).with_name("devices.toml")
_LONGEST = 100  # characters of a name
_HINT = "`ctx memory --devices` lists them; the memory of one will do, such as 96GB"
_AGREE = 10  # percent; figures that are closer say the same, as sold and as programs see it

# What people and drivers write of a device that does not change its memory.
_VENDORS = r"^(?:(?:nvidia|amd|huawei|cambricon|baidu|hygon|tesla|geforce|instinct)-)+"
_FORMS = r"-(?:sxm\d?|hbm\d?e?|oam)(?=-|$)"

# A number of devices beside their name: 8xH100, 8 × H100, 8 H100; H100x8, H100 x 8.
_BEFORE = re.compile(r"(?P<count>\d{1,7})(?:\s*[x×*]\s*|\s+)(?P<name>.+)", re.IGNORECASE)
_AFTER = re.compile(r"(?P<name>.+?)\s*[x×*]\s*(?P<count>\d{1,7})", re.IGNORECASE)

MemoryKind = Literal["sold", "driver", "usable", "package", "given"]
"""What a figure is of: the device as it is sold, as its driver reports it, what is left to a
program, the package of several devices, or what the user says."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What one source says of a device's memory.

    Attributes:
        size: bytes.
        kind: what the figure is of.
        basis: how it is known.
        source: who says so, with the date.
    """

    size: int
    kind: MemoryKind
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """What one source says of the bandwidth of a device's memory.

    Attributes:
        gb_per_s: 10⁹ bytes a second.
        basis: how it is known.
        source: who says so.
    """

    gb_per_s: float
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class Device:
    """An accelerator, as programs see it.

    Attributes:
        name: by which it is asked for.
        title: what it is called in full.
        memory: what is said of its memory; the first is what plans are made with.
        bandwidth: what is said of its bandwidth, the smallest figure first.
        formats: in which engines keep weights and caches on it; empty if in all.
        notes: what one should know.
        devices: how many programs see in a package or a node; the figures are those of each.
    """

    name: str
    title: str
    memory: tuple[Memory, ...]
    bandwidth: tuple[Bandwidth, ...] = ()
    formats: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    devices: int = 1

    def lacks(self, format: str) -> bool:
        """Whether weights or caches of a format are converted on it."""
        return bool(self.formats) and format.partition("-")[0] not in self.formats

    @property
    def other_memory(self) -> tuple[Memory, ...]:
        """What disagrees with the first figure, or is of the package."""
        first = self.memory[0].size
        return tuple(each for each in self.memory if 100 * abs(each.size - first) > _AGREE * first)

    def as_json(self) -> Mapping[str, Any]:
        """The device as ``ctx memory --json`` shows it."""
        from dataclasses import asdict

        return asdict(self)


def get_device(name: str) -> Device:
    """A device by one of the spellings of its name, or by its memory: ``"96GB"``, ``"80GiB"``.

    Raises:
        UsageError: none is known; the hint has the closest names.
    """
    if not isinstance(name, str):
        raise UsageError(f"device must be a str, got {type(name).__name__}")
    if found := _find_device(name):
        return found
    names = [device.name for device in list_devices()]
    raise UsageError(f"unknown device {name!r:.60}", hint=closest_match(_key(name), names) or _HINT)


def _find_device(name: str) -> Device | None:
    key = _key(name)
    for pattern, device in _rows():
        if re.fullmatch(pattern, key):
            return device
    return _of_size(name) if re.fullmatch(r"[\d.]+-?[kmgt]?i?b", key) else None


def _key(name: str) -> str:
    """What patterns of the table match: "NVIDIA A100-PCIE-40GB" as "a100-40gb-pcie"."""
    key = re.sub(r"[\s_]+", "-", name.strip().lower())[:_LONGEST]
    key = re.sub(_FORMS, "", re.sub(_VENDORS, "", key))
    return re.sub(r"-pcie(-\d+gb?)$", r"\1-pcie", key)


def list_devices() -> tuple[Device, ...]:
    """The devices that are known."""
    return tuple(device for _, device in _rows())


def parse_device(text: str, name: str = "--device") -> tuple[Device, int | None]:
    """A device and how many of it: ``"h100:8"``, ``"8xH100"``; None if only the device is named.

    Raises:
        UsageError: the device is unknown, or the number is none.
    """
    if not isinstance(text, str):
        raise UsageError(f"device must be a str, got {type(text).__name__}")
    device, colon, number = (each.strip() for each in text.rpartition(":"))
    if colon:
        if not re.fullmatch(r"[0-9]{1,7}", number) or not 1 <= int(number) <= MAX_DEVICES:
            raise UsageError(
                f"{name} {text!r:.60}: the number of devices must be from 1 to {MAX_DEVICES:,}",
                hint="write it after a colon: h100:8",
            )
        return get_device(device), int(number)
    if found := _find_device(text):  # MLU370-X8 is a device, H100x8 eight of them
        return found, None
    for pattern in (_BEFORE, _AFTER):
        match = pattern.fullmatch(text.strip()[:_LONGEST])
        if match and (found := _find_device(match["name"])):
            return parse_device(f"{match['name']}:{match['count']}", name)
    return get_device(text), None


def _of_size(name: str) -> Device:
    size = parse_size(name.replace("-", ""), "device", whole=False)
    if not 0 < size <= MAX_MEMORY:
        raise UsageError(f"device {name!r:.60} must have from 1 byte to {MAX_MEMORY:,}")
    return Device(
        name.strip(), f"a device of {name.strip()}", (Memory(size, "given", "given", ""),)
    )


@cache
def _rows() -> tuple[tuple[str, Device], ...]:
    file = Table(read_toml(_FILE), str(_FILE))
    found: dict[str, Device] = {}
    patterns = []
    for row in file.tables("devices"):
        device = _several(row, found[row.values["of"]]) if "of" in row.values else _read(row)
        found[device.name] = device
        patterns.append(row.values["match"])
    return tuple(zip(patterns, found.values(), strict=True))


def _several(row: Table, one: Device) -> Device:
    """A package or a node of a device that was read before."""
    values = row.values
    memory = tuple(each for each in one.memory if each.kind != "package")
    return replace(
        one,
        name=values["name"],
        title=values["title"],
        memory=memory,
        devices=values["devices"],
        notes=(),
    )


def _read(row: Table) -> Device:
    values = row.values
    try:
        memory = [
            Memory(each["bytes"], each["kind"], _basis(each), each["source"])
            for each in values["memory"]
        ]
        bandwidth = [
            Bandwidth(each["gb_per_s"], _basis(each), each["source"])
            for each in values.get("bandwidth", ())
        ]
        return Device(
            values["name"],
            values["title"],
            tuple(memory),
            tuple(sorted(bandwidth, key=lambda each: each.gb_per_s)),
            tuple(values.get("formats", ())),
            tuple(values.get("notes", ())),
        )
    except (KeyError, StopIteration) as error:
        raise ConfigError(f"{row.file}: {values.get('name')}: {error!r}") from error


def _basis(values: Mapping[str, Any]) -> Basis:
    return next(each for each in BASES if each == values["basis"])
