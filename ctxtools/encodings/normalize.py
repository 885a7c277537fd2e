"""A text as tokenizers see it: without lone surrogates, which UTF-8 cannot hold, and in NFC."""

from typing import Final

# Compiled when first used, by `re`, which keeps them: most texts never ask.
SURROGATE: Final = "[\ud800-\udfff]"
SURROGATE_PAIR: Final = "[\ud800-\udbff][\udc00-\udfff]"


def replace_surrogates(text: str) -> str:
    """The text as UTF-8 can hold it: pairs of surrogates joined, single ones as U+FFFD.

    This is what tiktoken does with a ``str`` that has surrogates.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def nfc(text: str) -> str:
    """The text in NFC, by the tables of ``tokenizers``.

    Those are of an older Unicode version than Python's, to which newer characters are NFC-inert. So
    a text that is NFC by Python's tables is NFC by theirs, and Python can check.
    """
    import unicodedata

    if unicodedata.is_normalized("NFC", text):
        return text
    from tokenizers.normalizers import NFC

    return str(NFC().normalize_str(replace_surrogates(text)))
