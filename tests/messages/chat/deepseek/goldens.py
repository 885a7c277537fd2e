"""Conversations with what the references make of them, for where the references are not at hand.

    DEEPSEEK_TEMPLATES=… VLLM_TOKENIZERS=… python -m tests.messages.chat.deepseek.goldens

writes them again; `templates` and `repositories` say what the two folders are.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from tests.messages.chat.compare import COMPARISONS, comparison
from tests.messages.chat.conversations import Sample, conversations

FILE = Path(__file__).with_name("goldens.json")
NAMES = [name for name, at in COMPARISONS.items() if at.endswith(("templates", "repositories"))]
_COUNT, _LONGEST = 12, 1_800


class Golden(NamedTuple):
    """A conversation, and its text by the reference."""

    sample: Sample
    text: str


def read(name: str) -> Iterator[Golden]:
    """The conversations of a comparison."""
    for sample, text in json.loads(FILE.read_text("utf-8"))[name]:
        yield Golden(Sample(**sample), text)


def _make(name: str) -> Iterator[Golden]:
    each = comparison(name)
    for sample in conversations(1_000, each.features, seed=2):
        reference = each.reference(sample)
        long = len(sample.messages) >= 4 or sample.tools
        if long and not isinstance(reference, str) and len(reference.text) <= _LONGEST:
            yield Golden(sample, reference.text)


def main() -> None:
    """Write the file."""
    goldens = {
        name: [
            (asdict(golden.sample), golden.text)
            for golden, _ in zip(_make(name), range(_COUNT), strict=False)
        ]
        for name in NAMES
    }
    FILE.write_text(json.dumps(goldens, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
