"""Names of models as people type them: one model, spelled by many providers, hosts and tools.

A name is read in steps, from what was typed to the bare name of the model: the provider is taken
off (``openrouter/``, ``openai:``, ``us.anthropic.``), then what says where or how the model runs
(``:free``, ``-FP8``, ``-GGUF``, a date). Each step is a *reading*. A reading is *exact* as long as
the steps cannot change the model's limits; a step that may, such as ``-preview``, makes it inexact.

The rules are data, below: a new spelling is a line here. They are regular expressions, which are
compiled when they are first used: a start that names no model pays nothing for them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

LONGEST_NAME = 500
"""Characters; a longer name is no model's."""


class Reading(NamedTuple):
    """One way to read a name.

    Attributes:
        key: the name as names are compared, see `lookup_key`.
        exact: whether a model of that key has the limits of the model that was asked for.
        bare: whether it is the model's own name, without providers.
    """

    key: str
    exact: bool
    bare: bool


# Names that differ only in these are one name. They are applied in order to the lowercase name.
_SPELLINGS = (
    (r"[._:@\s]", "-"),
    (r"(?<=\d)p(?=\d)", "-"),  # Fireworks: qwen2p5, llama-v3p1
    (r"^meta-(?=llama)", ""),
    (r"^llama-?v?(?=\d)", "llama-"),
    (r"^(gemma|phi|glm|granite|smollm|mixtral|internlm|falcon)(?=\d)", r"\1-"),
    (r"^qwen-(?:v(?=\d)|(?=[123](?:-|$)))", "qwen"),
    (r"^qwen([123])5(?=-)", r"qwen\1-5"),
    (r"^gpt-?(?=\d)", "gpt-"),
    (r"^gpt-35(?=-|$)", "gpt-3-5"),  # Azure
    (r"^claude-v(?=\d)", "claude-"),
    (r"^claude-2-0(?=-|$)", "claude-2"),
    # Both orders are in use: claude-3-5-sonnet, claude-sonnet-4-5.
    (r"^claude-(\d(?:-\d)?)-(?!instant)([a-z]{4,})(?=-|$)", r"claude-\2-\1"),
)

# Providers that are written before a colon. (A model's name before a colon has an Ollama tag.)
_PROVIDERS = (
    r"ai21|alibaba|anthropic|anyscale|azure(?:-?openai|-ai)?|bedrock(?:-converse)?|cerebras|cohere"
    r"|cloudflare|databricks|deepinfra|deepseek|fireworks(?:-ai)?|gateway|github|google"
    r"|google-(?:gla|vertex|genai|vertexai)|gemini|grok|groq|heroku|hf|huggingface|hyperbolic"
    r"|lm-?studio|litellm|minimax|mistralai|mistral|moonshot(?:ai)?|nebius|novita|nvidia|ollama"
    r"|ollama-chat|openai(?:-chat|-responses)?|openrouter|perplexity|qwen|replicate|sambanova"
    r"|scaleway|together(?:-?ai)?|upstage|vercel|vertex(?:-?ai)?|vllm|watsonx|xai|zai|zhipu(?:ai)?"
).replace("-", "[-_]")
_VENDORS = (
    r"ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot(?:ai)?|nvidia"
    r"|openai|qwen|twelvelabs|writer|xai|zai"
)
# Bedrock's regions, as in us.anthropic.claude-sonnet-4-5-20250929-v1:0.
_REGIONS = r"us|us-gov|eu|apac|ap|jp|au|ca|in|kr|sg|uk|sa|global"
# Organisations that repositories of quantized models repeat: bartowski/Qwen_Qwen3-8B-GGUF.
_ORGANISATIONS = (
    r"deepseek-ai|google|meta-llama|microsoft|mistralai|moonshotai|nvidia|openai|qwen|thudm|zai-org"
)

# Hosts put a vendor before names of models, too: openai-gpt-4o.
_BEFORE_A_DASH = r"alibaba|anthropic|cohere|fw|google|openai|qwen|snowflake|xai|zai"
_MODELS = (
    r"claude|command|deepseek|embed|gemini-\d|gemma|glm|gpt|grok|inkling|kimi|llama|minimax|nemotron"
    r"|o\d|qwen|qwq"
)

# What says who serves a model: (pattern, what remains). The first that matches is taken off, then
# the next, until none is left.
_PROVIDED = (
    (r"#.*$", ""),  # Fireworks: model#deployment
    (r"^ft:([^:]+).*$", r"\1"),  # OpenAI: ft:model:organisation:name:id
    (r"^(ada|babbage|curie|davinci):ft-.*$", r"\1"),
    (r"\.ft-[0-9a-f-]+$", ""),  # Azure
    (r"^(qwen|mistral):(?=\d|v\d|chat|instruct|text)", r"\1-"),  # Ollama tags
    (rf"^(?:{_PROVIDERS}):(?=.)", ""),
    (r"^[^/]*/+", ""),
    (rf"^(?:{_REGIONS})\.(?=(?:{_VENDORS})\.)", ""),
    (r"^deepseek\.(?=[rv]\d)", "deepseek-"),
    (rf"^(?:{_VENDORS})\.(?=.)", ""),
    (rf"^(?:{_ORGANISATIONS})_", ""),
    (r"^databricks-(?=.)", ""),
    (rf"^(?:{_BEFORE_A_DASH})-(?={_MODELS})", ""),
)
# How a model is served, at the end of its own name: (pattern, whether the limits stay the same).
_SERVED = (
    (r"\.(?:gguf|safetensors|bin)$", True),
    (r"\[\d+[km]\]$", False),  # Claude Code: sonnet[1m], another window
    (r":extended$", False),  # OpenRouter: another window
    (r":\d+k$", False),  # Bedrock: a window that was bought
    (r"(?<!deepseek-r1):latest$", True),  # Ollama; its latest deepseek-r1 is a small Qwen
    (  # OpenRouter and routers of hosts
        r":(?:free|beta|nitro|floor|online|exacto|self-moderated|thinking|fastest|cheapest"
        rf"|preferred|cloud|{_PROVIDERS})$",
        True,
    ),
    (r"@(?:latest|default|main|00[1-9]|[0-9a-f]{40})$", True),
    (r"(?:-v1|(?<=\d{8})-v\d|-1):\d$", True),  # Bedrock: the first, or a version after a date
    (r":0$", True),
)

_QUANTIZED = (
    r"fp(?:4|8|16)|nvfp4|mxfp[48]|b?f16|f32|int[48]|w\d+a\d+|fp8-(?:dynamic|block)|awq|gptq|gguf"
    r"|ggml|exl[23]|mlx|bnb|hqq|onnx|dwq|qat|autoround|torchao|marlin|quantized|i1|imat|ud|unsloth"
    r"|(?:\d-)?\d-?bits?|\d-\d+bpw|\d+g|i?q\d(?:-\d|-k)?(?:-(?:xxs|xs|s|m|l|xl|nl))?|4bit-dwq|int4-int8mix"
)
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"

# Endings of a key that only say in which form the model is served, or that it is the chat model.
_FORMS = (
    rf"-(?:{_QUANTIZED})$",
    r"-(?:instruct|it|hf|original|maas|tee|cloud|reference)$",
    r"(?<=-instruct)-(?:turbo|lite)$|(?<=-fp8)-fast$",
)
# Endings that name an edition of a model: the limits are the same unless the edition is listed.
_EDITIONS = (
    r"(?<!deepseek-r1)-latest$",
    rf"-20\d\d-?{_MONTH}-?{_DAY}$",
    rf"-{_MONTH}-20\d\d$",
    rf"(?<=-preview)-{_MONTH}-{_DAY}$",
)
# The same, of some vendors' models only: an edition by number, and how much the model thinks.
_EDITIONS_OF_VENDOR = (
    r"^(claude-.*)-(?:v\d|thinking|thought)$|^(gemini-.*|.*-bison)-00[1-9]$"
    r"|^((?:gpt|o\d|codex|gemini|claude|grok)-.*|o\d)-(?:minimal|low|medium|high|xhigh)$"
)
# Endings after which they may be others: editions by month, and variants.
_OTHER = (
    rf"-(?:{_MONTH}{_DAY}|2[3-9]{_MONTH}|preview|exp|experimental|beta|base|pt|chat|text|thinking"
    r"|reasoning|non-reasoning|abliterated|uncensored|heretic)$"
)


@lru_cache(maxsize=10_000)  # an imported list is asked for the same names again and again
def lookup_key(name: str) -> str:
    """A name as names are compared: two names of one key are one name."""
    key = name.strip().lower()
    for pattern, replacement in _SPELLINGS:
        key = re.sub(pattern, replacement, key)
    return key


def readings(name: str) -> Iterator[Reading]:
    """The ways to read a name: what was typed, then with less and less of it.

    First what says who serves the model is taken off, then how it does, then the endings of the
    name.
    """
    forms = [*_unwrapped(name)]
    yield from (form for form in forms if form.key)
    yield from (shorter for shorter in _shortened(forms[-1]) if shorter.key)


def bare_name(name: str) -> str:
    """The lowercase name without providers and without how a provider runs it."""
    return [*_served_less(_own_name(name))][-1][0]


def listed_key(name: str) -> str:
    """The key under which a model is listed: of its bare name, in whatever form it is served."""
    key = lookup_key(bare_name(name))
    while shorter := _without(_FORMS, key):
        key = shorter
    return key


def _unwrapped(name: str) -> Iterator[Reading]:
    *provided, own = _provided_less(name)
    yield from (Reading(lookup_key(text), exact=True, bare=False) for text in provided)
    for text, exact in _served_less(own):
        yield Reading(lookup_key(text), exact, bare=True)


def _own_name(name: str) -> str:
    return [*_provided_less(name)][-1]


def _provided_less(name: str) -> Iterator[str]:
    """The lowercase name, then with less and less that says who serves it."""
    text = name.strip().lower()
    yield text
    while True:
        shorter = (re.sub(pattern, rest, text, count=1) for pattern, rest in _PROVIDED)
        found = next((each for each in shorter if each and each != text), None)
        if found is None:
            return
        text = found
        yield text


def _served_less(text: str) -> Iterator[tuple[str, bool]]:
    """A model's own name, then with less and less that says how it is served; see `_SERVED`."""
    exact = True
    yield text, exact
    while True:
        shorter = ((re.sub(pattern, "", text), same) for pattern, same in _SERVED)
        found = next((each for each in shorter if each[0] and each[0] != text), None)
        if found is None:
            return
        text, exact = found[0], exact and found[1]
        yield text, exact


def _shortened(reading: Reading) -> Iterator[Reading]:
    key, exact, bare = reading
    while True:
        if shorter := _without(_FORMS, key) or _without_edition(key):
            key = shorter
        elif ending := re.search(_OTHER, key):
            key, exact = key[: ending.start()], False
        else:
            return
        yield Reading(key, exact, bare)


def _without_edition(key: str) -> str:
    found = re.match(_EDITIONS_OF_VENDOR, key)
    return (found[1] or found[2] or found[3]) if found else _without(_EDITIONS, key)


def _without(endings: tuple[str, ...], key: str) -> str:
    """The key without the first of these endings that it has; empty if it has none."""
    found = next((ending for pattern in endings if (ending := re.search(pattern, key))), None)
    return key[: found.start()] if found else ""
