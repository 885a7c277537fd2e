"""What properties are tried on: texts that are hard to split, and ordinary ones."""

from hypothesis import strategies as st

# One or more of every class that a split pattern names, and what is special to one of them:
# contractions and their case folds, marks that compose, other digits, other spaces, characters
# that were assigned after Unicode 14, private use and unassigned ones.
HARD = [
    *"aAbZsSdDmMtTlLrReEvV ſʼ'’",
    *"019²½٣Ⅷ",
    *" \t\n\r\v\f\x85\xa0\u2000\u2028\u3000\u1680",
    *'!/.,-_()[]{}<>|"#$€+^`~=\x1c\x1f\x00\x7f',
    *"中文字一龥龦ぁゟ゠ヿ・ーのカ゛゙゚\u3040\u3097가힣ㄱ\u1100\u1161",
    *"éÉßǅʰªѐЖकिำไ\u0301\u0308\u0323\u1dfa",
    *"\u200d\u200b\ufe0f\ufeff\ue000\u0378\U0010ffff",
    *"\u1c89\ua7cb\U00010d50\U00016d63\U0001e5d0\U0001fae9",
    *("'ll", "'VE", "\r\n", "\n\n", "  ", "    ", "\U0001f468\u200d\U0001f469", "<|endoftext|>"),
    *(" the", "ing", " International", "é́", "\u212b", "\u2126", "<think>", "<|im_start|>"),
]

hard_texts = st.lists(
    st.tuples(st.sampled_from(HARD), st.integers(1, 4)).map(lambda part: part[0] * part[1]),
    max_size=24,
).map("".join)

# Marks of Unicode 18, which `regex` has known since autumn 2026. The kernel's grapheme clusters are
# those of Unicode 17, where they are not assigned.
_NEW_MARKS = [
    (0x5C8, 0x5C9),
    (0xB53, 0xB54),
    (0x1ADE, 0x1ADF),
    (0x1AEC, 0x1AF0),
    (0x10ECB, 0x10ECF),
    (0x10EF0, 0x10EF9),
    (0x11DF0, 0x11DF0),
    (0x1D127, 0x1D128),
    (0x1D250, 0x1D252),
    (0x1D25B, 0x1D25C),
    (0x1D25F, 0x1D25F),
    (0x1D280, 0x1D281),
]
_new_marks = "".join(chr(c) for first, last in _NEW_MARKS for c in range(first, last + 1))

any_texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=_new_marks), max_size=60
)

texts = st.one_of(hard_texts, any_texts)

texts_with_surrogates = st.text(
    st.one_of(st.characters(), st.sampled_from("\ud83d\ude00\udfff a")), max_size=30
)
