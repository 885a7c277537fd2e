"""What layers keep on one device, in bytes: for a token, for a sequence, for tokens in flight.

A cache grows with each token, or up to a window of them, or is a state of constant size. What grows
is stored in pages of some tokens: a sequence takes whole pages. Formulas and sizes of pages are
those of vLLM 0.33 (kv_cache_interface.py, models/deepseek_v4/, mamba_utils.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from ctxtools.memory.formats import (
    element_bytes,
    entry_bytes,
    indexer_bytes,
    latent_bytes,
)
from ctxtools.memory.layers import (
    Attention,
    Compressed,
    Indexer,
    Latent,
    Layers,
    Linear,
    Stated,
)
from ctxtools.units import format_count

Growth = Literal["token", "window", "state"]

_WINDOW_BLOCK = 64  # tokens, of DeepSeek V4's windows in vLLM
_STATE_BLOCKS = {4: 4, 128: 8}  # ratio -> tokens in a page of the compressor's states
_PACKED_ALIGNMENT, _ALIGNMENT = 576, 512  # bytes, of DeepSeek V4's pages


@dataclass(frozen=True, slots=True)
class Storage:
    """How caches are stored on a device.

    Attributes:
        kv_dtype: the format of keys and values.
        indexer_dtype: the format of indexers' keys.
        tensor_parallel: devices that share the heads.
        block_size: tokens of a page.
        aligned: pages of compressed entries are rounded up to an alignment, as vLLM does.
        spare_page: a window takes a page more, since it may begin inside one, as in vLLM.
        shared_pages: a state takes as much as a page of attention, which is enlarged for that.
    """

    kv_dtype: str = "bf16"
    indexer_dtype: str = "fp8"
    tensor_parallel: int = 1
    block_size: int = 1
    aligned: bool = False
    spare_page: bool = False
    shared_pages: bool = False


@dataclass(frozen=True, slots=True)
class Cache:
    """What the layers of one kind keep on one device.

    Attributes:
        name: what it holds, for people.
        growth: by what it grows.
        per_token: exact bytes of a token, of all layers together; 0 of a state.
        page_tokens: tokens of a page.
        page_bytes: bytes of a page, or of a state, of all layers together.
        window: tokens that are kept, of a window.
        spare_page: whether a sequence's window takes a page more.
        formula: how the bytes come about.
    """

    name: str
    growth: Growth
    per_token: Fraction
    page_tokens: int
    page_bytes: int
    formula: str
    window: int = 0
    spare_page: bool = False

    def bytes_for(self, context: int, sequences: int, in_flight: int, split: int) -> int:
        """Bytes for some sequences of one length.

        Args:
            context: tokens of each sequence.
            sequences: how many there are.
            in_flight: tokens that are scheduled and not yet settled, which windows keep too.
            split: devices over which the tokens are distributed, of a cache that keeps all.
        """
        if self.growth == "state":
            return sequences * self.page_bytes
        if self.growth == "token":
            return sequences * self._pages(-(-context // split)) * self.page_bytes
        extra = int(self.spare_page and context > 0)
        kept = sequences * (self._pages(min(context, self.window)) + extra)
        kept += self._pages(min(in_flight, sequences * context))
        return min(kept, sequences * (self._pages(context) + extra)) * self.page_bytes

    def _pages(self, tokens: int) -> int:
        return -(-tokens // self.page_tokens)


@dataclass(frozen=True, slots=True)
class Caches:
    """All caches of a model on one device."""

    all: tuple[Cache, ...]

    @property
    def per_token(self) -> Fraction:
        """Bytes for each token, as if pages were of one token."""
        return sum((each.per_token for each in self._of("token")), Fraction(0))

    @property
    def per_sequence(self) -> Fraction:
        """Bytes of full windows and of states, without spare pages."""
        windows = sum((each.per_token * each.window for each in self._of("window")), Fraction(0))
        return windows + sum(each.page_bytes for each in self._of("state"))

    @property
    def per_in_flight_token(self) -> Fraction:
        """Bytes of windows for each token that is scheduled and not yet settled."""
        return sum((each.per_token for each in self._of("window")), Fraction(0))

    def bytes_for(self, context: int, sequences: int, in_flight: int = 0, split: int = 1) -> int:
        """Bytes for some sequences of one length; see `Cache.bytes_for`."""
        return sum(each.bytes_for(context, sequences, in_flight, split) for each in self.all)

    def bytes_of_tokens(self, context: int, sequences: int, split: int = 1) -> int:
        """The part of that which grows with each token."""
        return sum(each.bytes_for(context, sequences, 0, split) for each in self._of("token"))

    def _of(self, growth: Growth) -> Iterator[Cache]:
        return (each for each in self.all if each.growth == growth)


def caches_of(layers: Sequence[Layers], storage: Storage) -> Caches:
    """The caches of some layers on one device.

    Raises:
        UsageError: they are not stored in such a format.
    """
    block = _shared_block(layers, storage) if storage.shared_pages else storage.block_size
    found: list[Cache] = []
    for each in layers:
        match each:
            case Attention():
                found.append(_attention(each, storage, block))
            case Latent():
                found.append(_latent(each, storage, block))
            case Indexer():
                found.append(_indexer(each, storage, block))
            case Compressed():
                found += _compressed(each, storage, block)
            case Linear():
                found.append(_linear(each, storage, _shared_page(layers, storage, block)))
            case Stated():
                text = f"{each.bytes_per_token} bytes, as published"
                found.append(_growing("cache", Fraction(each.bytes_per_token), block, text))
    return Caches(tuple(found))


def heads_of_device(heads: int, tensor_parallel: int) -> int:
    """Heads that each device has: beyond one a head, they are replicated."""
    return max(1, -(-heads // tensor_parallel))


def _attention(layers: Attention, storage: Storage, block: int) -> Cache:
    heads = heads_of_device(layers.kv_heads, storage.tensor_parallel)
    size = element_bytes(storage.kv_dtype)
    layer = heads * (layers.key_dim + layers.value_dim) * size
    formula = (
        f"{_layers(layers.count)} × {heads} {'head' if heads == 1 else 'heads'} × "
        f"({layers.key_dim} + {layers.value_dim}) × {_number(size)} B"
    )
    name = "keys and values"
    if layers.window is None:
        return _growing(name, layer, block, formula, layers.count)
    limit = "chunk" if layers.chunked else "window"
    return _growing(
        f"{name} of a {limit}",
        layer,
        block,
        f"{formula}, at most {format_count(layers.window)} tokens",
        layers.count,
        window=layers.window,
        spare=storage.spare_page and not layers.chunked,
    )


def _latent(layers: Latent, storage: Storage, block: int) -> Cache:
    layer = latent_bytes(layers.rank, layers.rope_dim, storage.kv_dtype)
    formula = f"{_layers(layers.count)} × {_number(layer)} B ({layers.rank} + {layers.rope_dim})"
    return _growing("latents", layer, block, formula, layers.count)


def _indexer(layers: Indexer, storage: Storage, block: int) -> Cache:
    if layers.plain:
        layer = layers.dim * element_bytes(storage.kv_dtype)
    else:
        layer = indexer_bytes(layers.dim, storage.indexer_dtype)
    formula = f"{_layers(layers.count)} × {_number(layer)} B (1 key of {layers.dim})"
    return _growing("indexer keys", layer, block, formula, layers.count)


def _compressed(layers: Compressed, storage: Storage, block: int) -> Iterator[Cache]:
    entry = entry_bytes(layers.head_dim, layers.rope_dim, storage.kv_dtype)
    alignment = 1
    if storage.aligned:
        alignment = _ALIGNMENT if storage.kv_dtype == "bf16" else _PACKED_ALIGNMENT
    count, ratio = layers.count, layers.ratio

    def cache(
        name: str, size: Fraction, formula: str, page: int, every: int = 1, window: int = 0
    ) -> Cache:
        return _growing(
            name,
            size / every,
            page,
            f"{_layers(count)} × {formula}",
            count,
            page_bytes=_rounded_up(-(-page // every) * size, alignment),
            window=window or None,
            spare=storage.spare_page,
        )

    if ratio:
        each = f"1 in {ratio} tokens"
        yield cache("compressed entries", entry, f"{_number(entry)} B, {each}", block, ratio)
    if ratio and layers.index_dim:
        key = indexer_bytes(layers.index_dim, storage.indexer_dtype)
        yield cache("indexer keys of entries", key, f"{_number(key)} B, {each}", block, ratio)
    page = _WINDOW_BLOCK if storage.aligned else 1
    formula = f"{_number(entry)} B, at most {layers.window} tokens"
    yield cache("window", entry, formula, page, window=layers.window)
    if not ratio:
        return
    # Entries overlap where they are small: each is made from twice its tokens, with two gates.
    overlap = 2 if ratio == 4 else 1
    page = _STATE_BLOCKS.get(ratio, 1) if storage.aligned else 1
    for name, dim in (("compressor", layers.head_dim), ("indexer compressor", layers.index_dim)):
        if dim:
            size = Fraction(2 * overlap * dim * 4)
            tokens = overlap * ratio
            formula = f"{_number(size)} B (fp32), at most {tokens} tokens"
            yield cache(f"state of the {name}", size, formula, page, window=tokens)


def _linear(layers: Linear, storage: Storage, page: int | None) -> Cache:
    size = _state_bytes(layers, storage)
    keys, values = (
        heads_of_device(heads, storage.tensor_parallel)
        for heads in (layers.key_heads, layers.value_heads)
    )
    formula = (
        f"{_layers(layers.count)} × {values} heads × {layers.key_dim} × {layers.value_dim} × 4 B"
    )
    if layers.kernel > 1:
        channels = 2 * keys * layers.key_dim + values * layers.value_dim
        formula += f" + {channels} × {layers.kernel - 1} × 2 B each"
    if page and page > size:
        formula += ", padded to a page of attention"
        size = page
    return Cache("states", "state", Fraction(0), 1, layers.count * size, formula)


def _state_bytes(layers: Linear, storage: Storage) -> int:
    """Bytes of the state of one layer: fp32, and its convolution in 16 bits."""
    keys, values = (
        heads_of_device(heads, storage.tensor_parallel)
        for heads in (layers.key_heads, layers.value_heads)
    )
    channels = 2 * keys * layers.key_dim + values * layers.value_dim
    state = values * layers.value_dim * layers.key_dim * 4
    return state + channels * (layers.kernel - 1) * 2


def _shared_block(layers: Sequence[Layers], storage: Storage) -> int:
    """The block size that makes a page of attention at least as large as a state.

    vLLM does this for hybrid models (platforms/interface.py), in steps of the block size.
    """
    token = _attention_bytes(layers, storage)
    states = [_state_bytes(each, storage) for each in layers if isinstance(each, Linear)]
    if not token or not states:
        return storage.block_size
    tokens = -(-max(states) * token.denominator // token.numerator)
    return max(-(-tokens // storage.block_size), 1) * storage.block_size


def _shared_page(layers: Sequence[Layers], storage: Storage, block: int) -> int | None:
    if not storage.shared_pages or not (token := _attention_bytes(layers, storage)):
        return None
    return _rounded_up(block * token, 1)


def _attention_bytes(layers: Sequence[Layers], storage: Storage) -> Fraction | None:
    """Bytes of a token in one layer that keeps all tokens."""
    for each in layers:
        if isinstance(each, Attention) and each.window is None:
            return _attention(each, storage, 1).per_token / each.count
        if isinstance(each, Latent):
            return _latent(each, storage, 1).per_token / each.count
    return None


def _growing(
    name: str,
    layer: Fraction,
    page: int,
    formula: str,
    count: int = 1,
    *,
    page_bytes: int | None = None,
    window: int | None = None,
    spare: bool = False,
) -> Cache:
    """A cache in pages; ``layer`` and ``page_bytes`` are of one layer."""
    return Cache(
        name,
        "token" if window is None else "window",
        count * layer,
        page,
        count * (_rounded_up(page * layer, 1) if page_bytes is None else page_bytes),
        formula,
        window or 0,
        spare and window is not None,
    )


def _rounded_up(size: Fraction, multiple: int) -> int:
    return -(-size.numerator // (size.denominator * multiple)) * multiple


def _layers(count: int) -> str:
    return "1 layer" if count == 1 else f"{format_count(count)} layers"


def _number(number: Fraction) -> str:
    return str(number) if number.denominator == 1 else f"{float(number):g}"
