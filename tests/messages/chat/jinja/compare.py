"""Templates against transformers: equal text for random conversations, or an error in both.

    python -m tests.messages.chat.jinja.compare [--count 2000] [TEMPLATE.jinja | PACKAGED ...]

renders with ctxtools and with transformers, which only this and the test beside it need (5.24.0 was
compared), until a template has rendered so many. Without templates, those of the package are
compared; with ``--trl FOLDER`` also those of that folder, such as ``trl/chat_templates`` of PyPI's
trl. ``--write-goldens`` writes the hashes of what transformers made, which a test compares where
transformers is not installed.
"""

import argparse
import base64
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from ctxtools.messages.chat.formats import ChatOptions
from ctxtools.messages.chat.jinja.job import Task, run
from ctxtools.messages.chat.jinja.sources import packaged_names, packaged_template
from ctxtools.messages.chat.jinja.values import Reading, values_of
from tests.messages.chat.jinja.samples import Sample, samples

GOLDENS = Path(__file__).with_name("goldens.json")
GOLDEN_COUNT, GOLDEN_SEED = 300, 22
_HASH = 4  # bytes
_MOST = 10  # times as many conversations are made as are to be rendered

NOW = datetime(2026, 11, 29, 12, 30)
NAMED = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}


class _Clock(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return NOW


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a template.

    Attributes:
        equal: conversations of which both made the same text.
        refused: conversations of which both made an error.
        differences: (number of the conversation, ours, theirs).
    """

    equal: int
    refused: int
    differences: list[tuple[int, str, str]]


def ours(source: str, sample: Sample) -> str | None:
    """The rendering; None for an error."""
    options = ChatOptions(
        now=NOW, generation_prompt=sample.generation_prompt, template=sample.values
    )
    values = values_of(sample.request(), options, NAMED, Reading())
    task = Task(
        source=source, variables=values.variables, now=NOW.isoformat(), tokens=[], most=1 << 24
    )
    outcome = run(task)
    return None if outcome.error else outcome.text


def theirs(source: str, sample: Sample) -> str | None:
    """The same by transformers."""
    reference: Any = import_module("transformers.utils.chat_template_utils")
    reference.datetime = _Clock
    messages = reference._normalize_chat_messages(sample.messages)
    try:
        rendered, _ = reference.render_jinja_template(
            conversations=[messages],
            tools=sample.tools or None,
            chat_template=source,
            add_generation_prompt=sample.generation_prompt,
            **{**NAMED, **sample.values},
        )
    except Exception:
        return None
    return str(rendered[0])


def compare(source: str, conversations: Iterable[Sample], enough: int | None = None) -> Compared:
    """Compare a template on conversations, until it has rendered enough of them."""
    equal = refused = 0
    differences = []
    for number, sample in enumerate(conversations):
        our, their = ours(source, sample), theirs(source, sample)
        if our != their:
            differences.append((number, str(our), str(their)))
        elif our is None:
            refused += 1
        else:
            equal += 1
        if enough is not None and equal >= enough:
            break
    return Compared(equal, refused, differences)


def golden(rendered: str | None) -> bytes:
    """The hash of a rendering, or of an error."""
    text = "refused" if rendered is None else f"rendered {rendered}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_HASH).digest()


def read_goldens() -> dict[str, list[bytes]]:
    """Template -> the hashes of its conversations."""
    found = {}
    for name, text in json.loads(GOLDENS.read_text("utf-8")).items():
        data = base64.b85decode(text)
        found[name] = [data[i : i + _HASH] for i in range(0, len(data), _HASH)]
    return found


def _write_goldens() -> None:
    conversations = [*samples(GOLDEN_COUNT, GOLDEN_SEED)]
    made = {"": b"".join(map(fingerprint, conversations))}
    for name in packaged_names():
        source = packaged_template(name).source
        made[name] = b"".join(golden(theirs(source, sample)) for sample in conversations)
    lines = {name: base64.b85encode(data).decode() for name, data in made.items()}
    GOLDENS.write_text(json.dumps(lines, indent=0) + "\n", "utf-8")


def fingerprint(sample: Sample) -> bytes:
    """The hash of a conversation."""
    return golden(json.dumps([sample.messages, sample.tools, sample.values]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("templates", nargs="*")
    parser.add_argument("--trl", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write-goldens", action="store_true")
    arguments = parser.parse_args()
    if arguments.write_goldens:
        _write_goldens()
        return 0
    names = arguments.templates or packaged_names()
    found = {name: _source(name) for name in names}
    if arguments.trl:
        paths = sorted(arguments.trl.glob("*.jinja"))
        found |= {p.stem: _source(str(p)) for p in paths if not p.stem.endswith("_training")}
    total = Counter[str]()
    for name, source in found.items():
        began = time.perf_counter()
        conversations = samples(_MOST * arguments.count, arguments.seed)
        result = compare(source, conversations, arguments.count)
        total.update(equal=result.equal, refused=result.refused, differ=len(result.differences))
        print(
            f"{name:28} {result.equal:6} equal {result.refused:6} refused by both "
            f"{len(result.differences):6} differ {time.perf_counter() - began:7.1f} s",
            flush=True,
        )
        for number, our, their in result.differences[:3]:
            print(f"    conversation {number}\n      {our[:1500]!r}\n      {their[:1500]!r}")
    print(len(found), "templates", dict(total))
    return 1 if total["differ"] else 0


def _source(name: str) -> str:
    if name.endswith(".jinja"):
        return Path(name).read_text("utf-8")
    return packaged_template(name).source


if __name__ == "__main__":
    sys.exit(main())
