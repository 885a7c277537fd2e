"""The kinds of layers that keep something of what they have read, with the figures of each.

What a layer keeps is bytes for each token, at most a window of them, or a state of constant size
for each sequence. `ctxtools.memory.caches` has the arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Attention:
    """Keys and values of each head: multi-head and grouped-query attention.

    Attributes:
        count: how many such layers there are.
        kv_heads: heads of keys and values.
        key_dim: elements of a key.
        value_dim: elements of a value.
        window: tokens that are kept; None if all are.
        chunked: the window is a chunk that attention does not leave (Llama 4).
    """

    count: int
    kv_heads: int
    key_dim: int
    value_dim: int
    window: int | None = None
    chunked: bool = False


@dataclass(frozen=True, slots=True)
class Latent:
    """One latent of a token for all heads: multi-head latent attention (MLA).

    Attributes:
        count: how many such layers there are.
        rank: elements of the latent.
        rope_dim: elements of the rotary key beside it.
    """

    count: int
    rank: int
    rope_dim: int


@dataclass(frozen=True, slots=True)
class Indexer:
    """A small key of each token, by which sparse attention chooses tokens.

    Attributes:
        count: how many layers own one.
        dim: elements of the key.
        plain: it is stored as other keys are, in a format without scales (MiniMax M3).
    """

    count: int
    dim: int
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Compressed:
    """One entry for several tokens, and a window of tokens as they are: DeepSeek V4.

    While an entry is made, the compressor keeps a state of the tokens that go into it.

    Attributes:
        count: how many such layers there are.
        ratio: tokens of an entry; 0 if the layer has its window only.
        head_dim: elements of an entry.
        rope_dim: those of them that are the rotary part.
        window: tokens that are kept as they are.
        index_dim: elements of the indexer's key for each entry; 0 without indexer.
    """

    count: int
    ratio: int
    head_dim: int
    rope_dim: int
    window: int
    index_dim: int = 0


@dataclass(frozen=True, slots=True)
class Linear:
    """A state of constant size: gated delta networks, KDA, lightning attention, Mamba 2.

    Attributes:
        count: how many such layers there are.
        key_heads: heads of keys and queries (Mamba 2: groups).
        key_dim: elements of a key (Mamba 2: the state size).
        value_heads: heads of values, each with a state of key_dim × value_dim.
        value_dim: elements of a value.
        kernel: tokens that a convolution over queries, keys and values spans; 1 without one.
    """

    count: int
    key_heads: int
    key_dim: int
    value_heads: int
    value_dim: int
    kernel: int = 1


@dataclass(frozen=True, slots=True)
class Stated:
    """A cache of which only the total is published.

    Attributes:
        count: always 1.
        bytes_per_token: as published.
    """

    count: int
    bytes_per_token: int


Layers = Attention | Latent | Indexer | Compressed | Linear | Stated
"""Some layers of one kind with the same figures."""

KINDS: Mapping[str, type[Layers]] = {
    "attention": Attention,
    "latent": Latent,
    "indexer": Indexer,
    "compressed": Compressed,
    "linear": Linear,
    "stated": Stated,
}
"""What ``kind`` in architectures.toml means."""


def kind_of(layers: Layers) -> str:
    """The name of a kind, as in architectures.toml."""
    return next(name for name, kind in KINDS.items() if isinstance(layers, kind))


def as_dict(layers: Layers) -> dict[str, Any]:
    """The figures by name, without those that are at their default."""
    facts: dict[str, Any] = {"kind": kind_of(layers)}
    for field in fields(layers):
        if (value := getattr(layers, field.name)) != field.default:
            facts[field.name] = value
    return facts
