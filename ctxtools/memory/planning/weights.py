"""How many bytes of weights each device holds."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from ctxtools.errors import UsageError
from ctxtools.memory.architecture import Architecture, Basis, Parameters
from ctxtools.memory.formats import WEIGHT_BYTES
from ctxtools.memory.planning.plan import Term
from ctxtools.models import Interval

# What an engine holds more than a checkpoint has: buffers and, of experts in MXFP4, padding.
# gpt-oss-120b takes 65.97 GiB in vLLM (issue 23278, 2025-08), and its checkpoint 60.6.
_MORE = Fraction(2, 100)
_MORE_OF_MXFP4 = Fraction(9, 100)


def weights_of_device(
    architecture: Architecture,
    *,
    dtype: str | None = None,
    measured: tuple[int, str] | None = None,
    tensor_parallel: int = 1,
    data_parallel: int = 1,
    expert_parallel: bool = False,
    converts: bool = False,
) -> Term:
    """The weights that each device holds.

    Tensor parallelism splits every layer, with few exceptions; experts are split, or distributed,
    over all devices; of the rest each group of data parallelism has a copy.

    Args:
        architecture: the model.
        dtype: the format of all weights but embedding and output layer; None as published.
        measured: bytes of all weights, and how they are known.
        tensor_parallel: devices of a group.
        data_parallel: groups.
        expert_parallel: whole experts are distributed, not parts of each.
        converts: an engine may have to convert what was published to int8: the interval's high.

    Raises:
        UsageError: the weights are unknown.
    """
    parameters = architecture.parameters
    routed_format = dtype or architecture.routed_format
    dense_format = dtype or architecture.dense_format
    if measured is None and architecture.weight_bytes is not None and dtype is None:
        measured = (architecture.weight_bytes, "the files of the folder")
    if parameters is None:
        if measured is None:
            raise UsageError(
                f"the number of weights of {architecture.name} is unknown",
                hint="give weights, in bytes or as the path of the model's files",
            )
        size = Fraction(measured[0], tensor_parallel)
        return _term(size, _MORE, f"{measured[1]}, over {tensor_parallel}", "computed", "")
    devices = tensor_parallel * data_parallel
    sizes = _Sizes(parameters, tensor_parallel, data_parallel, expert_parallel)
    exact = sizes.of_device(routed_format, dense_format)
    basis, source = architecture.basis, architecture.source
    if measured is not None:
        exact *= Fraction(measured[0], parameters.size(routed_format, dense_format))
        formula, source = measured[1], ""
        basis = "given" if formula == "as given" else "computed"
    else:
        formula = f"{_billions(parameters.total)} weights"
        names = (routed_format, dense_format) if parameters.routed else (dense_format,)
        formula += f" in {' and '.join(dict.fromkeys(names))}"
    if devices > 1:
        formula += f", over {devices} devices"
        formula += f" in {data_parallel} groups" if data_parallel > 1 else ""
    is_padded = routed_format == "mxfp4" and parameters.routed > 0
    term = _term(exact, _MORE_OF_MXFP4 if is_padded else _MORE, formula, basis, source)
    if not converts:
        return term
    converted = _term(sizes.of_device("int8", "int8"), _MORE, "", basis, "").interval
    low, typical, high = term.interval.low, term.interval.typical, term.interval.high
    interval = Interval(low, typical, max(high, converted.high))
    return replace(term, interval=interval, formula=f"{formula}; or in int8")


class _Sizes(NamedTuple):
    """How weights are distributed."""

    parameters: Parameters
    tensor_parallel: int
    data_parallel: int
    expert_parallel: bool

    def of_device(self, routed_format: str, dense_format: str) -> Fraction:
        """Bytes on each device, the fullest one with expert parallelism."""
        counts, devices = self.parameters, self.tensor_parallel * self.data_parallel
        routed = counts.routed * WEIGHT_BYTES[routed_format] / devices
        if self.expert_parallel and counts.experts:
            routed *= Fraction(-(-counts.experts // devices) * devices, counts.experts)
        split = (counts.dense - counts.replicated) * WEIGHT_BYTES[dense_format]
        split += counts.embedding * WEIGHT_BYTES["bf16"]
        whole = counts.replicated * WEIGHT_BYTES[dense_format]
        return routed + split / self.tensor_parallel + whole


def _billions(number: int) -> str:
    return (
        f"{number / 10**9:,.3g} billion" if number < 10**12 else f"{number / 10**12:.3g} trillion"
    )


def _term(size: Fraction, more: Fraction, formula: str, basis: Basis, source: str) -> Term:
    held, high = math.ceil(size), math.ceil(size * (1 + more))
    return Term("weights", Interval(held, held, high), formula, basis, source)
