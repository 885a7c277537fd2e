"""What ``ctx memory`` knows: the tables of ``--devices`` and ``--models``."""

from collections.abc import Iterable

from ctxtools.cli.output.console import console, draw_rows
from ctxtools.cli.output.reports.memory import GB, gigabytes
from ctxtools.memory import Architecture, Device
from ctxtools.memory.architectures import lookup_name


def print_devices(devices: Iterable[Device], color: str) -> None:
    """The devices that are known, with all that is said of their memory."""
    rows = [
        [
            each.name,
            " or ".join(dict.fromkeys(f"{memory.size / GB:.4g}" for memory in each.memory)),
            " or ".join(dict.fromkeys(f"{one.gb_per_s:,.4g}" for one in each.bandwidth)) or "?",
            "; ".join(dict.fromkeys(memory.basis for memory in each.memory)),
            each.title,
        ]
        for each in devices
    ]
    headings = ["Device", "GB", "GB/s", "Known by", "What it is"]
    draw_rows(console(color), headings, rows, left=["Device", "Known by", "What it is"])


def print_models(models: Iterable[Architecture], color: str) -> None:
    """The models whose layers are known, with what they take."""
    rows = [
        [
            lookup_name(each.name),
            f"{each.parameters.total / 10**9:,.4g}" if each.parameters else "?",
            f"{float(each.bytes_per_token(_stored(each))):,.0f}",
            gigabytes(each.bytes_per_sequence(_stored(each))),
            each.basis,
            each.name,
        ]
        for each in models
    ]
    headings = ["Model", "10⁹ weights", "Bytes a token", "GB a sequence", "Known by", "Name"]
    draw_rows(console(color), headings, rows, left=["Model", "Known by", "Name"])


def _stored(architecture: Architecture) -> str:
    """The format in which engines store the caches of a model by default."""
    return "fp8_ds_mla" if architecture.is_packed else "bf16"
