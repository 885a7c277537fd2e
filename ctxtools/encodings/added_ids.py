"""What a tokenizer adds to a text of its own accord: ``[CLS]`` and ``[SEP]``, or a BOS.

The post-processor of a ``tokenizer.json`` says so
(https://huggingface.co/docs/tokenizers/api/post-processors), and of a SentencePiece model the
``tokenizer_config.json`` beside it. Ranks do not: what is put around their tokens, the caller
decides.
"""

from typing import Any, NamedTuple


class AddedIds(NamedTuple):
    """The ids around those of a single text; none by default.

    Attributes:
        before: such as that of ``[CLS]``, or a BOS.
        after: such as that of ``[SEP]``, or an EOS.
    """

    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()


def added_ids(post_processor: Any) -> AddedIds:
    """What a post-processor adds to a single text.

    Args:
        post_processor: its value in a ``tokenizer.json``; None if there is none.

    Raises:
        ValueError: a template does not have the text once, or several processors add something,
            which then depends on their order; an id is none.
        KeyError, TypeError: it is malformed.
    """
    kind = post_processor["type"] if post_processor else None
    if kind == "Sequence":
        added = [found for each in post_processor["processors"] if any(found := added_ids(each))]
        [only] = added or [AddedIds()]
        return only
    if kind in ("BertProcessing", "RobertaProcessing"):
        return AddedIds(_ids(post_processor["cls"][1:]), _ids(post_processor["sep"][1:]))
    if kind == "TemplateProcessing":
        pieces = post_processor["single"]
        [text] = (n for n, piece in enumerate(pieces) if "Sequence" in piece)
        before, after = (
            [i for each in side for i in _ids(post_processor["special_tokens"][_name(each)]["ids"])]
            for side in (pieces[:text], pieces[text + 1 :])
        )
        return AddedIds(tuple(before), tuple(after))
    return AddedIds()


def _ids(found: Any) -> tuple[int, ...]:
    if type(found) is list and all(type(i) is int and 0 <= i < 1 << 32 for i in found):
        return tuple(found)
    raise ValueError("an id is none")


def _name(piece: Any) -> str:
    return str(piece["SpecialToken"]["id"])
