"""Tokenizers of `tokenizers` and `sentencepiece`, trained with options chosen at random."""

import base64
import io
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, trainers
from tokenizers import pre_tokenizers as pre

from tests.strategies import HARD

_SCRIPTS = [
    *("the", "cat", "sat", "International", "don't", "2019", "3.14", "x_y", "fooBar", "naïve"),
    *("Ångström", "Straße", "中文", "文字", "中国人", "国", "人。", "ひらがな", "カタカナ", "ﾊﾟﾋﾟ"),
    *("가힣", "한국어", "각", "ไทย", "ภาษาไทย", "กำ", "สวัสดี", "हिन्दी", "العربية", "עברית"),
    *("שלום", "русский", "слово", "Ελληνικά", "ſtrange", "ﬁne", "①", "㎏", "½", "Ⅷ", "ǅ"),
]
_HOSTILE = [
    *("\0", "\x07", "\u200d", "\u200b", "\u200e", "\u202e", "\ufeff", "\ufffd", "\ue000", "\x85"),
    *("\u0301", "\u0300\u0323", "\u1100\u1161\u11a8", "\u11a8", "\u3099", "\u0e33", "\u0600"),
    *("▁", "▁▁", " ▁", "▁ ", "  ", "\u3000", "\xa0", "\u2028", "\n", "\r\n", "\t", "##", "##a"),
    *("<s>", "</s>", "<unk>", "[UNK]", "[CLS]", "<pad>", "<0x41>", "<0x0A>", "<0xE4>", "<mask>"),
    *("👩\u200d👩\u200d👧", "🇩🇪", "🏽", "\U0010ffff", "\U000e0041", "𝟘", "龘", "豈", "\u2f00"),
    *("``", "''", "ſ", "ß", "ẞ", "İ", "ı", "ΑΣ", "Å", "e\u0301", "q\u0307\u0323", "À"),
]
_RULES = ("nmt_nfkc", "nmt_nfkc_cf", "nfkc", "nfkc_cf", "identity")
_SPECIAL = ["<unk>", "<s>", "</s>", "[UNK]", "[CLS]", "[SEP]"]


@dataclass(frozen=True)
class Library:
    """A tokenizer of a library.

    Attributes:
        family: one of ``FAMILIES``.
        file_name: of its file, and ``data`` the content of that.
        options: what it was trained with, for people.
        pieces: some of its vocabulary, as a text has it.
    """

    family: str
    file_name: str
    data: bytes
    options: str
    pieces: list[str]
    encode_text: Callable[[str], list[int]]

    def encode(self, text: str) -> list[int]:
        """Its ids of a text, in which a lone surrogate is U+FFFD."""
        return self.encode_text(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))

    def count(self, text: str) -> int:
        return len(self.encode(text))


def random_text(source: random.Random, pieces: list[str]) -> str:
    """A text of pieces of a vocabulary, words of many scripts, and what is hostile."""
    parts = []
    for _ in range(source.choice([0, 1, 2, 3, 5, 8, 13, 21, 40])):
        kind = source.random()
        if kind < 0.3:
            part = source.choice(pieces)
        elif kind < 0.5:
            part = source.choice(_SCRIPTS)
        elif kind < 0.65:
            part = source.choice(HARD)
        elif kind < 0.8:
            part = source.choice(_HOSTILE)
        elif kind < 0.92:
            part = " "
        elif kind < 0.995:
            part = _character(source)
        else:
            part = source.choice(["\ud83d", "\ude00"])
        parts.append(part * source.choice([1] * 18 + [2, 3, source.choice([4, 20, 70, 300])]))
    return "".join(parts)


def _character(source: random.Random) -> str:
    first, last = source.choice(
        [(0, 0x80), (0x80, 0x3000), (0x3000, 0xD800), (0xE000, 0x10000), (0x10000, 0x20000)]
    )
    return chr(source.randrange(first, last))


@cache
def _lines() -> list[str]:
    text = Path(__file__).parents[2].joinpath("CONTRIBUTING.md").read_text("utf-8")
    return [line for line in text.splitlines() if line.strip()]


def _sentences(source: random.Random) -> list[str]:
    """What to train on: another selection of words each time."""
    words = source.sample(_SCRIPTS, k=source.randint(4, len(_SCRIPTS)))
    words += source.choices(HARD, k=12) + source.choices(_HOSTILE, k=8)
    words += [_character(source) for _ in range(20)]
    joiner = source.choice([" ", " ", ""])
    made = [joiner.join(source.choices(words, k=12)) for _ in range(source.choice([40, 200]))]
    return made + source.sample(_lines(), k=min(40, len(_lines())))


def _pick(source: random.Random, **choices: list[Any]) -> dict[str, Any]:
    return {name: source.choice(values) for name, values in choices.items()}


# sentencepiece


def _sentencepiece(kind: str, source: random.Random) -> Library:
    options = _pick(
        source,
        normalization_rule_name=[*_RULES],
        byte_fallback=[True, True, False],
        add_dummy_prefix=[True, False],
        remove_extra_whitespaces=[True, False],
        split_digits=[True, False],
        split_by_whitespace=[True, True, True, False],
        split_by_unicode_script=[True, False],
        treat_whitespace_as_suffix=[False, False, False, True],
        allow_whitespace_only_pieces=[True, False],
        user_defined_symbols=[[], [], ["<x>", "中国", "ab"], ["▁▁", "a b", "\n", "é"]],
        control_symbols=[[], ["<c>", "cat"]],
        vocab_size=[330, 420, 700],
        character_coverage=[0.98, 1.0],
    )
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(each for each in _sentences(source) if "\0" not in each),
        model_writer=written,
        model_type=kind,
        hard_vocab_limit=False,
        minloglevel=3,
        **options,
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    pieces = [processor.id_to_piece(i).replace("▁", " ") for i in range(processor.vocab_size())]
    family = f"sentencepiece {kind}"
    return Library(
        family, "tokenizer.model", written.getvalue(), str(options), pieces, processor.encode
    )


@cache
def _charsmap(rule: str) -> bytes:
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f"] * 9),
        model_writer=written,
        vocab_size=20,
        hard_vocab_limit=False,
        normalization_rule_name=rule,
        minloglevel=3,
    )
    messages: Any = import_module("sentencepiece.sentencepiece_model_pb2")
    model = messages.ModelProto()
    model.ParseFromString(written.getvalue())
    return bytes(model.normalizer_spec.precompiled_charsmap)


# tokenizers


def _normalizer(source: random.Random) -> dict[str, Any] | None:
    """A normalizer, as a tokenizer.json has it."""

    def precompiled() -> dict[str, Any]:
        table = base64.b64encode(_charsmap(source.choice(_RULES[:4]))).decode()
        return {"type": "Precompiled", "precompiled_charsmap": table}

    def bert() -> dict[str, Any]:
        flags: dict[str, Any] = {
            "clean_text": source.random() < 0.7,
            "handle_chinese_chars": source.random() < 0.7,
            "strip_accents": source.choice([None, True, False]),
            "lowercase": source.random() < 0.6,
        }
        return {"type": "BertNormalizer", **flags}

    def replaced(pattern: Any, content: str) -> dict[str, Any]:
        kind, spelled = (
            ("Regex", pattern.pattern) if isinstance(pattern, re.Pattern) else ("String", pattern)
        )
        return {"type": "Replace", "pattern": {kind: spelled}, "content": content}

    def sides() -> dict[str, Any]:
        return {
            "type": "Strip",
            "strip_left": source.random() < 0.5,
            "strip_right": source.random() < 0.5,
        }

    single: list[Callable[[], dict[str, Any]]] = [
        precompiled,
        precompiled,
        bert,
        sides,
        *(
            (lambda name=name: {"type": name})
            for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt")
        ),
        lambda: {"type": "Prepend", "prepend": source.choice(["▁", "a"])},
        lambda: replaced(" ", "▁"),
        lambda: replaced("``", '"'),
        lambda: replaced("a", source.choice(["", "bb", " "])),
        lambda: replaced("e", "\u0301"),
        lambda: replaced(
            re.compile(source.choice([" {2,}", r"\s+", " +", r"\s{2,}"])),
            source.choice([" ", "▁", "", "x"]),
        ),
    ]
    number = source.choice([0, 0, 1, 1, 1, 2, 3, 4])
    steps = [source.choice(single)() for _ in range(number)]
    if number < 2:
        return steps[0] if steps else None
    return {"type": "Sequence", "normalizers": steps}


def _pre_tokenizer(source: random.Random) -> pre.PreTokenizer | None:
    behaviors = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]

    def metaspace() -> pre.PreTokenizer:
        return pre.Metaspace(
            prepend_scheme=source.choice(["always", "first", "never"]),
            split=source.random() < 0.7,
        )

    single: list[Callable[[], pre.PreTokenizer]] = [
        metaspace,
        metaspace,
        metaspace,
        pre.BertPreTokenizer,
        pre.Whitespace,
        pre.WhitespaceSplit,
        lambda: pre.Punctuation(source.choice(behaviors)),
        lambda: pre.Digits(source.random() < 0.5),
        lambda: pre.CharDelimiterSplit(source.choice("a -")),
        lambda: pre.Split(source.choice([" ", "a", "中"]), source.choice(behaviors)),
    ]
    number = source.choice([0, 1, 1, 1, 1, 2, 3])
    steps = [source.choice(single)() for _ in range(number)]
    if number < 2:
        return steps[0] if steps else None
    return pre.Sequence(steps)


def _byte_level(source: random.Random) -> pre.PreTokenizer:
    patterns = [
        r"\p{N}{1,3}", r"\p{N}", "[一-龥\u3040-ゟ゠-ヿ]+", r"\s+", r" ?\p{L}+", r"[\r\n]",
        r"'s|'t| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ]  # fmt: skip
    single: list[Callable[[], pre.PreTokenizer]] = [
        lambda: pre.Split(Regex(source.choice(patterns)), "isolated", source.random() < 0.2),
        lambda: pre.Split(Regex(source.choice(patterns)), "isolated"),
        lambda: pre.Split(Regex(source.choice(patterns)), "removed", source.random() < 0.5),
        lambda: pre.Digits(source.random() < 0.5),
    ]
    steps = [source.choice(single)() for _ in range(source.choice([0, 1, 1, 2, 3]))]
    last = pre.ByteLevel(
        add_prefix_space=source.random() < 0.1, use_regex=not steps or source.random() < 0.5
    )
    return pre.Sequence([*steps, last]) if steps else last


def _train(family: str, source: random.Random) -> Tokenizer:
    size = source.choice([150, 300, 600])
    common: dict[str, Any] = {"special_tokens": _SPECIAL, "show_progress": False}
    sentences = _sentences(source)
    if family == "wordpiece":
        prefix = source.choice(["##", "##", "@"])
        model: models.Model = models.WordPiece(
            unk_token="[UNK]", max_input_chars_per_word=source.choice([9, 99])
        )
        trainer: Any = trainers.WordPieceTrainer(
            vocab_size=size, continuing_subword_prefix=prefix, **common
        )
    elif family == "unigram":
        model = models.Unigram()
        trainer = trainers.UnigramTrainer(
            vocab_size=size, unk_token="<unk>", max_piece_length=source.choice([3, 16]), **common
        )
    else:
        model = models.BPE(unk_token=source.choice([None, "<unk>"]))
        if family == "bpe":
            common["limit_alphabet"] = source.choice([30, 1000])
            bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
            common["special_tokens"] = _SPECIAL + source.choice([[], bytes_, bytes_])
        else:
            common["initial_alphabet"] = pre.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=size + 500, **common)
    tokenizer = Tokenizer(model)
    if family == "byte-level":
        tokenizer.pre_tokenizer = _byte_level(source)
        tokenizer.decoder = decoders.ByteLevel()
    elif (split := _pre_tokenizer(source)) is not None:
        tokenizer.pre_tokenizer = split
    normalizer = _normalizer(source)
    if normalizer and family == "byte-level":
        normalizer = source.choice([None, None, {"type": "NFC"}, normalizer])
    if normalizer:
        file = json.loads(tokenizer.to_str()) | {"normalizer": normalizer}
        # Trained with it, so that the vocabulary has what it makes.
        tokenizer.normalizer = Tokenizer.from_str(json.dumps(file)).normalizer
    tokenizer.train_from_iterator(sentences, trainer)
    return tokenizer


def _of_tokenizers(family: str, source: random.Random) -> Library:
    tokenizer = _train(family, source)
    file = json.loads(tokenizer.to_str())
    model = file["model"]
    has_bytes = model["type"] == "Unigram" or "<0x00>" in model["vocab"]
    if family in ("bpe", "unigram") and has_bytes:
        model["byte_fallback"] = source.random() < 0.7
    if family == "unigram" and source.random() < 0.5:
        known = {piece for piece, _ in model["vocab"]}
        bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
        model["vocab"] += [[each, -9.0] for each in bytes_ if each not in known]
    if family == "bpe":
        model["fuse_unk"] = source.random() < 0.5
        model["ignore_merges"] = source.random() < 0.2
    if source.random() < 0.7:
        file["added_tokens"] = []
    if family == "byte-level":
        model["ignore_merges"] = source.random() < 0.3
        if source.random() < 0.3:
            source.shuffle(model["merges"])
    library = Tokenizer.from_str(json.dumps(file))
    if source.random() < 0.1:
        library.add_tokens([AddedToken("<new>", normalized=False), AddedToken("ab", special=False)])
    library.encode_special_tokens = True
    data = library.to_str().encode()
    pieces = [piece.replace("▁", " ").removeprefix("##") for piece in library.get_vocab()]
    shown = {"normalizer": file["normalizer"], "pre_tokenizer": file["pre_tokenizer"]}

    def encode(text: str) -> list[int]:
        return list(library.encode(text, add_special_tokens=False).ids)

    return Library(
        family,
        "tokenizer.json",
        data,
        re.sub("[A-Za-z0-9+/]{99,}", "…", str(shown)),
        sorted(pieces),
        encode,
    )


FAMILIES = (
    "wordpiece",
    "unigram",
    "bpe",
    "byte-level",
    "sentencepiece bpe",
    "sentencepiece unigram",
)


def random_library(family: str, source: random.Random) -> Library:
    """A tokenizer of one of ``FAMILIES``."""
    while True:
        try:
            if family.startswith("sentencepiece"):
                return _sentencepiece(family.split()[1], source)
            return _of_tokenizers(family, source)
        except Exception as error:  # of both libraries' trainers: they have no other
            if "large" not in str(error) and "Vocabulary size" not in str(error):
                raise
