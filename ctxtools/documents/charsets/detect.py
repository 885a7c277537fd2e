"""Which charset bytes are in that are not UTF-8 and have no byte order mark.

Sure signs come first: those of `ctxtools.documents.charsets.sure`, and what the file itself
declares. The rest is a guess, and is noted as one: chardet's models of languages say how likely
each charset is, and `ctxtools.documents.charsets.plausible` whether the text that it gives looks
like writing.
"""

import codecs
import re
from contextlib import suppress

from ctxtools.documents.charsets.plausible import (
    cyrillic_frequency,
    is_hebrew,
    is_latin,
    kana_share,
    plausibility,
)

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)"""  # HTML
    rb"""|^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)"""  # XML
    rb"""|^(?:.*\n)?[ \t\f]*(?:\#|//|/\*|--|;|%|").{0,80}?coding[:=]\s*([\w.-]+)"""  # editors
    rb"""|^@charset\s+"([\w.-]+)"|\bcharset=([\w.-]+)\\n""",  # CSS, gettext
    re.IGNORECASE,
)
# Labels that Python does not know, and narrower charsets that are used for wider ones, as browsers
# do (https://encoding.spec.whatwg.org): they have the same characters where both have some.
_ALIASES = {
    "x-sjis": "cp932", "windows-31j": "cp932", "x-gbk": "gb18030", "x-euc-jp": "euc_jp",
    "windows-874": "cp874", "win-1251": "cp1251", "x-mac-cyrillic": "mac-cyrillic",
    "ks_c_5601-1987": "cp949", "cp-1251": "cp1251", "x-cp1251": "cp1251", "dos-866": "cp866",
    "visual": "iso8859-8", "logical": "cp1255", "iso-8859-8-i": "cp1255",
}  # fmt: skip
_WIDER = {
    "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "shift_jis": "cp932", "shift_jis_2004": "cp932", "euc_jis_2004": "euc_jp",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "big5": "cp950",
    "big5hkscs": "cp950", "cp858": "cp850",
}  # fmt: skip

_HIGH = re.compile(rb"[\x80-\xff]")
# In cp1252, a letter in a word of ASCII letters, or a sign that is beside none: the letters are
# those that no other charset has in such a place.
_WESTERN = re.compile(
    rb"(?<=[A-Za-z])(?:[\xdf\xe4\xe9\xf3\xf6\xfc]|\xe7(?=[aou])|(?<=[aou])\xef(?=[a-z])"
    rb"|(?<=[aeiou])\xf1(?=[aeo])|(?<=[A-Z])[\xc4\xd6\xdc])(?![\x80-\xff])"
    rb"|(?<![\x80-\xff])(?:[\xc4\xd6\xdc](?=[A-Za-z])|[\xc5\xc9\xe9](?=[a-z]))"
    rb"|(?<![\x80-\xffA-Za-z])(?:[\xb0\xb5](?![\x80-\xff])"
    rb"|[\x80\xa7\xa9\xae\xb1\xb7\xbc-\xbe\xd7\xf7](?![A-Za-z\x80-\xff]))"
    rb"|(?<=[m0-9])[\xb2\xb3](?![A-Za-z\x80-\xff])"
)
_BETWEEN_WORDS = re.compile(rb"[\s\x21-\x3f]+")
_FOREIGN = re.compile(rb"[\x80-\xff]{4}")
_FEW = 0.3  # of the bytes
_FREQUENT_ENOUGH = 0.55  # of the letters of a text in Cyrillic

# How much more often a charset is detected than used, as a factor; tuned with the weights below on
# translations of GNU programs into 36 languages (2026-11): texts of 12 to 1,000 characters.
_PRIORS = (
    (re.compile("cp1252"), 1.04),
    (re.compile(r"cp125\d|cp874|cp932|cp949|cp950|gb18030|koi8-[ru]|euc_jp"), 1.0),
    (re.compile(r"iso8859-(?:2|5|6|7|8|13|15)"), 0.97),
    (re.compile(r"cp(?:437|850|852|866)"), 0.9),
    (re.compile(r"mac-(?:roman|cyrillic)"), 0.85),
    (re.compile(r"cp(?:7\d\d|85[57]|86[0-35-9]|1125)"), 0.81),
    (re.compile(r"iso8859-16|mac-.*"), 0.7),
)
_OTHERS = 0.5
_FADING = 4  # bytes above ASCII after which a prior counts half
_SHARPNESS = 6  # how much an implausible text counts against its charset
_CANDIDATES = 15
_JUDGED = 4000  # characters
_MINIMUM = 0.5  # of plausibility


def declared_charset(head: bytes, sample: bytes) -> str | None:
    """The charset that a file names in its first lines, if the sample is valid in it."""
    for found in _DECLARED.finditer(head):
        label = next(each for each in found.groups() if each).decode("ascii", "replace").lower()
        with suppress(LookupError, ValueError):
            name = _wider(codecs.lookup(_ALIASES.get(label, label)).name, sample)
            text = None if name.startswith("utf") else _decode(sample, name, "strict")
            if text and plausibility(text[:_JUDGED]) >= _MINIMUM:
                return name
    return None


def detect_charset(sample: bytes) -> str | None:
    """The charset of text that is not UTF-8 and has no byte order mark; None if it is not text.

    chardet rather than charset-normalizer, for its accuracy: of 1,395 texts of 40 to 20,000 bytes
    in 11 charsets (translations of Django, 2026-11) chardet 7.7 decoded 97.6 % correctly and
    charset-normalizer 3.5 89.9 %. Restricted to charsets of the web it reads none of DOS, of Macs
    and of ISO 8859; of all of them, the order is wrong for short texts. Weighed here with priors
    and with plausibility, of texts in 60 charsets 94 % of those with 12 to 28 characters are
    decoded correctly, 97 % with 60, 99 % with 1,000 (chardet alone: 90, 97 and 99 %; the web's
    alone: 57, 58 and 56 %).
    """
    for name in ("euc_jp", "cp932"):
        text = _decode(sample, name, "strict")
        if text and len(text) >= 4 and kana_share(text) >= 0.6:
            return name  # katakana alone are unknown to chardet
    if _is_western(sample):
        return "cp1252"
    if capitals := _cyrillic_capitals(sample):
        return capitals
    if foreign := _foreign_words(sample):
        charset = _detect(foreign)
        if charset is not None and _prior(charset) > _OTHERS:
            foreign_text = _decode(foreign, charset) or ""
            if not is_latin(foreign_text) and _decode(sample, charset, "strict") is not None:
                return charset
    return _detect(sample)


def _is_western(sample: bytes) -> bool:
    """Whether all that is above ASCII stands alone, as it does in Western European charsets.

    It has the same meaning in those of Central Europe and of the Baltic, or nearly.
    """
    # Where such a byte is: what is before each is looked at more slowly.
    offsets = [found.start() for found in _HIGH.finditer(sample)]
    return bool(offsets) and all(_WESTERN.match(sample, each) for each in offsets)


def _cyrillic_capitals(sample: bytes) -> str | None:
    """The charset of a text in Cyrillic capitals, of which chardet knows nothing.

    In another charset they are small letters, but not as frequent as those of a language.
    """
    best, charset, capitals = 0.0, None, False
    if any(is_hebrew((_decode(sample, name) or "")[:_JUDGED]) for name in ("cp1255", "cp862")):
        return None
    for name in ("cp1251", "koi8-r", "cp866", "iso8859-5"):
        text = (_decode(sample, name, "strict") or "")[:_JUDGED]
        frequent = cyrillic_frequency(text)
        if frequent > best and (score := frequent * plausibility(text) ** 2) > best:
            best, charset = score, name
            capitals = text.upper() == text or not any("а" <= each <= "џ" for each in text)
    return charset if capitals and best > _FREQUENT_ENOUGH else None


def _foreign_words(sample: bytes) -> bytes:
    """The words of another alphabet in a text that is mostly ASCII; b"" if there are none.

    To chardet, such a text is in a Western European language.
    """
    if not _FOREIGN.search(sample):
        return b""
    words = [word for word in _BETWEEN_WORDS.split(sample) if _FOREIGN.search(word)]
    return b" ".join(words) if sum(map(len, words)) < _FEW * len(sample) else b""


def _detect(sample: bytes) -> str | None:
    import chardet  # 60 ms, and almost every file is UTF-8

    above = len(_HIGH.findall(sample))
    fading = _FADING / (_FADING + above)
    best, charset = 0.0, None
    for found in chardet.detect_all(
        sample,
        ignore_threshold=True,
        compat_names=False,
        encoding_era=chardet.EncodingEra.ALL & ~chardet.EncodingEra.MAINFRAME,
        prefer_superset=False,
    )[:_CANDIDATES]:
        if found["encoding"] is None or found["encoding"].startswith("utf"):
            continue
        name = _wider(codecs.lookup(found["encoding"]).name, sample)
        score = (found["confidence"] + 0.001) * _prior(name) ** fading
        if 2 * score <= best:
            continue  # however its text looks, which takes longer to tell
        text = (_decode(sample, name) or "")[:_JUDGED]
        looks = plausibility(text)
        score *= looks**_SHARPNESS
        score *= 1 + kana_share(text)
        if score > best and looks >= _MINIMUM:
            best, charset = score, name
    if charset in ("cp1252", "cp1254") and _has_euro(sample):
        return "iso8859-15"
    return charset


def _has_euro(sample: bytes) -> bool:
    """Whether there is a euro sign of ISO 8859-15; as the currency sign it is hardly ever used."""
    return b"\xa4" in sample and not any(0x80 <= byte < 0xA0 for byte in sample)


def _prior(name: str) -> float:
    return next((prior for pattern, prior in _PRIORS if pattern.fullmatch(name)), _OTHERS)


def _wider(name: str, sample: bytes) -> str:
    """The charset that has more characters than the named one, if the sample is valid in it."""
    wider = _WIDER.get(name)
    return wider if wider is not None and _decode(sample, wider, "strict") else name


def _decode(sample: bytes, charset: str, errors: str = "replace") -> str | None:
    """The text, up to a character that the end of the sample cuts; None if it is invalid."""
    try:
        return codecs.getincrementaldecoder(charset)(errors).decode(sample)
    except UnicodeDecodeError:
        return None
