"""Counting a text's characters by class: what an estimate goes by, beside another encoding's count.

A class is told by the first byte of a character in UTF-8 or by the first two, so that scripts are
told apart without decoding. Each step removes one class and counts what is gone. So the time is
that of a few passes over bytes, most of them over a fraction of the text.
"""

from typing import Final

_ASCII_CLASSES: Final = {
    "lower case": b"abcdefghijklmnopqrstuvwxyz",
    "upper case": b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digits": b"0123456789",
    "spaces": b" ",
    "line breaks": b"\n",
    "tabs": b"\t",
    "opening brackets": b"([{<",
    "closing brackets": b")]}>",
    "quotes": b"\"'`",
    "stops": b".,:;!?",
    "operators": b"+-*/=%&|^~@#$\\_",
}
# Blocks of Unicode by the first byte of their characters, whatever else has the same byte.
_BY_FIRST: Final = {
    "Latin-1 symbols": (0xC2, 0xC2),
    "Latin-1 letters": (0xC3, 0xC3),
    "extended Latin": (0xC4, 0xC8),
    "phonetic": (0xC9, 0xCB),
    "modifiers": (0xCC, 0xCC),
    "Greek": (0xCD, 0xCF),
    "Cyrillic": (0xD0, 0xD1),
    "extended Cyrillic": (0xD2, 0xD3),
    "Armenian": (0xD4, 0xD5),
    "Armenian and Hebrew points": (0xD6, 0xD6),
    "Hebrew": (0xD7, 0xD7),
    "Arabic": (0xD8, 0xD9),
    "extended Arabic": (0xDA, 0xDB),
    "Syriac to N'Ko": (0xDC, 0xDF),
    "other Indic": (0xE0, 0xE0),
    "other scripts": (0xE1, 0xE1),
    "other symbols": (0xE2, 0xE2),
    "other CJK": (0xE3, 0xE3),
    "Han": (0xE4, 0xE9),
    "Yi to Hangul": (0xEA, 0xEA),
    "Hangul": (0xEB, 0xED),
    "private use": (0xEE, 0xEE),
    "presentation forms": (0xEF, 0xEF),
    "supplementary": (0xF0, 0xF4),
}
# Of the characters with one first byte, those with these second bytes: frequent ones first.
_BY_SECOND: Final = {
    0xCC: {"accents": (0x80, 0xBF)},
    0xCD: {"more accents": (0x80, 0xAF)},
    0xD9: {"Arabic points": (0x8B, 0x92)},
    0xE0: {
        "Thai": (0xB8, 0xB9),
        "Devanagari": (0xA4, 0xA5),
        "Bengali": (0xA6, 0xA7),
        "Tamil": (0xAE, 0xAF),
        "Telugu": (0xB0, 0xB1),
        "Malayalam": (0xB4, 0xB5),
        "Kannada": (0xB2, 0xB3),
        "Gujarati": (0xAA, 0xAB),
        "Gurmukhi": (0xA8, 0xA9),
        "Sinhala": (0xB6, 0xB7),
        "Lao": (0xBA, 0xBB),
        "Oriya": (0xAC, 0xAD),
        "Tibetan": (0xBC, 0xBF),
    },
    0xE1: {
        "additional Latin": (0xB8, 0xBB),
        "Georgian": (0x82, 0x83),
        "Myanmar": (0x80, 0x81),
        "Khmer": (0x9E, 0x9F),
        "jamo": (0x84, 0x87),
        "Ethiopic": (0x88, 0x8E),
        "polytonic Greek": (0xBC, 0xBF),
    },
    0xE2: {"typography": (0x80, 0x80), "box drawing": (0x94, 0x96)},
    0xE3: {"kana": (0x81, 0x83), "CJK punctuation": (0x80, 0x80)},
    0xEF: {"full width": (0xBC, 0xBE)},
    0xF0: {"emoji": (0x9F, 0x9F)},
}
_HAS_SECOND: Final = frozenset(_BY_SECOND)

# Neighbours in ASCII: what the first and the second one of two adjacent characters are.
_KINDS: Final = {
    "lower": b"abcdefghijklmnopqrstuvwxyz",
    "upper": b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digit": b"0123456789",
    "space": b" ",
    "break": b"\n\t\r",
    "mark": bytes(range(0x21, 0x30)) + b":;<=>?@[\\]^_`{|}~",
}
_NEIGHBOURS: Final = {
    "words": ("space break mark digit other", "lower upper"),
    "word, mark": ("lower upper", "mark"),
    "word, digit": ("lower upper", "digit"),
    "digit, word": ("digit", "lower upper"),
    "digit, mark": ("digit", "mark"),
    "mark, digit": ("mark", "digit"),
    "lower, upper": ("lower", "upper"),
    "upper, upper": ("upper", "upper"),
    "space, space": ("space", "space"),
    "break, space": ("break", "space break"),
    "mark, mark": ("mark", "mark"),
    "space, mark": ("space", "mark"),
}

CHARACTERS: Final = (
    *_ASCII_CLASSES,
    "controls",
    *_BY_FIRST,
    *(name for seconds in _BY_SECOND.values() for name in seconds),
)
"""The classes of characters; each character is of one."""
CLASSES: Final = (*CHARACTERS, *_NEIGHBOURS, "repeats")
"""The names of all counts, in their order: characters, then neighbours."""

_WHOLE: Final = 1 << 14  # bytes; of the rest, the first _SAMPLE of every _PERIOD are counted
_PERIOD: Final = 4096
_SAMPLE: Final = 512

_ASCII: Final = bytes(range(0x80))
_NOT_ASCII: Final = bytes(range(0x80, 0x100))
_NOT_FIRST: Final = _ASCII + bytes(range(0x80, 0xC0))
_NUMBERS: Final = {name: number for number, name in enumerate(CLASSES)}
_MEMBERS: Final = [
    *_ASCII_CLASSES.values(),
    bytes(byte for byte in range(0x80) if byte not in b"".join(_ASCII_CLASSES.values())),
    *(bytes(range(first, last + 1)) for first, last in _BY_FIRST.values()),
]
# Bytes that no UTF-8 has count as controls.
_CLASS_OF: Final = [
    next((n for n, members in enumerate(_MEMBERS) if byte in members), _NUMBERS["controls"])
    for byte in range(256)
]
_BYTES_OF: Final = [
    bytes(byte for byte in range(256) if _CLASS_OF[byte] == number)
    for number in range(len(_MEMBERS))
]
_PAIRS: Final = {
    first: [
        (_NUMBERS[name], bytes((first, second)))
        for name, (least, most) in seconds.items()
        for second in range(least, most + 1)
    ]
    for first, seconds in _BY_SECOND.items()
}

_CODES: Final = {"other": 0, **{name: code for code, name in enumerate(_KINDS, 1)}}
_TO_CODE: Final = bytes(
    next((_CODES[name] for name, members in _KINDS.items() if byte in members), 0)
    for byte in range(256)
)
_NEIGHBOUR_CODES: Final = [
    (
        _NUMBERS[name],
        [_CODES[a] << 4 | _CODES[b] for a in before.split() for b in after.split()],
    )
    for name, (before, after) in _NEIGHBOURS.items()
]
_NO_NEIGHBOURS: Final = bytes(
    {*range(256)} - {code for _, codes in _NEIGHBOUR_CODES for code in codes}
)


class CharacterCounter:
    """Counts the characters of a text by class, block by block, in bounded memory.

    The first 16 KiB of UTF-8 are counted completely: up to there, counts of texts add up to those
    of their concatenation, and a character may be divided between blocks. Of what follows, 512
    bytes of every 4,096 are counted, each for eight: shares are what an estimate needs, and that
    takes a fraction of the time of counting tokens. It does not depend on how blocks are divided.
    """

    def __init__(self) -> None:
        self._counts = [0] * len(CLASSES)
        self._position = 0  # bytes that were fed
        self._waiting = bytearray()  # to be counted
        self._weight = 1

    def feed(self, block: str | bytes) -> None:
        """Take the next block of a text; bytes are UTF-8."""
        data = block.encode(errors="surrogatepass") if isinstance(block, str) else bytes(block)
        start, self._position = self._position, self._position + len(data)
        if start < _WHOLE:
            self._waiting += data[: _WHOLE - start]
            if self._position < _WHOLE:
                return
            self._flush()
            self._weight = _PERIOD // _SAMPLE
        first = max(start - start % _PERIOD, _WHOLE)
        for at in range(first, self._position, _PERIOD):
            self._waiting += data[max(at - start, 0) : max(at + _SAMPLE - start, 0)]
        while len(self._waiting) >= _WHOLE:
            self._flush()

    def counts(self) -> tuple[int, ...]:
        """The characters of each of ``CLASSES`` so far."""
        counted, waiting = self._counts, self._waiting
        self._counts, self._waiting = list(counted), bytearray(waiting)
        self._flush()
        result, self._counts, self._waiting = tuple(self._counts), counted, waiting
        return result

    def _flush(self) -> None:
        """Count what waits, 16 KiB at most."""
        data = bytes(self._waiting[:_WHOLE])
        del self._waiting[:_WHOLE]
        for number, found in enumerate(_count(data)):
            self._counts[number] += found * self._weight


def count_characters(text: str | bytes) -> tuple[int, ...]:
    """The characters of a text, one number for each of ``CLASSES``; see `CharacterCounter`."""
    if len(text) < _WHOLE:
        data = text.encode(errors="surrogatepass") if isinstance(text, str) else bytes(text)
        if len(data) < _WHOLE:
            return (*_count(data),)
    counter = CharacterCounter()
    counter.feed(text)
    return counter.counts()


def _count(data: bytes) -> list[int]:
    counts, rest = [0] * len(CLASSES), data
    if not data.isascii():
        rest = data.translate(None, _NOT_FIRST)
        several = data.translate(None, _ASCII)
        _count_first(rest, counts)
        for first in _HAS_SECOND.intersection(rest):
            _count_second(several, first, counts)
        rest = data.translate(None, _NOT_ASCII) if len(several) < len(data) else b""
    shorter = rest.translate(None, _BYTES_OF[0])
    counts[0] += len(rest) - len(shorter)
    _count_first(shorter, counts)
    _count_neighbours(data, counts)
    return counts


def _count_neighbours(data: bytes, counts: list[int]) -> None:
    """Count pairs of adjacent bytes, all at once: bytes as the digits of one large number."""
    size = len(data) - 1
    if size < 1:
        return
    codes = int.from_bytes(data.translate(_TO_CODE), "big")
    pairs = (codes >> 8 << 4 | codes & (1 << 8 * size) - 1).to_bytes(size + 1, "big")
    pairs = pairs.translate(None, _NO_NEIGHBOURS)  # most, and each is looked for again and again
    for number, values in _NEIGHBOUR_CODES:
        counts[number] += sum(map(pairs.count, values))
    whole = int.from_bytes(data, "big")
    changes = (whole >> 8) ^ (whole & (1 << 8 * size) - 1)
    if not data.isascii():  # the bytes of one character are no repeats
        changes |= whole & int.from_bytes(b"\x80" * size, "big")
    counts[-1] += changes.to_bytes(size, "big").count(0)


def _count_first(rest: bytes, counts: list[int]) -> None:
    while rest:
        number = _CLASS_OF[rest[0]]
        shorter = rest.translate(None, _BYTES_OF[number])
        counts[number] += len(rest) - len(shorter)
        rest = shorter


def _count_second(several: bytes, first: int, counts: list[int]) -> None:
    """Move the characters with a first byte to the classes of their second bytes."""
    whole = _CLASS_OF[first]
    remaining = several.count(first)
    for number, pair in _PAIRS[first]:
        if not remaining:
            return
        found = several.count(pair)
        counts[number] += found
        counts[whole] -= found
        remaining -= found
