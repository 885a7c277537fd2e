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

_MORE = Fraction(2, 100)  # what an engine holds more than a checkpoint has: buffers, biases

# vLLM enlarges experts in MXFP4 to multiples of what its kernels read: 2,880 × 2,880 of gpt-oss to
# 3,072 × 2,944. So the 120B takes 65.97 GiB (issue 23278, 2025-08) where its checkpoint has 60.6,
# and the 20B 13.72 (published logs).
_INPUT_MULTIPLE, _WIDTH_MULTIPLE = 256, 128
_NONE = Fraction(1)  # no padding


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
        return _term(size, f"{measured[1]}, over {tensor_parallel}", "computed", "")
    devices = tensor_parallel * data_parallel
    sizes = _Sizes(parameters, tensor_parallel, data_parallel, expert_parallel)
    exact = sizes.of_device(routed_format, dense_format)
    is_padded = routed_format == "mxfp4" and not converts
    padded = sizes.of_device(routed_format, dense_format, sizes.padding) if is_padded else exact
    basis, source = architecture.basis, architecture.source
    if measured is not None:
        ratio = Fraction(measured[0], parameters.size(routed_format, dense_format))
        exact, padded = exact * ratio, padded * ratio
        formula, source = measured[1], ""
        basis = "given" if formula == "as given" else "computed"
    else:
        formula = f"{_billions(parameters.total)} weights"
        names = (routed_format, dense_format) if parameters.routed else (dense_format,)
        formula += f" in {' and '.join(dict.fromkeys(names))}"
    if devices > 1:
        formula += f", over {devices} devices"
        formula += f" in {data_parallel} groups" if data_parallel > 1 else ""
    if padded > exact:
        formula += "; kernels may enlarge the experts"
    term = _term(exact, formula, basis, source, padded)
    if not converts:
        return term
    converted = _term(sizes.of_device("int8", "int8"), "", basis, "").interval
    low, typical, high = term.interval.low, term.interval.typical, term.interval.high
    interval = Interval(low, typical, max(high, converted.high))
    return replace(term, interval=interval, formula=f"{formula}; or in int8")


class _Sizes(NamedTuple):
    """How weights are distributed."""

    parameters: Parameters
    tensor_parallel: int
    data_parallel: int
    expert_parallel: bool

    @property
    def devices(self) -> int:
        return self.tensor_parallel * self.data_parallel

    @property
    def padding(self) -> Fraction:
        """By what factor experts in MXFP4 are larger on a device, whose share of each is padded."""
        counts = self.parameters
        if not counts.expert_input or not counts.expert_width:
            return Fraction(1)
        parts = 1 if self.expert_parallel else self.devices
        width = _rounded_up(math.ceil(counts.expert_width / parts), _WIDTH_MULTIPLE) * parts
        longer = Fraction(_rounded_up(counts.expert_input, _INPUT_MULTIPLE), counts.expert_input)
        return longer * Fraction(width, counts.expert_width)

    def of_device(
        self, routed_format: str, dense_format: str, padding: Fraction = _NONE
    ) -> Fraction:
        """Bytes on each device, the fullest one with expert parallelism."""
        counts, devices = self.parameters, self.devices
        routed = counts.routed * WEIGHT_BYTES[routed_format] * padding / devices
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


def _rounded_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple


def _term(
    size: Fraction, formula: str, basis: Basis, source: str, padded: Fraction | None = None
) -> Term:
    padded = size if padded is None else padded
    low, typical, high = map(math.ceil, (size, padded, padded * (1 + _MORE)))
    return Term("weights", Interval(low, typical, high), formula, basis, source)
