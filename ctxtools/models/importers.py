"""Models from the two public tables, litellm's and models.dev's, read from a file on this machine.

It downloads nothing. It keeps text models whose context window is known, one row for each model:
the vendor's where the table has it, otherwise the one with the smallest context window.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from ctxtools.atomic import atomic_write
from ctxtools.errors import FormatError, ReadError, os_reason
from ctxtools.models.model import MODALITIES, Model, Price, Tier
from ctxtools.models.registry import Registry, lookup_key
from ctxtools.models.rows import to_document

Format = Literal["litellm", "models.dev"]

_TEXT_MODES = ("chat", "completion", "responses")
_LITELLM_MODALITIES = {
    "supports_vision": "image",
    "supports_video_input": "video",
    "supports_audio_input": "audio",
    "supports_pdf_input": "pdf",
}
_ABOVE = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")

# Only what is certain: neither table names a tokenizer. A name matches at its beginning.
_ENCODINGS = (
    ("o200k_harmony", re.compile(r"gpt-oss-")),
    ("o200k_base", re.compile(r"(chatgpt-4o|gpt-4o|gpt-4\.1|gpt-5|o1|o3|o4-mini)(?![a-z0-9])")),
    ("cl100k_base", re.compile(r"(gpt-4|gpt-3\.5-turbo)(?![a-z0-9.]|-o)")),
    # A small DeepSeek-R1 is a Qwen or a Llama taught by R1, with their tokenizers.
    (
        "deepseek_v3",
        re.compile(r"deepseek-(v3|v4|r1)(?![a-z0-9])(?!.*(distill|qwen|llama|-\d\d?b))"),
    ),
    # Not 3.5 and later, however it is spelled: qwen3.5, qwen3p5, qwen3-5.
    ("qwen2", re.compile(r"qwen-?(2([.p-]5)?|3)(?![\d.]|p\d|-\d(-|$))(?!.*-(vl|asr|tts|omni))")),
)

# Families without a public tokenizer, as the registry spells names, and a model whose estimate
# holds for them. The first that matches counts.
_CLOSED = (
    (re.compile(r"claude-(opus|sonnet|haiku)-(4-[7-9]|[5-9])"), "claude-opus-4-8"),
    (re.compile(r"claude-(3|(opus|sonnet|haiku)-4)"), "claude-sonnet-4-5"),
    (re.compile(r"grok-"), "grok-4.3"),
    (re.compile(r"ernie-[5-9]"), "ernie-5.1"),
)


def import_models(path: str | Path, format: Format | None = None) -> list[Model]:
    """The models in a file of one of the two tables.

    They are litellm's ``model_prices_and_context_window.json`` and models.dev's ``api.json``.
    litellm has one figure for the input, which is sometimes the whole context window; it is taken
    for the context window, the smaller reading.

    Args:
        path: the JSON file.
        format: which of the two it is; seen from its shape if None.

    Raises:
        ReadError: the file cannot be read.
        FormatError: it is not JSON, or has neither shape.
    """
    import json
    from datetime import UTC, datetime

    path = Path(path)
    try:
        data = json.loads(path.read_bytes())
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        if modified.year < 2020:  # older than any such table: the date comes from an archive
            modified = datetime.now(UTC).date()
    except OSError as error:
        raise ReadError(f"{path}: {os_reason(error)}") from error
    except ValueError as error:
        raise FormatError(f"{path} is not JSON ({error})") from error
    found = format or _shape(data)
    if found not in ("litellm", "models.dev"):
        raise FormatError(
            f"{path} is neither litellm's table nor models.dev's",
            hint="give model_prices_and_context_window.json or api.json",
        )
    rows = _litellm(data) if found == "litellm" else _models_dev(data)
    source = f"{path.name}, in {found}'s format"
    return [
        replace(model, source=source, date=modified.isoformat()) for model in _one_of_each(rows)
    ]


def write_models(models: Iterable[Model], path: str | Path) -> None:
    """Write models as TOML, atomically, making the folder if need be.

    Raises:
        OSError: it cannot be written; a file that was there is unchanged.
    """
    import tomli_w

    path = Path(path)
    text = tomli_w.dumps(to_document(models))
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        file.write("# Written by `ctx models import`, which keeps no comments.\n\n" + text)


def refreshed(known: Registry, imported: Iterable[Model]) -> Registry:
    """The known models brought up to date by imported ones, and the other imported ones.

    An imported model that is known, or an edition of one that is, keeps the known one's tokenizer
    and estimate, of which the tables know nothing.

    Raises:
        UsageError: two of the imported models have one name.
    """
    imported = tuple(imported)
    own_names = {lookup_key(model.name) for model in imported}
    pairs = ((known.find(model.name), model) for model in imported)
    return known.merged(
        _refresh(base, model, own_names) if base else _estimated(model, known)
        for base, model in pairs
    )


def _refresh(base: Model, new: Model, own_names: set[str]) -> Model:
    is_same = lookup_key(new.name) == lookup_key(base.name)
    # litellm's one figure for the input may be the known limit on it; then the context stays.
    is_input = new.context == base.max_input
    return replace(
        base,
        name=base.name if is_same else new.name,
        aliases=tuple(each for each in base.aliases if lookup_key(each) not in own_names)
        if is_same
        else (),
        context=base.context if is_input else new.context or base.context,
        max_input=base.max_input if is_input else new.max_input,
        max_output=new.max_output or base.max_output,
        price=new.price or base.price,
        source=new.source,
        date=new.date,
        sources=tuple((fact, base.source_of(fact)) for fact in ("encoding", "modalities")),
        notes=None,
    )


def _estimated(model: Model, known: Registry) -> Model:
    """The model with the estimate of its family, where the family's tokenizers are closed."""
    bare = lookup_key(model.name.rsplit("/", 1)[-1])
    for names, relative in _CLOSED:
        base = known.find(relative)
        if base and names.match(bare):
            return replace(model, closed=True, estimate=base.estimate)
    return model


def guess_encoding(name: str) -> str | None:
    """The packaged encoding of a model of that name where it is certain, else None."""
    bare = name.lower().rsplit("/", 1)[-1]
    return next((encoding for encoding, names in _ENCODINGS if names.match(bare)), None)


def _shape(data: object) -> Format | None:
    if not isinstance(data, dict):
        return None
    entries = [entry for entry in data.values() if isinstance(entry, dict)]
    if any(isinstance(entry.get("models"), dict) for entry in entries):
        return "models.dev"
    return "litellm" if any("litellm_provider" in entry for entry in entries) else None


def _litellm(data: Mapping[str, Any]) -> Iterator[tuple[str, Model]]:
    for name, entry in data.items():
        if not isinstance(entry, dict) or entry.get("mode") not in _TEXT_MODES:
            continue
        context = _tokens(entry.get("max_input_tokens"))
        if context is None:
            continue
        extra = (kind for key, kind in _LITELLM_MODALITIES.items() if entry.get(key) is True)
        provider = str(entry.get("litellm_provider", ""))
        yield (
            name,
            Model(
                name,
                vendor=provider,
                context=context,
                max_output=_tokens(entry.get("max_output_tokens")),
                encoding=guess_encoding(name),
                modalities=("text", *extra),
                price=_litellm_price(entry),
            ),
        )


def _litellm_price(entry: Mapping[str, Any]) -> Price | None:
    tiers = []
    for key in entry:
        above = _ABOVE.fullmatch(key)
        if above:
            output_key = key.replace("input", "output")
            tiers.append((int(above[1]) * 1000, entry[key], entry.get(output_key)))
    for step in entry.get("tiered_pricing") or ():
        start = step.get("range", [0])[0]
        tiers.append(
            (int(start), step.get("input_cost_per_token"), step.get("output_cost_per_token"))
        )
    base = (0, entry.get("input_cost_per_token"), entry.get("output_cost_per_token"))
    return _price(
        (above, _per_million(dear), _per_million(out)) for above, dear, out in (base, *tiers)
    )


def _models_dev(data: Mapping[str, Any]) -> Iterator[tuple[str, Model]]:
    for provider, listed in data.items():
        models = listed.get("models") if isinstance(listed, dict) else None
        for name, entry in models.items() if isinstance(models, dict) else ():
            limit, modalities = entry.get("limit") or {}, entry.get("modalities") or {}
            context = _tokens(limit.get("context"))
            accepted = modalities.get("input", ["text"])
            if context is None or "text" not in modalities.get("output", ["text"]):
                continue
            yield (
                f"{provider}/{name}",
                Model(
                    name,
                    vendor=str(listed.get("name", provider)),
                    context=context,
                    max_input=_tokens(limit.get("input")),
                    max_output=_tokens(limit.get("output")),
                    encoding=guess_encoding(name),
                    modalities=tuple(kind for kind in MODALITIES if kind in accepted) or ("text",),
                    price=_models_dev_price(entry.get("cost") or {}),
                ),
            )


def _models_dev_price(cost: Mapping[str, Any]) -> Price | None:
    steps = [(0, cost.get("input"), cost.get("output"))]
    if over := cost.get("context_over_200k"):
        steps.append((200_000, over.get("input"), over.get("output")))
    for tier in cost.get("tiers") or ():
        start = (tier.get("context") or {}).get("min") or (tier.get("tier") or {}).get("size")
        if start:
            steps.append((int(start), tier.get("input"), tier.get("output")))
    return _price(steps)


def _price(steps: Iterable[tuple[int, float | None, float | None]]) -> Price | None:
    """A price of (above, input, output) steps; one without both prices is left out."""
    known = {
        above: (dear, out) for above, dear, out in steps if dear is not None and out is not None
    }
    if 0 not in known:
        return None
    tiers = tuple(Tier(above, *known[above]) for above in sorted(known) if above)
    return Price(*known[0], tiers=tiers)


def _per_million(dollars_per_token: object) -> float | None:
    if isinstance(dollars_per_token, bool) or not isinstance(dollars_per_token, int | float):
        return None
    return round(dollars_per_token * 1_000_000, 6)  # 2.5e-07 * 1e6 is not quite 0.25 in floats


def _tokens(limit: object) -> int | None:
    """A limit as an exact integer; the tables write some as 1e6 or as text, and 0 for unknown."""
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1:
        return None
    return int(limit)


def _one_of_each(rows: Iterable[tuple[str, Model]]) -> list[Model]:
    """One model for each name without its provider; ``rows`` are (name in the table, model)."""
    best: dict[str, tuple[tuple[bool, int], Model]] = {}
    for listed, model in rows:
        provider, _, _ = listed.rpartition("/")
        name = listed.rpartition("/")[2]
        rank = (not _is_vendor(provider, name), model.context or 0)
        key = lookup_key(name)
        if key not in best or rank < best[key][0]:
            best[key] = rank, replace(model, name=name)
    return [model for _, (_, model) in sorted(best.items())]


# The providers in both tables that are vendors of models. In litellm a name without a provider is
# the vendor's too.
_VENDORS = {
    "openai": ("gpt", "o1", "o3", "o4", "chatgpt"),
    "anthropic": ("claude",),
    "google": ("gemini", "gemma"),
    "gemini": ("gemini", "gemma"),
    "deepseek": ("deepseek",),
    "dashscope": ("qwen", "qwq"),
    "alibaba": ("qwen", "qwq"),
    "moonshot": ("kimi", "moonshot"),
    "moonshotai": ("kimi", "moonshot"),
    "zai": ("glm",),
    "minimax": ("minimax",),
    "mistral": ("mistral", "ministral", "devstral", "codestral", "magistral", "pixtral"),
    "xai": ("grok",),
    "cohere": ("command",),
    "meta_llama": ("llama",),
    "llama": ("llama",),
}


def _is_vendor(provider: str, name: str) -> bool:
    return not provider or name.lower().startswith(_VENDORS.get(provider, ("\0",)))
