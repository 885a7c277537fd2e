"""NFC as Hugging Face's ``tokenizers`` does it, with a fast answer for text that is NFC already."""

import unicodedata

from ctxtools.encodings.surrogates import replace_surrogates


def nfc(text: str) -> str:
    """The text in NFC, by the tables of ``tokenizers``.

    Those are of an older Unicode version than Python's, to which newer characters are NFC-inert. So
    a text that is NFC by Python's tables is NFC by theirs, and Python can check.
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    from tokenizers.normalizers import NFC

    return str(NFC().normalize_str(replace_surrogates(text)))
