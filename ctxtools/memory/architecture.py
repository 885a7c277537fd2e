"""What is known of a model's memory: its layers, its parameters, and how each is known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, get_args

from ctxtools.memory.formats import WEIGHT_BYTES, indexer_format, kv_format
from ctxtools.memory.layers import Compressed, Indexer, Latent, Layers

if TYPE_CHECKING:
    from ctxtools.memory.caches import Caches

Basis = Literal[
    "computed", "reference", "source", "documented", "measured", "memory", "estimated", "given"
]  # fmt: skip
"""How a figure is known, the surest first:

- computed: from the model's own files.
- reference: by running the vendor's code.
- source: read in the model's published configuration, or in an engine's code.
- documented: in the vendor's documentation.
- measured: by somebody else, in a published log.
- memory: nobody has checked it.
- estimated: an interval that follows from other figures.
- given: by the user.
"""
BASES: tuple[Basis, ...] = get_args(Basis)


@dataclass(frozen=True, slots=True)
class Parameters:
    """How many weights there are, by what becomes of them.

    Attributes:
        total: all of them, without the layers that predict several tokens (MTP).
        active: those that a token passes, the embedding included.
        routed: those in routed experts, which expert parallelism distributes.
        embedding: those in embedding and output layer, which stay in 16 bits as a rule.
        replicated: those that every device has, whatever the tensor parallelism.
        experts: routed experts of a layer; 0 in a dense model.
        expert_input: elements that go into a routed expert; 0 if unknown.
        expert_width: elements of its inner layer; 0 if unknown.
    """

    total: int
    active: int
    routed: int = 0
    embedding: int = 0
    replicated: int = 0
    experts: int = 0
    expert_input: int = 0
    expert_width: int = 0

    @property
    def dense(self) -> int:
        """Those outside of routed experts and embedding."""
        return self.total - self.routed - self.embedding

    def size(self, routed: str, dense: str, embedding: str = "bf16") -> int:
        """Bytes of all weights in formats of `WEIGHT_BYTES`, rounded up."""
        exact = (
            self.routed * WEIGHT_BYTES[routed]
            + self.dense * WEIGHT_BYTES[dense]
            + self.embedding * WEIGHT_BYTES[embedding]
        )
        return math.ceil(exact)


@dataclass(frozen=True, slots=True)
class Architecture:
    """A model, as far as its memory goes.

    Attributes:
        name: of the model.
        layers: what keeps something of the tokens.
        parameters: None if they are unknown.
        heads: attention heads, which tensor parallelism splits; 0 if unknown.
        context: the model's own limit in tokens; None if unknown.
        routed_format: of the weights of routed experts in the published checkpoint.
        dense_format: of the other weights, embedding and output layer aside.
        weight_bytes: of all weights, where files were measured.
        basis: how the layers are known.
        source: where they are from, with its date.
        notes: what one should know.
    """

    name: str
    layers: tuple[Layers, ...]
    parameters: Parameters | None = None
    heads: int = 0
    context: int | None = None
    routed_format: str = "bf16"
    dense_format: str = "bf16"
    weight_bytes: int | None = None
    basis: Basis = "computed"
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def has_latents(self) -> bool:
        """Whether all heads share one latent (MLA, DeepSeek V4)."""
        return any(isinstance(each, Latent | Compressed) for each in self.layers)

    @property
    def is_sparse(self) -> bool:
        """Whether latents come with an indexer (DeepSeek Sparse Attention)."""
        kinds = {type(each) for each in self.layers}
        return {Latent, Indexer} <= kinds

    @property
    def is_compressed(self) -> bool:
        """Whether entries stand for several tokens (DeepSeek V4)."""
        return any(isinstance(each, Compressed) for each in self.layers)

    @property
    def is_packed(self) -> bool:
        """Whether engines store the caches in a packed format of their own by default."""
        return self.is_sparse or self.is_compressed

    def cache_formats(
        self, kv_dtype: str | None = None, indexer_dtype: str | None = None, *, has_fp8: bool = True
    ) -> tuple[str, str]:
        """The formats in which engines store keys and values, and the keys of indexers.

        Args:
            kv_dtype: of keys and values, as engines are told it; None or "auto" for the default,
                which is bf16, and fp8_ds_mla where caches are packed. FP8 of sparse attention is
                always that format.
            indexer_dtype: of indexers' keys; None for fp8, beside V4's entries in bf16 for bf16.
            has_fp8: whether the device keeps FP8.

        Raises:
            UsageError: a format is unknown.
        """
        if kv_dtype is None or kv_dtype == "auto":
            kv: str = "fp8_ds_mla" if self.is_packed and has_fp8 else "bf16"
        else:
            kv = kv_format(kv_dtype)
            if self.is_sparse and kv in ("fp8", "nvfp4"):
                kv += "_ds_mla"
        if indexer_dtype is not None:
            return kv, indexer_format(indexer_dtype)
        is_plain = kv == "bf16" and (self.is_compressed or not has_fp8)
        return kv, "bf16" if is_plain else "fp8"

    def caches(self, kv_dtype: str | None = None, indexer_dtype: str | None = None) -> "Caches":
        """What all layers keep, on one device that has all heads, in pages of one token.

        Raises:
            UsageError: a format is unknown, or not how these layers store anything.
        """
        from ctxtools.memory.caches import Storage, caches_of

        return caches_of(self.layers, Storage(*self.cache_formats(kv_dtype, indexer_dtype)))

    def bytes_per_token(
        self, kv_dtype: str | None = None, indexer_dtype: str | None = None
    ) -> Fraction:
        """Bytes of cache for each further token of a long sequence, on one device that has all.

        Windows and states do not grow, and are not in it; nor is what pages are rounded up by.
        Formats and errors are those of `cache_formats`.
        """
        return self.caches(kv_dtype, indexer_dtype).per_token

    def bytes_per_sequence(
        self, kv_dtype: str | None = None, indexer_dtype: str | None = None
    ) -> int:
        """Bytes of windows that are full and of states, for each sequence."""
        return math.ceil(self.caches(kv_dtype, indexer_dtype).per_sequence)

    def bytes_per_in_flight_token(
        self, kv_dtype: str | None = None, indexer_dtype: str | None = None
    ) -> Fraction:
        """Bytes that windows take for each token that is scheduled and not yet settled."""
        return self.caches(kv_dtype, indexer_dtype).per_in_flight_token

    def as_json(self) -> Mapping[str, Any]:
        """The architecture as ``ctx memory --json`` shows it."""
        from dataclasses import asdict

        from ctxtools.memory.layers import as_dict

        return {
            "name": self.name,
            "layers": [as_dict(each) for each in self.layers],
            "parameters": asdict(self.parameters) if self.parameters else None,
            "heads": self.heads or None,
            "context": self.context,
            "weights": {"experts": self.routed_format, "others": self.dense_format},
            "basis": self.basis,
            "source": self.source,
        }
