"""How a GGUF file's name of a split (``tokenizer.ggml.pre``) stands in the original tokenizer.json.

The names are those of ``convert_hf_to_gguf.py``; what ``llama.cpp`` splits by under each is in its
``llama-vocab.cpp``, whose regular expressions are sometimes approximations. Only those names are
here whose original is known, with its normalizer: families of patterns.py, and steps that the
files of these models have.
"""

from types import MappingProxyType
from typing import Final

from ctxtools.encodings.files.byte_level_json import JsonSplits, byte_step, isolated, splits_of
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS

_DIGITS: Final = {"type": "Digits", "individual_digits": True}
_GPT2: Final = byte_step(use_regex=True)
_PLAIN: Final = byte_step(use_regex=False)
_DEEPSEEK_CJK: Final = "[一-龥ࠀ-一가-\ud7ff]+"
# Letters with case, as of Unicode 11.
_CASED: Final = (
    "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽ"
    "ᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥ"
    "ῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎ"
    "ꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃"
)


def _known() -> dict[str, JsonSplits]:
    def families(name: str, *names: str, ignore_merges: bool | None = None) -> None:
        splits = splits_of(SPLIT_PATTERNS[name])
        if ignore_merges is not None:
            splits = splits._replace(ignore_merges=ignore_merges)
        known.update(dict.fromkeys(names, splits))

    known: dict[str, JsonSplits] = {}
    families("r50k", "gpt-2", "phi-2")
    families("llama3", "llama3", "llama-v3", "llama-bpe", "chatglm-bpe", "glm4", ignore_merges=True)
    families("cl100k", "dbrx", "smaug-bpe")
    families("qwen2", "qwen2", "deepseek-r1-qwen")
    families("o200k", "gpt-4o", "llama4")
    families("qwen35", "qwen35")
    families("tekken", "tekken", ignore_merges=True)
    families("kimi", "kimi-k2")
    families("deepseek", "deepseek-v3")
    # The tokenizer of GPT-NeoX, which normalises.
    known |= dict.fromkeys(("mpt", "olmo"), JsonSplits((_GPT2,), nfc=True))
    digits = JsonSplits((_DIGITS, _GPT2))
    known |= dict.fromkeys(("starcoder", "refact", "smollm", "codeshell"), digits)
    known["command-r"] = digits._replace(nfc=True)
    o200k = splits_of(SPLIT_PATTERNS["o200k"])
    known["minimax-m2"] = o200k._replace(nfc=True, ignore_merges=False)
    known["bloom"] = JsonSplits((isolated(r" ?[^(\s|[.,!?…。，、।۔،])]+"), _PLAIN))
    coder = ("[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", _DEEPSEEK_CJK)
    known["deepseek-coder"] = JsonSplits((*map(isolated, coder), _DIGITS, _PLAIN))
    signs = "\\s?[!-/:-~！-／：-～‘-‟\u3000-。]+"
    llm = ("[\r\n]", rf"\s?[{_CASED}]+", signs, r"\s+$", _DEEPSEEK_CJK)
    known["deepseek-llm"] = JsonSplits((*map(isolated, llm), _DIGITS, _PLAIN))
    return known


SPLITS_OF_PRE: Final = MappingProxyType(_known())
"""``tokenizer.ggml.pre`` -> how the original splits."""
