"""The terms of a plan, and the notes on it."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from ctxtools.memory.architecture import Architecture, Basis
from ctxtools.memory.caches import Cache
from ctxtools.memory.devices import Device, Memory, MemoryKind
from ctxtools.memory.layers import Compressed
from ctxtools.memory.planning.engines import Engine
from ctxtools.memory.planning.plan import Term
from ctxtools.memory.planning.request import Request
from ctxtools.memory.planning.solve import OVERHEAD_SOURCE, Solved
from ctxtools.models import Interval
from ctxtools.models.interval import exactly
from ctxtools.units import format_count

_SHOWN = 2  # formulas of caches in a term
_KINDS: Mapping[MemoryKind, str] = {
    "sold": "as sold",
    "driver": "as its driver reports it",
    "usable": "what a program is given",
    "package": "of the package",
    "given": "as given",
}


def terms(request: Request, memory: Memory, solved: Solved, pool: int | None) -> Iterator[Term]:
    """What takes how much on each device, from its memory down to what caches need."""
    if pool is None:
        kind = _KINDS[memory.kind]
        yield Term("memory", exactly(memory.size), kind, memory.basis, memory.source)
        share, source = request.defaults.utilization, request.defaults.source
        formula = f"{float(share):.4g} of the memory"
        basis: Basis = "given" if source == "as given" else "source"
        yield Term("budget", exactly(solved.budget), formula, basis, source)
        yield request.weights
        if request.defaults.includes_overhead:
            basis, source = "estimated", OVERHEAD_SOURCE
            if request.overhead is not None:
                basis, source = "given", "as given"
            formula = "activations, graphs and libraries"
            yield Term("overhead", solved.overhead, formula, basis, source)
        formula = f"{_gib(solved.available)}, as engines print it"
        yield Term("available", solved.available, formula, "estimated")
    else:
        formula = f"{_gib(exactly(pool))}, as engines print it"
        yield Term("available", exactly(pool), formula, "given", "as given")
    yield from _cache_terms(request)
    formula = "all caches"
    if request.is_grouped:
        formula += "; in groups of layers, windows and states may take a third more"
    yield Term("needed", solved.needed, formula, request.architecture.basis)


def _cache_terms(request: Request) -> Iterator[Term]:
    """What caches take, by what they grow with; the sum is what is needed."""
    architecture, context, sequences = request.architecture, request.context, request.of_group
    growing = [each for each in request.caches.all if each.growth == "token"]
    others = [each for each in request.caches.all if each.growth != "token"]
    tokens = request.caches.bytes_of_tokens(context, sequences, request.split)
    alone = sum(each.bytes_for(context, sequences, 0, 1) for each in others)
    flying = request.defaults.in_flight_tokens
    total = sum(each.bytes_for(context, sequences, flying, 1) for each in others)
    if growing:
        formula = f"{format_count(sequences)} × {format_count(context)} tokens"
        formula += f" over {request.split} devices" if request.split > 1 else ""
        formula += f" × {_bytes(request.caches.per_token)}{_formulas(growing)}{_pages(growing)}"
        yield Term("tokens", exactly(tokens), formula, architecture.basis, architecture.source)
    if others:
        formula = f"{format_count(sequences)} × {_bytes(request.caches.per_sequence)}"
        formula += f" of windows and states{_formulas(others)}"
        yield Term("sequences", exactly(alone), formula, architecture.basis, architecture.source)
    if total > alone:
        each = _bytes(request.caches.per_in_flight_token)
        formula = f"{format_count(flying)} tokens × {each} of windows"
        yield Term("in flight", exactly(total - alone), formula, "source", "vLLM 0.33")


def notes(
    request: Request, device: Device, tensor_parallel: int, engine: Engine, dtype: str | None
) -> Iterator[str]:
    """What one should know of a plan."""
    architecture = request.architecture
    yield from device.notes
    yield from architecture.notes
    if architecture.basis in ("memory", "estimated"):
        yield f"How the model's layers are known: {architecture.source}."
    if architecture.context and request.context > architecture.context:
        limit = format_count(architecture.context)
        yield f"By its configuration the model takes at most {limit} tokens."
    if dtype is None and (lacking := lacking_formats(architecture, device)):
        yield (
            f"Engines do not keep {' or '.join(lacking)} on {device.name} (from memory): the "
            "weights are at least those of the checkpoint, at most those in int8. A dtype says "
            "which it is."
        )
    if architecture.heads and architecture.heads % tensor_parallel:
        yield (
            f"Engines refuse a tensor parallelism of {tensor_parallel}, which does not divide "
            f"{architecture.heads} heads."
        )
    if architecture.has_latents and tensor_parallel > 1 and request.split == 1:
        yield (
            "Tensor parallelism does not split these caches: every device of a group holds them "
            "all."
        )
    if request.split > 1 and request.caches.per_in_flight_token:
        yield (
            "vLLM 0.33 refuses decode_context_parallel for models with windows, whose caches it "
            "would not split."
        )
    kinds = {type(each) for each in architecture.layers}
    if request.is_grouped:
        name = "vLLM" if engine == "vllm" else "SGLang"
        yield (
            f"How {name} groups layers of several kinds is not modelled: the caches may take more, "
            "within the interval. The number of tokens that it prints is derived, and differs."
        )
    if engine == "sglang" and Compressed in kinds:
        yield "Pages and states of compressed caches are taken to be those of vLLM."
    yield (
        "Not modelled: pipeline parallelism, speculative decoding, cached prefixes beyond the "
        "sequences themselves, adapters."
    )


def lacking_formats(architecture: Architecture, device: Device) -> list[str]:
    """The formats of the published weights that are converted on a device."""
    names = dict.fromkeys((architecture.routed_format, architecture.dense_format))
    return [each for each in names if device.lacks(each)]


def _formulas(caches: list[Cache]) -> str:
    """How the bytes come about, where that is short; `MemoryPlan.caches` has all of them."""
    formulas = dict.fromkeys(each.formula for each in caches)
    return f" ({' + '.join(formulas)})" if len(formulas) <= _SHOWN else ""


def _pages(caches: list[Cache]) -> str:
    """The size of pages, and what a token takes where they are rounded up."""
    sizes = dict.fromkeys(format_count(each.page_tokens) for each in caches)
    if sizes == {"1": None}:
        return ""
    paged = sum((Fraction(each.page_bytes, each.page_tokens) for each in caches), Fraction(0))
    rounded = (
        f" ({_bytes(paged)} a token)" if paged != sum(each.per_token for each in caches) else ""
    )
    return f", in pages of {' and '.join(sizes)} tokens{rounded}"


def _bytes(size: Fraction) -> str:
    """Bytes, with two decimals where they are not whole."""
    return f"{float(size):,.2f}".removesuffix(".00") + " B"


def _gib(interval: Interval) -> str:
    low, high = (f"{size / 2**30:,.2f}" for size in (interval.low, interval.high))
    return f"{low} GiB" if low == high else f"{low} to {high} GiB".replace("-", "−")
