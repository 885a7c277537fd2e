"""Which tokens of a prompt a vendor's prompt cache can hold: from how many on, and in which steps.

A prompt is read from the cache as far as it starts with the same tokens as one that was sent
shortly before. Whether that one is still there, nobody but the vendor knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ctxtools.models.model import Model, Source


@dataclass(frozen=True, slots=True)
class CacheRule:
    """What a vendor's cache holds.

    Attributes:
        minimum: the tokens of the shortest start that is held.
        step: the tokens by which longer ones grow.
        source: where that is from; None where nothing is known, and each token counts.
        note: what one has to do for it.
    """

    minimum: int = 1
    step: int = 1
    source: Source | None = None
    note: str = ""

    def held(self, tokens: int) -> int:
        """How many of the first ``tokens`` tokens the cache can hold."""
        if tokens < self.minimum:
            return 0
        return self.minimum + (tokens - self.minimum) // self.step * self.step

    def __str__(self) -> str:
        if self.source is None:
            return "each token, as the vendor's rule is not known"
        steps = f", in steps of {self.step:,}" if self.step > 1 else ""
        return f"from {self.minimum:,} tokens on{steps}{f'; {self.note}' if self.note else ''}"


_RULES: Mapping[str, CacheRule] = MappingProxyType(
    {
        "OpenAI": CacheRule(
            1024, 128, Source("platform.openai.com/docs/guides/prompt-caching", "2026-11-30")
        ),
        "DeepSeek": CacheRule(
            64, 64, Source("api-docs.deepseek.com/guides/kv_cache", "2026-11-30")
        ),
        # The largest of the minimums that its models have, 1,024 to 4,096.
        "Anthropic": CacheRule(
            4096,
            1,
            Source("platform.claude.com/docs/en/build-with-claude/prompt-caching", "2026-11-30"),
            "where cache_control is set after them",
        ),
        # 2,048 of Gemini 2.5, 4,096 of the later ones.
        "Google": CacheRule(4096, 1, Source("ai.google.dev/gemini-api/docs/caching", "2026-10-13")),
    }
)


def cache_rule(model: Model) -> CacheRule:
    """The rule of a model's vendor."""
    return _RULES.get(model.vendor, CacheRule())
