"""What a plan is asked for, and what it needs with so many devices in a group."""

from fractions import Fraction
from typing import NamedTuple

from ctxtools.memory.architecture import Architecture
from ctxtools.memory.caches import Caches, caches_of
from ctxtools.memory.layers import Attention, Compressed, Linear
from ctxtools.memory.planning.engines import Defaults, Engine, storage_of
from ctxtools.memory.planning.plan import Term
from ctxtools.memory.planning.weights import weights_of_device

MAX_CONTEXT = 1 << 40
"""Tokens, and sequences: a plan for more is none."""

# Engines put layers of several kinds into groups of equal pages. What vLLM printed of DeepSeek V4
# Flash (issues 44376 and 51041) is 16 to 33 % more for windows and states than they have, if 8,192
# tokens were in flight in one of the logs, and 16,384 in the others.
_GROUPED = Fraction(1, 3)


class Setting(NamedTuple):
    """What was asked for, whatever the devices.

    Attributes:
        architecture: the model.
        engine: whose pages are taken.
        context: tokens of each sequence.
        sequences: of all groups.
        kv_dtype: the format of keys and values.
        indexer_dtype: the format of indexers' keys.
        dtype: of all weights; None as published.
        measured: bytes of all weights, and how they are known; None if they are computed.
        overhead: bytes on each device; None for an interval.
        split: devices over which the tokens of a cache are distributed.
        expert_parallel: whether whole experts are distributed.
        converts: whether the engine may have to convert the published weights to int8.
        defaults: of the engine, or what was given instead.
    """

    architecture: Architecture
    engine: Engine
    context: int
    sequences: int
    kv_dtype: str
    indexer_dtype: str
    dtype: str | None
    measured: tuple[int, str] | None
    overhead: int | None
    split: int
    expert_parallel: bool
    converts: bool
    defaults: Defaults

    def request(self, tensor: int, groups: int) -> "Request":
        """The same for groups of some devices.

        Raises:
            UsageError: the weights are unknown, or the caches are not stored in such a format.
        """
        weights = weights_of_device(
            self.architecture,
            dtype=self.dtype,
            measured=self.measured,
            tensor_parallel=tensor,
            data_parallel=groups,
            expert_parallel=self.expert_parallel,
            converts=self.converts and self.dtype is None,
        )
        block = self.defaults.block_size
        storage = storage_of(self.engine, self.kv_dtype, self.indexer_dtype, tensor, block)
        return Request(
            self.architecture,
            self.context,
            self.sequences,
            caches_of(self.architecture.layers, storage),
            weights,
            self.overhead,
            self.split,
            groups,
            self.defaults,
        )


class Request(NamedTuple):
    """What was asked for, with every default filled in.

    Attributes:
        architecture: the model.
        context: tokens of each sequence.
        sequences: of all groups.
        caches: on each device.
        weights: on each device.
        overhead: bytes on each device; None for an interval.
        split: devices over which the tokens of a cache are distributed.
        groups: of data parallelism.
        defaults: of the engine, or what was given instead.
    """

    architecture: Architecture
    context: int
    sequences: int
    caches: Caches
    weights: Term
    overhead: int | None
    split: int
    groups: int
    defaults: Defaults

    @property
    def of_group(self) -> int:
        """Sequences of the fullest group."""
        return -(-self.sequences // self.groups)

    @property
    def is_grouped(self) -> bool:
        """Whether engines put layers of several kinds into groups that do not fill up."""
        layers = self.architecture.layers
        if any(isinstance(each, Linear | Compressed) for each in layers):
            return True
        attention = [each for each in layers if isinstance(each, Attention)]
        fewest = min((each.count for each in attention), default=1)
        has_windows = any(each.window for each in attention)
        return has_windows and any(each.count % fewest for each in attention)

    def needed(self, context: int, sequences: int) -> int:
        """Bytes of caches on a device of a group that has so many sequences."""
        in_flight = self.defaults.in_flight_tokens
        return self.caches.bytes_for(context, sequences, in_flight, self.split)

    def needed_at_most(self, context: int, sequences: int) -> int:
        """The same, with what groups may take in addition."""
        needed = self.needed(context, sequences)
        if not self.is_grouped:
            return needed
        others = needed - self.caches.bytes_of_tokens(context, sequences, self.split)
        return needed + -(-others * _GROUPED.numerator // _GROUPED.denominator)
