"""Texts that a tokenizer may get wrong: for Hypothesis, and the worst cases of other libraries."""

import base64
import random

from hypothesis import strategies as st

# What the split patterns distinguish, and characters that exposed bugs.
_WORDS = """
    a b word Word WORD Z s t re ll é É ß ſ K ǅ ʰ ª 中 文 々 〇 ⺀ 龥 龦 鿿 ー ・ カ ひ 한글 ก ั я Я ا
    ّ 0 7 42 123 9999 ² ½ ٣ Ⅷ 𝟘 ' 's 'S 'll 'Re 'd 'ſ '' . , ! / // ( ) == _ - # … 。 “ ” € 😀
"""
_OTHERS = [
    " ", " ", " ", "  ", "    ", "\t", "\n", "\n", "\r\n", "\n\n", "\x0b", "\x85", "\xa0",
    "\u2003", "\u2028", "\u3000", "\x00", "\x01", "\x1c", "\x7f", "\u0301", "\u200b", "\u200d",
    "\ufe0f", "\ufeff", "\ue000", "\u0378", "\U0010ffff", "👨\u200d👩\u200d👧", "e\u0301", "ᄀ",
    "ᅡ", "ᆨ", "\u0323\u0307", "Å", "豈",
]  # fmt: skip

_repeated = st.tuples(
    st.sampled_from([*_WORDS.split(), *_OTHERS]), st.sampled_from([1] * 12 + [2, 3, 70])
)
TEXTS = st.lists(
    _repeated.map(lambda pair: pair[0] * pair[1]) | st.text(max_size=8), max_size=60
).map("".join)


def worst_cases(size: int) -> dict[str, str]:
    """The inputs on which tokenizers are slow or crash, of about ``size`` characters each."""
    source = random.Random(4)

    def letters(alphabet: str) -> str:
        return "".join(source.choices(alphabet, k=size))

    return {
        "one letter": "a" * size,
        "spaces": " " * size,
        "line breaks": "\n" * size,
        "exclamation marks": "!" * size,
        "random letters": letters("abcdefghijklmnopqrstuvwxyz"),
        "base64": base64.b64encode(source.randbytes(size * 3 // 4)).decode(),
        "random Chinese": letters("".join(map(chr, range(0x4E00, 0x9FA6)))),
        "family emoji": "👨\u200d👩\u200d👧\u200d👦" * (size // 7),
        "Thai": "สวัสดีครับยินดีต้อนรับ" * (size // 22),
        "marks and spaces": "e\u0301\r\n\u00a0it's\u0323 I'LL " * (size // 18),
        "capitals among caseless": "中A" * (size // 2),
        "controls": "\x01" * size,
        "digits": "1" * size,
        "marks": "\u0301" * size,
    }
