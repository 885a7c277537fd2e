"""NFC as Hugging Face's ``tokenizers`` does it, with a fast answer for text that is NFC already."""

import unicodedata

from ctxtools.encodings.surrogates import replace_surrogates


def nfc(text: str) -> str:
    """The text in NFC, by the tables of ``tokenizers``.

    Those are of an older Unicode version than Python's. A character of a newer one is inert to
    them, so a text that is NFC by newer tables is NFC by theirs, and the check is Python's own.
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    from tokenizers.normalizers import NFC

    return str(NFC().normalize_str(replace_surrogates(text)))
