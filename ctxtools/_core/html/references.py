"""Character references, such as ``&amp;`` and ``&#228;``."""

import html
import re

_LONG = re.compile(r"&#[0-9]{8,}+")


def unescape(text: str) -> str:
    """A text with the characters that its references stand for: `html.unescape`, which fails at
    numbers of more than 4,300 digits."""
    return html.unescape(_LONG.sub(_shortened, text) if "&#" in text else text)


def _shortened(found: re.Match[str]) -> str:
    digits = found[0][2:].lstrip("0")
    return f"&#{digits or '0'}" if len(digits) < 8 else f"&#{0x110000}"
