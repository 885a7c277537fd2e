"""A plan: what takes how much memory on each device, how that is known, and what fits."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from ctxtools.errors import UsageError
from ctxtools.memory.architecture import Architecture, Basis
from ctxtools.memory.caches import Caches
from ctxtools.memory.devices import Device
from ctxtools.memory.planning.engines import Engine
from ctxtools.models import Interval

Use = Literal[
    "memory", "budget", "weights", "overhead", "available",
    "tokens", "sequences", "in flight", "needed",
]  # fmt: skip
"""What a term is: the device's memory; what the engine may use of it; weights and overhead, which
are taken off; what is available to caches then; caches of tokens, of sequences and of tokens in
flight, which are needed together."""


@dataclass(frozen=True, slots=True)
class Term:
    """Bytes on each device.

    Attributes:
        use: what they are.
        interval: bytes; low equals high where the number follows from the figures alone. What is
            available may be negative.
        formula: how they come about, in words.
        basis: how the figures are known.
        source: where they are from; "" if they follow from other terms.
    """

    use: Use
    interval: Interval
    formula: str
    basis: Basis
    source: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """What would be if something were otherwise.

    Attributes:
        condition: what, in words.
        fits: as in `MemoryPlan`.
        max_context: likewise.
        max_sequences: likewise.
    """

    condition: str
    fits: bool | None
    max_context: Interval | None
    max_sequences: Interval | None


@dataclass(frozen=True, slots=True, repr=False)
class MemoryPlan:
    """Whether sequences of a length fit, and what takes the memory.

    Attributes:
        model: as it was asked for.
        architecture: its layers and weights.
        device: the accelerator.
        devices: how many of it, as programs see them: a node of eight is eight.
        engine: whose defaults and pages were taken.
        context: tokens of each sequence.
        sequences: how many at once.
        tensor_parallel: devices that share each layer.
        data_parallel: groups of devices, each with sequences of its own.
        decode_context_parallel: devices of a group that share the tokens of a cache.
        kv_dtype: the format of keys and values.
        indexer_dtype: the format of indexers' keys.
        block_size: tokens of a page, before hybrids enlarge it.
        in_flight_tokens: that windows keep in addition.
        caches: what each kind of layers keeps on a device.
        terms: bytes on each device.
        fits: whether it fits; None if the interval of what is available does not say.
        max_context: tokens that each of ``sequences`` can have, by memory alone; low is certain,
            high possible. None if memory does not limit them.
        max_sequences: how many of ``context`` tokens there can be; None likewise.
        alternatives: other readings of the device, and other ways to use it.
        notes: what one should know, and what is not modelled.
    """

    model: str
    architecture: Architecture
    device: Device
    devices: int
    engine: Engine
    context: int
    sequences: int
    tensor_parallel: int
    data_parallel: int
    decode_context_parallel: int
    kv_dtype: str
    indexer_dtype: str
    block_size: int
    in_flight_tokens: int
    caches: Caches
    terms: tuple[Term, ...]
    fits: bool | None
    max_context: Interval | None
    max_sequences: Interval | None
    alternatives: tuple[Alternative, ...]
    notes: tuple[str, ...]

    def term(self, use: Use) -> Term:
        """The term of a use.

        Raises:
            UsageError: the plan has none of it: what grows with windows, or a device's memory
                where the memory for caches was given.
        """
        for each in self.terms:
            if each.use == use:
                return each
        raise UsageError(
            f"the plan has no term {use!r:.60}",
            hint=f"it has {', '.join(each.use for each in self.terms)}",
        )

    @property
    def bytes_per_token(self) -> Fraction:
        """Bytes of caches on each device for each further token of a long sequence.

        What does not grow (windows, states) is not in it, nor what pages are rounded up by.
        """
        return self.caches.per_token

    @property
    def bytes_per_sequence(self) -> Fraction:
        """Bytes of full windows and of states on each device, for each sequence.

        In vLLM a state is padded to a page; `Architecture.bytes_per_sequence` is without that.
        """
        return self.caches.per_sequence

    @property
    def bytes_per_in_flight_token(self) -> Fraction:
        """Bytes of windows on each device for each token that is scheduled and not yet settled."""
        return self.caches.per_in_flight_token

    @property
    def needed(self) -> int:
        """Bytes of caches on each device, without what groups of layers may take in addition."""
        return self.term("needed").interval.typical

    @property
    def weights(self) -> Interval:
        """Bytes of weights on each device.

        Raises:
            UsageError: the memory for caches was given, and weights are not in the plan.
        """
        return self.term("weights").interval

    @property
    def available(self) -> Interval:
        """Bytes on each device that are left for caches; negative where the weights do not fit."""
        return self.term("available").interval

    @property
    def verdict(self) -> str:
        """The answer in words: "fits", "does not fit" or "may fit"."""
        return verdict_of(self.fits)

    def as_json(self) -> dict[str, Any]:
        """The plan as ``ctx memory --json`` shows it: bytes are those of each device."""
        from dataclasses import asdict

        return {
            "fits": self.fits,
            "model": self.model,
            "context": self.context,
            "sequences": self.sequences,
            "max_context": _ends(self.max_context),
            "max_sequences": _ends(self.max_sequences),
            "expected_context": self.max_context.typical if self.max_context else None,
            "expected_sequences": self.max_sequences.typical if self.max_sequences else None,
            "needed": _ends(self.term("needed").interval),
            "available": _ends(self.available),
            "engine": self.engine,
            "devices": self.devices,
            "tensor_parallel": self.tensor_parallel,
            "data_parallel": self.data_parallel,
            "decode_context_parallel": self.decode_context_parallel,
            "kv_dtype": self.kv_dtype,
            "indexer_dtype": self.indexer_dtype,
            "block_size": self.block_size,
            "in_flight_tokens": self.in_flight_tokens,
            "terms": [
                {
                    "use": each.use,
                    "bytes": each.interval.typical,
                    "interval": _ends(each.interval),
                    "formula": each.formula,
                    "basis": each.basis,
                    "source": each.source,
                }
                for each in self.terms
            ],
            "caches": {
                "bytes_per_token": float(self.caches.per_token),
                "bytes_per_sequence": float(self.caches.per_sequence),
                "bytes_per_in_flight_token": float(self.caches.per_in_flight_token),
                "parts": [
                    asdict(each) | {"per_token": float(each.per_token)} for each in self.caches.all
                ],
            },
            "alternatives": [
                {
                    "condition": each.condition,
                    "fits": each.fits,
                    "max_context": _ends(each.max_context),
                    "max_sequences": _ends(each.max_sequences),
                }
                for each in self.alternatives
            ],
            "device": self.device.as_json(),
            "architecture": self.architecture.as_json(),
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        return (
            f"<MemoryPlan: {self.model} on {self.devices} × {self.device.name}, "
            f"{self.sequences:,} × {self.context:,} tokens: {self.verdict}>"
        )


def verdict_of(fits: bool | None) -> str:
    """An answer in words."""
    return "may fit" if fits is None else ("fits" if fits else "does not fit")


def _ends(interval: Interval | None) -> list[int] | None:
    return None if interval is None else [interval.low, interval.high]
