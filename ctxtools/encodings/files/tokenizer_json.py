"""Recognising a ``tokenizer.json`` that is byte-level BPE.

Such a file does not need the ``tokenizers`` library: its vocabulary as ranks and its split pattern
are equivalent, and the engines here count many times faster with those. The pattern is that of a
known family, or steps that the kernel reads (``kernel/src/split/steps.rs``). A file with anything
that is not known to be equivalent is left to the library.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from ctxtools import _core
from ctxtools._core.byte_characters import token_bytes
from ctxtools.encodings.added_ids import AddedIds, added_ids
from ctxtools.encodings.engines.finder import WHITE_SPACE_CHARACTERS, AddedToken, max_steps
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS, SplitPattern
from ctxtools.encodings.normalize import SURROGATE
from ctxtools.encodings.normalize import nfc as to_nfc

if TYPE_CHECKING:
    from ctxtools._core import TokenizerJson, Vocabulary

_FAMILIES = {pattern.json_splits: pattern for pattern in SPLIT_PATTERNS.values()}

_MODEL_KEYS = {
    *("type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"),
    *("fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges"),
}
# The library takes some steps for what their keys are those of, whatever their type is called.
_STEP_KEYS = {
    "ByteLevel": {"add_prefix_space", "trim_offsets", "use_regex"},
    "Split": {"pattern", "behavior", "invert"},
    "NFC": set[str](),
    "TemplateProcessing": {"single", "pair", "special_tokens"},
    "Sequence": {"pretokenizers", "normalizers", "processors"},
}
_MAX_OVERLAPS = 1 << 26  # bytes of memory, about, to find overlaps of added tokens
_MAX_STEPS = 1 << 11  # to find out whether an added token is at one position of a text


@dataclass(frozen=True, slots=True)
class ByteLevel:
    """What a recognised file says.

    Attributes:
        vocabulary: token bytes -> id, which is its rank; in the kernel, if there is one.
        pattern: the split pattern: a family, or the pre-tokenizer as JSON, which the kernel knows.
        nfc: whether a text is normalised to NFC first.
        special_tokens: the special tokens, by the name that the file gives them.
        added: tokens that are not special and yet are found by their spelling.
        unused: id -> bytes, of tokens that are not added and that no text has.
        added_ids: what it puts around a text.
    """

    vocabulary: "dict[bytes, int] | Vocabulary"
    pattern: SplitPattern | str
    nfc: bool
    special_tokens: dict[str, AddedToken]
    added: list[AddedToken]
    unused: dict[int, bytes]
    added_ids: AddedIds


def read_byte_level(data: bytes) -> ByteLevel | None:
    """What a ``tokenizer.json`` says, or None: it is of another kind, or of no kind.

    Args:
        data: the file's content.
    """
    try:
        return _read(_core.TokenizerJson(data)) if _may_be_known(data) else None
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return None  # malformed: the library says how


def find_fault(data: bytes) -> str | None:
    """What is wrong with a token of a file that the library refuses, and where; None if nothing is.

    The library says at which character, if at all.
    """
    try:
        file = json.loads(data)
        vocab = file["model"]["vocab"]
        if isinstance(vocab, list):  # of pieces and their scores, whose ids are their numbers
            vocab = dict(zip(dict(vocab), count(), strict=False))
        for token, i in vocab.items():
            if re.search(SURROGATE, token):
                return f"model.vocab has half a character as a token: {token!r:.40}"
            if type(i) is not int or not 0 <= i < 1 << 32:
                where = f"model.vocab[{token!r:.40}]"
                return f"the id of {where} must be from 0 to 2^32 - 1, got {i!r:.20}"
        for n, token in enumerate(file.get("added_tokens") or ()):
            if re.search(SURROGATE, content := token["content"]):
                return f"the content of added_tokens[{n}] has half a character: {content!r:.40}"
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        pass
    return None


def _may_be_known(data: bytes) -> bool:
    """Whether a file may be of a known family, by what stands before its vocabulary."""
    head = data[: data.find(b'"model"')].rstrip(b" \t\r\n,") + b"}"
    try:
        return _pattern(json.loads(head)["pre_tokenizer"]) is not None
    except (KeyError, ValueError):
        return True  # only the whole file can tell


def _read(large: "TokenizerJson") -> ByteLevel | None:
    file: dict[str, Any] = json.loads(large.rest)
    pattern, nfc = _pattern(file["pre_tokenizer"]), _nfc(file.get("normalizer"))
    model = file["model"]
    is_plain = _is_plain_bpe(model) and _kind(file["decoder"]) == "ByteLevel"
    if pattern is None or nfc is None or not is_plain or not _keeps(file.get("post_processor")):
        return None
    added = added_tokens(file.get("added_tokens") or [], large, nfc=nfc)
    if added is None:
        return None
    found = large.byte_level(bool(model.get("ignore_merges")))
    if found is None:
        return None
    vocabulary, unused = found
    special, plain = added
    for token in (*special.values(), *plain):
        unused.pop(token.id, None)
    return ByteLevel(
        vocabulary, pattern, nfc, special, plain, unused, added_ids(file.get("post_processor"))
    )


def _kind(step: Any) -> str | None:
    """The type of a step, or None: it has keys that are not of this type."""
    kind: str = step["type"]
    return kind if step.keys() - {"type"} <= _STEP_KEYS.get(kind, set()) else None


def _pattern(step: Any) -> SplitPattern | str | None:
    """The family of a pre-tokenizer, or its JSON if the kernel knows that; else None."""
    if (family := _family(step)) or not _core.kernel:
        return family
    from ctxtools.encodings.engines.kernel import knows_splits

    splits = json.dumps(step, ensure_ascii=False)
    return splits if knows_splits(splits) else None


def _family(step: Any) -> SplitPattern | None:
    """The family of a pre-tokenizer, or None."""
    *splits, last = step["pretokenizers"] if _kind(step) == "Sequence" else [step]
    if _kind(last) != "ByteLevel" or last["add_prefix_space"]:
        return None
    # GPT-2's file does not say so; all else has to be said in a file.
    use_regex = last.get("use_regex", True)
    if any(_kind(split) != "Split" for split in splits) or (use_regex and splits):
        return None
    regexes = tuple(split["pattern"].get("Regex") for split in splits)
    # The pre-tokenizer without any pattern is not that of ``()``, the one that it has built in.
    family = _FAMILIES.get(regexes) if use_regex or splits else None
    behaviors = {(split["behavior"], split["invert"]) for split in splits}
    # One pattern has every character in a match, so it is the same to take the matches out.
    known = {("Isolated", False)} | ({("Removed", True)} if len(splits) == 1 else set())
    return family if behaviors <= known else None


def _nfc(normalizer: Any) -> bool | None:
    """Whether a normaliser is NFC or does nothing; None if it does anything else."""
    if normalizer is None:
        return False
    if _kind(normalizer) == "Sequence":
        steps = [_nfc(step) for step in normalizer["normalizers"]]
        return None if None in steps else any(steps)
    return True if _kind(normalizer) == "NFC" else None


def _keeps(processor: Any) -> bool:
    """Whether a post-processor adds nothing but special tokens, which are not asked for here."""
    if processor is None or _kind(processor) == "ByteLevel":
        return True
    if _kind(processor) == "Sequence":
        return all(map(_keeps, processor["processors"]))
    if _kind(processor) != "TemplateProcessing":
        return False
    return sum("Sequence" in piece for piece in processor["single"]) == 1


def _is_plain_bpe(model: Any) -> bool:
    """Whether a model is BPE, with nothing that could change its tokens."""
    return bool(
        model.get("type", "BPE") == "BPE"
        and model.keys() <= _MODEL_KEYS
        and model.get("dropout") is None
        and not model.get("continuing_subword_prefix")
        and not model.get("end_of_word_suffix")
    )


class Ids(Protocol):
    """The ids of a vocabulary; see `TokenizerJson`."""

    @property
    def token_count(self) -> int: ...
    @property
    def max_id(self) -> int | None: ...
    def id_of(self, token: str, /) -> int | None: ...


def added_tokens(
    added: Sequence[dict[str, Any]], large: "Ids", *, nfc: bool
) -> tuple[dict[str, AddedToken], list[AddedToken]] | None:
    """The added tokens, (special ones by name, others), or None: the library finds other ones."""
    special: dict[str, AddedToken] = {}
    plain, next_id = [], large.token_count
    if (last_id := large.max_id) is None:
        return None
    for token in added:
        name, normalized = token["content"], token["normalized"]
        known = large.id_of(name)
        i = next_id if known is None else known
        # The library numbers them anew, and finds another id where the file has gaps.
        if not name or i != token["id"] or (known is None and i <= last_id):
            return None
        next_id += known is None
        spelling = to_nfc(name) if nfc and normalized else name
        flags = {flag: token[flag] for flag in ("single_word", "lstrip", "rstrip")}
        found = AddedToken(spelling, i, token_bytes(spelling), normalized, **flags)
        if token["special"]:
            special[name] = found
        else:
            plain.append(found)
    every = (*special.values(), *plain)
    if max_steps(token.spelling for token in every) > _MAX_STEPS:
        return None
    names = {token["content"] for token in added}
    spellings = {(token.normalized, token.spelling) for token in every}
    if min(len(names), len(spellings)) < len(added):
        return None  # which of two is found is left to chance
    if any(token.rstrip for token in every) and any(
        token.lstrip and token.spelling[0] in WHITE_SPACE_CHARACTERS for token in every
    ):
        return None  # one that is found in what another took, and so takes nothing, is no token
    # The library looks for special ones too, and skips them: a token that overlaps one of them
    # would not be found.
    return None if _overlap(special.values(), plain) else (special, plain)


def _overlap(special: Collection[AddedToken], plain: Sequence[AddedToken]) -> bool:
    """Whether the spelling of a special token has in it another one, or ends as it starts.

    Where a file has too many or too long ones to tell, they are taken to overlap.
    """
    if sum(len(token.spelling) ** 2 for token in (*special, *plain)) > _MAX_OVERLAPS:
        return bool(special and plain)
    spellings = {token.spelling for token in plain}
    starts = {spelling[:n] for spelling in spellings for n in range(1, len(spelling) + 1)}
    for other in (token.spelling for token in special if starts):
        for start in range(len(other)):
            end = start + 1
            while other[start:end] in starts:
                if other[start:end] in spellings or (start and end == len(other)):
                    return True
                if end == len(other):
                    break
                end += 1
    return False
