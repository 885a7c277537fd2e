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
        source: where that is from, and when a copy of it was read; None where nothing is known,
            and each token counts.
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
        start = f"from {self.minimum:,} tokens on{steps}" if self.minimum > 1 else "each token"
        return f"{start}{f'; {self.note}' if self.note else ''}"


_RULES: Mapping[str, CacheRule] = MappingProxyType(
    {
        "OpenAI": CacheRule(
            1024, 128, Source("developers.openai.com/api/docs/guides/prompt-caching", "2026-12-01")
        ),
        # Until 2026 it was 64 tokens, in steps of 64. Now a prompt has to go on from the end of an
        # earlier one, from a start that several had in common, or from some interval.
        "DeepSeek": CacheRule(
            1,
            1,
            Source("api-docs.deepseek.com/guides/kv_cache", "2026-12-01"),
            "once it has found that start in two prompts, or at intervals that it does not name",
        ),
        # The largest of the minimums that its models have, 512 to 4,096.
        "Anthropic": CacheRule(
            4096,
            1,
            Source("platform.claude.com/docs/en/build-with-claude/prompt-caching", "2026-12-01"),
            "where cache_control is set after them",
        ),
        # 2,048 of Gemini 2.5, 4,096 of the later ones.
        "Google": CacheRule(4096, 1, Source("ai.google.dev/gemini-api/docs/caching", "2026-10-13")),
    }
)


def cache_rule(model: Model) -> CacheRule:
    """The rule of a model's vendor."""
    return _RULES.get(model.vendor, CacheRule())
