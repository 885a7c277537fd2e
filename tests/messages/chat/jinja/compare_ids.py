"""Templates against transformers with real tokenizers: the same ids for random conversations.

    python -m tests.messages.chat.jinja.compare_ids [--count 600] TEMPLATE=FOLDER ...

encodes conversations, whose texts spell control tokens, as ``apply_chat_template`` does with
``sanitize_control_tokens``; a folder has a ``tokenizer.json`` and a ``tokenizer_config.json``.

transformers marks control tokens inside the texts that it hands to a template, and a template can
tell: ``strip`` stops at a mark, ``split`` leaves half of a pair, which then keeps tokens apart, and
a mapping that is written as it is shows it as an escape. Where its marks change what it renders
itself, there is nothing to compare; these are counted apart.
"""

import argparse
import re
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

from ctxtools import load_encoding
from ctxtools.messages.chat.formats import ChatOptions
from ctxtools.messages.chat.jinja.cutting import pieces_of
from ctxtools.messages.chat.jinja.job import Outcome, Task, run
from ctxtools.messages.chat.jinja.sources import Template, packaged_template
from ctxtools.messages.chat.jinja.values import Reading, Values, values_of
from tests.messages.chat.jinja.compare import NOW
from tests.messages.chat.jinja.samples import Sample, samples
from tests.messages.chat.pieces import piece_ids

_MARKS = re.compile("[\U000f0000\U000f0001]")
_PAIRS = re.compile("\U000f0000[^\\s\U000f0000\U000f0001]*\U000f0001")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pairs", nargs="+", metavar="TEMPLATE=FOLDER")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    different = 0
    for pair in arguments.pairs:
        name, _, folder = pair.partition("=")
        found = _compare(packaged_template(name), folder, samples(arguments.count, arguments.seed))
        print(pair, dict(found), flush=True)
        different += found["different"]
    return 1 if different else 0


def _compare(template: Template, folder: str, conversations: Any) -> Counter[str]:
    transformers: Any = import_module("transformers")
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    encoding = load_encoding(Path(folder, "tokenizer.json"))
    found = Counter[str]()
    for sample in conversations:
        if _has_media(sample):
            continue
        try:
            theirs = _theirs(tokenizer, template, sample)
        except Exception:  # whatever a template raises
            found["refused"] += 1
            continue
        pieces = pieces_of(*_ours(tokenizer, template, sample), template.tokens, {})
        if piece_ids(pieces, encoding, tokenizer.get_added_vocab()) == theirs:
            found["equal"] += 1
        elif _marks_matter(tokenizer, template, sample):
            found["changed by marks"] += 1
        else:
            found["different"] += 1
    return found


def _has_media(sample: Sample) -> bool:
    contents = (m["content"] for m in sample.messages if isinstance(m["content"], list))
    return any(block["type"] != "text" for content in contents for block in content)


def _theirs(tokenizer: Any, template: Template, sample: Sample) -> list[int]:
    return list(
        tokenizer.apply_chat_template(
            sample.messages,
            tools=sample.tools or None,
            chat_template=template.source,
            add_generation_prompt=sample.generation_prompt,
            sanitize_control_tokens=True,
            return_dict=False,
            **sample.values,
        )
    )


def _marks_matter(tokenizer: Any, template: Template, sample: Sample) -> bool:
    reference: Any = import_module("transformers.utils.chat_template_utils")
    messages, tools = [reference._normalize_chat_messages(sample.messages)], sample.tools or None
    marked = tokenizer._mark_chat_inputs(
        template.source, messages, tools, None, sample.values, True, False
    )
    texts = []
    for conversations, tools_, _, values in ((messages, tools, None, sample.values), marked):
        rendered, _ = reference.render_jinja_template(
            conversations=conversations,
            tools=tools_,
            chat_template=template.source,
            add_generation_prompt=sample.generation_prompt,
            **{**tokenizer.special_tokens_map, **values},
        )
        texts.append(rendered[0])
    plain, marks = texts
    return plain != _MARKS.sub("", marks) or bool(_MARKS.search(_PAIRS.sub("", marks)))


def _ours(tokenizer: Any, template: Template, sample: Sample) -> tuple[Outcome, Values]:
    options = ChatOptions(
        now=NOW, generation_prompt=sample.generation_prompt, template=sample.values
    )
    values = values_of(sample.request(), options, tokenizer.special_tokens_map, Reading())
    tokens = [token.spelling for token in template.tokens]
    outcome = run(
        Task(
            source=template.source,
            variables=values.variables,
            now=NOW.isoformat(),
            tokens=tokens,
            most=1 << 24,
        )
    )
    return outcome, values


if __name__ == "__main__":
    sys.exit(main())
