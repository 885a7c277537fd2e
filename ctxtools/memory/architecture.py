"""What is known of a model's memory: its layers, its parameters, and how each is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, get_args

from ctxtools.memory.formats import WEIGHT_BYTES
from ctxtools.memory.layers import Compressed, Indexer, Latent, Layers

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
    """

    total: int
    active: int
    routed: int = 0
    embedding: int = 0
    replicated: int = 0
    experts: int = 0

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
        return -(-exact.numerator // exact.denominator)


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
    def is_packed(self) -> bool:
        """Whether engines store the caches in a packed format of their own by default."""
        return self.is_sparse or any(isinstance(each, Compressed) for each in self.layers)

    def bytes_per_token(self, kv_dtype: str = "bf16", indexer_dtype: str = "fp8") -> Fraction:
        """Bytes of cache for each further token of a long sequence, on one device that has all.

        Windows and states do not grow, and are not in it; nor is what pages are rounded up by.

        Raises:
            UsageError: a format is unknown.
        """
        from ctxtools.memory.caches import all_caches

        return all_caches(self.layers, kv_dtype, indexer_dtype).per_token

    def bytes_per_sequence(self, kv_dtype: str = "bf16", indexer_dtype: str = "fp8") -> int:
        """Bytes of windows that are full and of states, for each sequence.

        Raises:
            UsageError: a format is unknown.
        """
        from ctxtools.memory.caches import all_caches

        exact = all_caches(self.layers, kv_dtype, indexer_dtype).per_sequence
        return -(-exact.numerator // exact.denominator)

    def bytes_per_in_flight_token(
        self, kv_dtype: str = "bf16", indexer_dtype: str = "fp8"
    ) -> Fraction:
        """Bytes that windows take for each token that is scheduled and not yet settled.

        Raises:
            UsageError: a format is unknown.
        """
        from ctxtools.memory.caches import all_caches

        return all_caches(self.layers, kv_dtype, indexer_dtype).per_in_flight_token

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
