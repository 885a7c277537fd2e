"""The characters of words, as the kernel takes them (``kernel/src/text/cohesion.rs``)."""

# Those of which scripts without spaces make words.
_IDEOGRAPHS = (
    *(range(0x3040, 0x3100), range(0x3400, 0x4DC0), range(0x4E00, 0xA000)),
    *(range(0xF900, 0xFB00), range(0x20000, 0x40000)),
)
# Characters of scripts whose cases all versions of Unicode agree on.
_CASED = range(0x530), range(0x1E00, 0x1F00)


def is_ideograph(character: str) -> bool:
    """Whether a character is of a script whose words no spaces divide."""
    return any(ord(character) in characters for characters in _IDEOGRAPHS)


def lower(character: str) -> str:
    """A character in lower case; of scripts whose cases all versions of Unicode agree on."""
    return character.lower()[0] if any(ord(character) in cased for cased in _CASED) else character
