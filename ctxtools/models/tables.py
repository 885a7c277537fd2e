"""The two public tables of models, litellm's and models.dev's, read into models without tokenizers.

They are litellm's ``model_prices_and_context_window.json`` and models.dev's ``api.json``, both MIT.
Their traps: a limit may be missing, zero, or written as text; litellm has one figure for the
input, which is sometimes the whole context window, and is taken for it, the smaller reading; its
``max_tokens`` is the output of some models and the window of others; a missing price is not zero.
Both list a model once for each host that serves it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeGuard

from ctxtools.models.model import MODALITIES, Model, Price, Tier
from ctxtools.models.names import LONGEST_NAME, lookup_key
from ctxtools.units import MAX_SIZE

Format = Literal["litellm", "models.dev"]

_LITELLM_KEYS = ("litellm_provider", "max_input_tokens", "max_tokens")
_TEXT_MODES = ("chat", "completion", "responses", "embedding")
_LITELLM_MODALITIES = {
    "supports_vision": "image",
    "supports_video_input": "video",
    "supports_audio_input": "audio",
    "supports_pdf_input": "pdf",
}
_ABOVE = re.compile(r"input_cost_per_token_above_(\d{1,9})k_tokens", re.ASCII)


class Row(NamedTuple):
    """An entry of a table that describes a model.

    Attributes:
        entry: its name in the table.
        provider: who serves the model at that entry.
        model: what it states; its name is the entry's without the provider.
    """

    entry: str
    provider: str
    model: Model


class LeftOut(NamedTuple):
    """An entry that was left out.

    Attributes:
        entry: its name in the table.
        reason: why, in words that many entries share.
        detail: what is particular to this one.
    """

    entry: str
    reason: str
    detail: str = ""


def table_format(data: object) -> Format | None:
    """Which of the two tables this is, by its shape; None if it is neither."""
    if not isinstance(data, dict):
        return None
    entries = [entry for entry in data.values() if isinstance(entry, dict)]
    if any(isinstance(entry.get("models"), dict) for entry in entries):
        return "models.dev"
    is_litellm = any(key in entry for key in _LITELLM_KEYS for entry in entries)
    return "litellm" if is_litellm else None


def read_rows(data: Mapping[str, Any], format: Format) -> Iterator[Row | LeftOut]:
    """Every entry of a table: what it describes, or why it describes no model that can be used."""
    return _litellm(data) if format == "litellm" else _models_dev(data)


def one_of_each(
    rows: Iterable[Row], key: Callable[[str], str] = lookup_key
) -> tuple[list[Row], list[LeftOut]]:
    """One row for each model, the vendor's or that with the smallest window, and the others.

    Args:
        rows: of one table.
        key: what is equal for rows of one model, from the model's name.
    """
    best: dict[str, Row] = {}
    others: list[tuple[str, Row]] = []
    for row in rows:
        model_key = key(row.model.name)
        kept = best.get(model_key)
        if kept is None or _rank(row) < _rank(kept):
            best[model_key], row = row, kept or row
        if row is not best[model_key]:
            others.append((model_key, row))
    left_out = [
        LeftOut(row.entry, "another entry of the same model is kept", best[model_key].entry)
        for model_key, row in others
    ]
    return [row for _, row in sorted(best.items())], left_out


def is_vendors(row: Row) -> bool:
    """Whether the model's vendor serves it at that entry."""
    names = _VENDORS.get(row.provider, ("\0",))
    return not row.provider or row.model.name.lower().startswith(names)


def has_vendor(name: str) -> bool:
    """Whether a vendor of models by that name has entries of its own in the tables."""
    return any(name.lower().startswith(names) for names in _VENDORS.values())


def _rank(row: Row) -> tuple[bool, int]:
    return not is_vendors(row), row.model.context or 0


def _litellm(data: Mapping[str, Any]) -> Iterator[Row | LeftOut]:
    for name, entry in data.items():
        if name == "sample_spec":
            yield LeftOut(name, "it explains the table")
        elif not isinstance(entry, dict):
            yield LeftOut(name, "its value is not an object", _shown(entry))
        elif entry.get("mode") not in _TEXT_MODES:
            yield LeftOut(name, _mode_reason(entry.get("mode")))
        else:
            yield _litellm_row(name, entry)


def _mode_reason(mode: object) -> str:
    return f"not a text model: mode {_shown(mode)}" if mode else "it has no mode"


def _shown(value: object) -> str:
    try:
        return f"{value!r:.40}"
    except RecursionError:
        return "values that are nested too deeply"


def _litellm_row(name: str, entry: Mapping[str, Any]) -> Row | LeftOut:
    if _own_name(name) is None:
        return LeftOut(name, _NO_NAME)
    legacy = _tokens(entry.get("max_tokens"))
    is_embedding = entry["mode"] == "embedding"  # no output: its max_tokens can only be the input
    context = _tokens(entry.get("max_input_tokens")) or (legacy if is_embedding else None)
    if context is None:
        return LeftOut(name, _no_limit(entry, "max_input_tokens", legacy))
    extra = (kind for key, kind in _LITELLM_MODALITIES.items() if entry.get(key) is True)
    provider = entry.get("litellm_provider")
    provider = provider if _is_text(provider) else ""
    model = Model(
        _own_name(name) or name,
        vendor=provider,
        context=context,
        max_output=None if is_embedding else _tokens(entry.get("max_output_tokens")),
        modalities=("text", *extra),
        price=_litellm_price(entry),
    )
    return Row(name, provider, model)


def _no_limit(entry: Mapping[str, Any], key: str, legacy: int | None = None) -> str:
    if entry.get(key) not in (None, 0, 0.0):
        return f"its {key} is not a number of tokens"
    return "only max_tokens, which may be the output" if legacy else f"it has no {key}"


def _models_dev(data: Mapping[str, Any]) -> Iterator[Row | LeftOut]:
    for provider, listed in data.items():
        models = listed.get("models") if isinstance(listed, dict) else None
        if not isinstance(models, dict):
            yield LeftOut(provider, "the provider has no models")
            continue
        vendor = listed.get("name")
        for name, entry in models.items():
            shown = f"{provider}/{name}"
            if not isinstance(entry, dict):
                yield LeftOut(shown, "its value is not an object", _shown(entry))
                continue
            known = next((each for each in (vendor, provider) if _is_text(each)), "")
            model = _models_dev_model(name, entry, known)
            yield LeftOut(shown, model) if isinstance(model, str) else Row(shown, provider, model)


def _models_dev_model(name: str, entry: Mapping[str, Any], vendor: str) -> Model | str:
    """The model of an entry, or the reason for leaving it out."""
    limit, modalities = _object(entry.get("limit")), _object(entry.get("modalities"))
    accepted, produced = (_texts(modalities.get(way)) for way in ("input", "output"))
    if _own_name(name) is None:
        return _NO_NAME
    if "text" not in produced:
        return f"not a text model: its output is {', '.join(produced) or 'nothing'}"
    context = _tokens(limit.get("context"))
    if context is None:
        return _no_limit(limit, "context")
    return Model(
        _own_name(name) or name,
        vendor=vendor,
        context=context,
        max_input=_tokens(limit.get("input")),
        max_output=_tokens(limit.get("output")),
        modalities=tuple(kind for kind in MODALITIES if kind in accepted) or ("text",),
        price=_models_dev_price(_object(entry.get("cost"))),
    )


_NO_NAME = "it has no name that could be typed"


def _own_name(entry: str) -> str | None:
    """The name without the provider; None if there is none, or it cannot be printed."""
    name = entry.rpartition("/")[2].strip() or entry.strip("/ ")
    return name if _is_text(name) and lookup_key(name) else None


def _is_text(value: object) -> TypeGuard[str]:
    """Whether it is a name that can be printed: not empty or long, without control characters,
    marks of direction and halves of surrogate pairs."""
    if not isinstance(value, str) or not value.strip():
        return False
    return len(value) <= LONGEST_NAME and value.isprintable()


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    """A list of modalities; a table that does not say speaks of text."""
    is_list = isinstance(value, list)
    return [each for each in value if isinstance(each, str)] if is_list else ["text"]  # type: ignore[attr-defined]


def _litellm_price(entry: Mapping[str, Any]) -> Price | None:
    names = ("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost")
    steps = [(0, *(entry.get(name) for name in names))]
    for key in entry:
        if above := _ABOVE.fullmatch(key):
            ending = key.removeprefix(names[0])
            steps.append((int(above[1]) * 1000, *(entry.get(name + ending) for name in names)))
    for step in _objects(entry.get("tiered_pricing")):
        start = step.get("range")
        above_tokens = _number(start[0]) if isinstance(start, list) and start else 0
        if above_tokens is not None:
            steps.append((int(above_tokens), *(step.get(name) for name in names)))
    return _price((above, *map(_per_million, costs)) for above, *costs in steps)


def _per_million(dollars_per_token: object) -> float | None:
    dollars = _number(dollars_per_token)
    # 2.5e-07 * 1e6 is not 0.25
    return None if dollars is None else _number(round(dollars * 1_000_000, 6))


def _models_dev_price(cost: Mapping[str, Any]) -> Price | None:
    steps = [(0, cost)]
    if over := _object(cost.get("context_over_200k")):
        steps.append((200_000, over))
    for tier in _objects(cost.get("tiers")):
        start = _tokens(_object(tier.get("context")).get("min")) or _tokens(
            _object(tier.get("tier")).get("size")
        )
        if start:
            steps.append((start, tier))
    names = ("input", "output", "cache_read")
    return _price((above, *(_number(each.get(name)) for name in names)) for above, each in steps)


def _price(steps: Iterable[tuple[Any, ...]]) -> Price | None:
    """A price of (above, input, output, cached input) steps; one without the first two prices is
    left out.

    A cached price of 0, or above the input's, is none: the tables have 0 for unknown too.
    """
    known = {
        above: (dear, out, cached if cached and cached <= dear else None)
        for above, dear, out, cached in steps
        if dear is not None and out is not None
    }
    if 0 not in known:
        return None
    tiers = tuple(Tier(above, *known[above]) for above in sorted(known) if above)
    dear, out, cached = known[0]
    return Price(dear, out, tiers=tiers, cached_input=cached)


def _number(value: object) -> float | None:
    """A number from 0 to `MAX_SIZE`, some of which are written as text; or None."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= MAX_SIZE else None


def _tokens(limit: object) -> int | None:
    """A limit as an exact integer; the tables write some as 1e6 or as text, and 0 for unknown."""
    if isinstance(limit, str) and re.fullmatch(r"\d{1,18}", limit, re.ASCII):
        limit = int(limit)
    number = _number(limit)
    whole = number is not None and number >= 1 and number == int(number)
    return int(number) if number is not None and whole else None


_NUMBER = re.compile(r"\d{1,18}(\.\d{0,18})?([eE][+-]?\d{1,2})?", re.ASCII)

# Providers that are vendors of models, and what their models' names begin with. In litellm a name
# without a provider is the vendor's too.
_VENDORS = {
    "openai": ("gpt", "o1", "o3", "o4", "chatgpt", "text-embedding", "codex", "computer"),
    "text-completion-openai": ("gpt", "davinci", "babbage"),
    "anthropic": ("claude",),
    "google": ("gemini", "gemma"),
    "gemini": ("gemini", "gemma"),
    "vertex_ai-language-models": ("gemini",),
    "vertex_ai-embedding-models": ("gemini", "text"),
    "deepseek": ("deepseek",),
    "dashscope": ("qwen", "qwq"),
    "alibaba": ("qwen", "qwq"),
    "moonshot": ("kimi", "moonshot"),
    "moonshotai": ("kimi", "moonshot"),
    "zai": ("glm",),
    "minimax": ("minimax",),
    "mistral": ("mistral", "ministral", "devstral", "codestral", "magistral", "pixtral", "open-"),
    "mistralai": ("mistral", "ministral", "devstral", "codestral", "magistral", "pixtral"),
    "xai": ("grok",),
    "cohere": ("command", "embed"),
    "cohere_chat": ("command",),
    "meta_llama": ("llama",),
    "llama": ("llama",),
    "perplexity": ("sonar",),
    "voyage": ("voyage",),
    "ai21": ("jamba", "j2"),
    "volcengine": ("doubao",),
    "amazon_nova": ("nova",),
}
