"""What ``ctx memory`` knows: the tables of ``--devices`` and ``--models``."""

from collections.abc import Iterable

from ctxtools.cli.output.console import draw_rows, row_console
from ctxtools.cli.output.reports.memory import GB, GIB, basis_in_words, gigabytes
from ctxtools.memory import Architecture, Device
from ctxtools.memory.architectures import lookup_name


def print_devices(devices: Iterable[Device], color: str) -> None:
    """The devices that are known, with all that is said of their memory."""
    rows = [
        [
            each.name,
            f"{f'{each.devices} × ' if each.devices > 1 else ''}{each.memory[0].size / GB:.4g}",
            f"{each.memory[0].size / GIB:.4g}",
            basis_in_words(each.memory[0].basis),
            " or ".join(
                dict.fromkeys(
                    f"{memory.size / GB:.4g} ({memory.kind})" for memory in each.memory[1:]
                )
            ),
            " or ".join(dict.fromkeys(f"{one.gb_per_s:,.4g}" for one in each.bandwidth)) or "?",
            each.title,
        ]
        for each in devices
    ]
    headings = ["Device", "GB", "GiB", "Basis", "Or, in GB", "GB/s", "What it is"]
    left = ["Device", "Basis", "Or, in GB", "What it is"]
    draw_rows(row_console(color), headings, rows, left=left)


def print_models(models: Iterable[Architecture], color: str) -> None:
    """The models whose layers are known, with what they take."""
    rows = [
        [
            lookup_name(each.name),
            f"{each.parameters.total / 10**9:,.4g}" if each.parameters else "?",
            f"{float(each.bytes_per_token()):,.0f}",
            gigabytes(each.bytes_per_sequence()),
            basis_in_words(each.basis),
            each.name,
        ]
        for each in models
    ]
    headings = ["Model", "10⁹ weights", "Bytes a token", "GB a sequence", "Basis", "Name"]
    draw_rows(row_console(color), headings, rows, left=["Model", "Basis", "Name"])
