"""Charsets: whatever the cut, the same text; and what is not UTF-8 is found out and said."""

import codecs
import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents import decode
from ctxtools.documents.charsets import detect
from ctxtools.documents.charsets.detect import detect_charset
from ctxtools.documents.decode import HEAD, Decoder, find_charset
from ctxtools.errors import NotTextError, UsageError

CHINESE = "价格可能会变动，请在下单之前确认最新的信息。欢迎使用本软件，祝您愉快！\n" * 5
JAPANESE = "これは日本語の文章です。文字コードの判定を確かめるために使います。\n" * 5
KOREAN = "이것은 한국어 문장입니다. 문자 집합을 알아내는지 확인하는 데 씁니다.\n" * 5
FRENCH = "Le café où l'élève déjeunait était fermé à cause de la grève générale.\n" * 5
RUSSIAN = "Это предложение на русском языке, чтобы проверить определение кодировки.\n" * 5

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80).filter(
    lambda text: not text.startswith("\ufeff")
)
cuts = st.integers(1, 40)


def decode_in_blocks(data: bytes, size: int, decoder: Decoder) -> str:
    blocks = [data[i : i + size] for i in range(0, len(data), size)]
    return "".join([*map(decoder.decode, blocks), decoder.decode(b"", final=True)])


samples = st.one_of(
    st.binary(max_size=80),
    texts.map(str.encode),
    st.sampled_from([FRENCH.encode("cp1252"), CHINESE.encode("gb18030"), CHINESE.encode()]),
    st.sampled_from([codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\0a\0b\0c\0d", b"caf\xe9 " * 9]),
)


@given(
    parts=st.lists(samples, max_size=4),
    size=cuts,
    fill=st.booleans(),
    explicit=st.booleans(),
    charset=st.sampled_from([None, None, "utf-8", "cp1252"]),
)
def test_bytes_that_are_passed_on_are_the_text(
    parts: list[bytes], size: int, fill: bool, explicit: bool, charset: str | None
) -> None:
    """Counting is fed bytes where it can be: the same text, charset, notes and errors."""
    data = b"".join([b"x" * decode.HEAD * fill, *parts])
    blocks = [data[i : i + size * 211] for i in range(0, len(data), size * 211)]
    decoder, passing = (Decoder(charset, explicit=explicit) for _ in range(2))
    try:
        expected = [*map(decoder.decode, blocks), decoder.decode(b"", final=True)]
    except NotTextError as error:
        with pytest.raises(NotTextError, match=re.escape(str(error))):
            list(map(passing.utf8, [*blocks, b""], [False] * len(blocks) + [True]))
        return
    passed = [*map(passing.utf8, blocks), passing.utf8(b"", final=True)]
    assert [each if isinstance(each, str) else each.decode() for each in passed] == expected
    assert (passing.charset, passing.notes) == (decoder.charset, decoder.notes)
    if charset is None and data and not decoder.notes and decoder.charset == "utf-8":
        assert all(isinstance(each, bytes) for each in passed if each)


@given(texts, cuts)
def test_utf8_cut_anywhere(text: str, size: int) -> None:
    # A regression in gitingest: a character across a read boundary made the file binary.
    data = ("x" * decode.HEAD + text).encode()
    decoder = Decoder()
    assert decode_in_blocks(data, size * 211, decoder) == data.decode()
    assert (decoder.charset, decoder.notes) == ("utf-8", ())


@given(texts.map(lambda text: text.replace("\0", "")), cuts)
def test_utf8_cut_anywhere_from_the_first_byte(text: str, size: int) -> None:
    decoder = Decoder()
    decoder.decode(b"x" * decode.HEAD)  # the head is decided on
    assert decode_in_blocks(text.encode(), size, decoder) == text


@pytest.mark.parametrize(
    "charset", ["utf-8-sig", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
)
@given(text=texts, size=cuts)
def test_byte_order_mark_decides_and_is_not_text(charset: str, text: str, size: int) -> None:
    mark = codecs.BOM_UTF8 if charset == "utf-8-sig" else "\ufeff".encode(charset)
    data = mark + text.encode("utf-8" if charset == "utf-8-sig" else charset)
    if charset == "utf-16-le" and text.startswith("\0"):
        return  # FF FE 00 00 is the mark of UTF-32: nobody can tell
    decoder = Decoder(explicit=False)
    assert decode_in_blocks(data, size, decoder) == text
    assert decoder.charset == charset


@pytest.mark.parametrize(("data", "charset"), [(b"a", "utf-8"), (b"\xef\xbb\xbfa", "utf-8-sig")])
def test_the_charset_tells_whether_there_was_a_mark(data: bytes, charset: str) -> None:
    """Of a file without one it was utf-8-sig too, where the user had named that."""
    decoder = Decoder("utf-8-sig")
    assert decoder.decode(data, final=True) == "a"
    assert decoder.charset == charset


@pytest.mark.parametrize(
    "charset",
    [
        "utf-8",
        "utf-16",
        "utf-16-le",
        "cp932",
        "euc_jp",
        "gb18030",
        "big5",
        "euc_kr",
        "cp1252",
        "koi8_r",
    ],
)
@given(text=texts, size=cuts)
def test_a_named_charset_is_obeyed(charset: str, text: str, size: int) -> None:
    data = text.encode(charset, "ignore")
    decoder = Decoder(charset)
    assert decode_in_blocks(data, size, decoder) == data.decode(charset)
    assert decoder.notes == () or charset == "utf-16" or "\ufffd" in text


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "cp932", "utf-16", "gb18030"]))
def test_any_bytes_that_were_named_are_refused_or_some_text_without_surrogates(
    data: bytes, charset: str | None
) -> None:
    try:
        text = Decoder(charset).decode(data, final=True)
    except NotTextError as error:
        assert charset is None, "a named charset is always obeyed"
        assert error.hint
        return
    text.encode("utf-8")


@pytest.mark.parametrize("escape", [b"\x1b$@", b"\x1b$B", b"~{VPND~}"])
def test_an_escape_sequence_in_utf_8_is_part_of_it(escape: bytes) -> None:
    """ISO-2022 and HZ have 7 bits: all other characters were lost."""
    data = "é".encode() * 30 + escape + "é".encode() * 30
    decoder = Decoder()
    assert decode_in_blocks(data, 7, decoder) == data.decode()
    assert decoder.charset == "utf-8"


@given(st.binary(max_size=300), cuts)
def test_damage_is_replaced_as_python_does_and_counted(data: bytes, size: int) -> None:
    good = "é".encode() * 3000
    data = good + data.replace(b"\0", b"") + good
    decoder = Decoder()
    text = decode_in_blocks(data, size * 997, decoder)
    assert text == data.decode("utf-8", "replace")
    damaged = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    assert bool(decoder.notes) == bool(damaged)
    if damaged:
        assert decoder.notes[0].startswith(f"{damaged:,} invalid byte sequence")


def test_damage_says_where_it_starts() -> None:
    decoder = Decoder()
    decoder.decode("é".encode() * 10_000 + b"\xff!\xc3", final=True)
    assert decoder.charset == "utf-8"
    assert decoder.notes == ("2 invalid byte sequences read as U+FFFD, the first at byte 20,000",)


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gbk"),
        (CHINESE, "gb18030"),
        (KOREAN, "euc_kr"),
        (FRENCH, "cp1252"),
        (FRENCH, "latin-1"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
    ],
)
@pytest.mark.parametrize("explicit", [True, False])
def test_other_charsets_are_detected_and_reported(text: str, charset: str, explicit: bool) -> None:
    decoder = Decoder(explicit=explicit)
    assert decoder.decode(text.encode(charset), final=True) == text
    assert decoder.charset != "utf-8"
    assert decoder.notes == (f"decoded as {decoder.charset} (detected)",)


def test_slightly_damaged_utf8_is_still_utf8() -> None:
    data = (CHINESE * 2).encode() + b"\xff" * 30
    decoder = Decoder(explicit=False)
    assert decoder.decode(data, final=True) == data.decode("utf-8", "replace")
    assert decoder.charset == "utf-8"


def test_damage_in_a_later_block_is_located() -> None:
    decoder = Decoder()
    for block in ("é".encode() * 10_000, b"\xc3", b"\xa9 \xff" + b"x" * decode.HEAD):
        decoder.decode(block)
    decoder.decode(b"", final=True)
    assert decoder.notes == ("1 invalid byte sequence read as U+FFFD, the first at byte 20,003",)


@pytest.mark.parametrize("following", [0, 1, 30, HEAD - 1, HEAD])
def test_detection_sees_more_than_the_end_of_a_block(following: int) -> None:
    """Of one byte that is not ASCII nobody could tell whether it is Cyrillic."""
    head, rest = b"-\n" * 10_000, "Это русский текст. ".encode("cp1251") * 2_000
    decoder = Decoder()
    text = decoder.decode(head + rest[: following + 1]) + decoder.decode(
        rest[following + 1 :], final=True
    )
    assert decoder.charset == "cp1251"
    assert text == (head + rest).decode("cp1251")


def test_detection_begins_with_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    # The second byte of many Japanese characters is ASCII, so the sample must not begin inside.
    samples = []
    monkeypatch.setattr(detect, "detect_charset", lambda sample: samples.append(sample) or "cp932")
    line = "see ソース: ".encode("cp932") + b"abc\xff\n"
    Decoder().decode(b"plain\n" * 9000 + line, final=True)
    assert samples == [line]


def test_a_charset_that_shows_late_needs_no_second_reading() -> None:
    data = b"plain ASCII, as far as anyone can see\n" * 5000 + JAPANESE.encode("cp932") * 20
    decoder = Decoder(explicit=False)
    assert decode_in_blocks(data, 10_000, decoder) == data.decode("cp932")
    assert decoder.notes == ("decoded as cp932 (detected)",)


def test_once_it_was_utf8_it_stays_so() -> None:
    # What has been handed out cannot be taken back.
    data = "é".encode() * 10_000 + JAPANESE.encode("cp932")
    decoder = Decoder(explicit=False)
    assert decode_in_blocks(data, 5_000, decoder) == data.decode("utf-8", "replace")
    assert decoder.charset == "utf-8"


@pytest.mark.parametrize(
    "data", [b"\0", b"\0" * 100, b"a\0", struct.pack("<50h", *range(9, 59))], ids=repr
)
def test_nul_is_binary(data: bytes) -> None:
    for explicit in (True, False):
        with pytest.raises(NotTextError, match="binary"):
            Decoder(explicit=explicit).decode(data, final=True)
    assert Decoder("utf-8").decode(data, final=True) == data.decode(), "as the hint says"


def test_a_text_with_a_few_nuls_is_binary_unless_the_file_was_named() -> None:
    data = b"text\0with a NUL"
    with pytest.raises(NotTextError, match="binary"):
        Decoder(explicit=False).decode(data, final=True)
    decoder = Decoder()
    assert decoder.decode(data, final=True) == data.decode()
    assert decoder.notes == ("decoded as utf-8, though it looks binary",)


def test_a_nul_after_the_head_is_a_character() -> None:
    data = b"x" * decode.HEAD + b"\0"
    assert Decoder(explicit=False).decode(data, final=True) == data.decode()


def test_noise_without_nul_is_not_text() -> None:
    noise = bytes(1 + i * i * 7919 % 255 for i in range(2000))
    for explicit in (True, False):
        with pytest.raises(NotTextError, match="not text in any known charset"):
            Decoder(explicit=explicit).decode(noise, final=True)
    log = b"A line of a log.\n" * 200 + noise[:300]
    decoder = Decoder()
    assert decoder.decode(log, final=True) == log.decode("utf-8", "replace")
    assert decoder.notes[0] == "decoded as utf-8, as no charset could be detected"


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark(charset: str) -> None:
    decoder = Decoder(explicit=False)
    assert decoder.decode(FRENCH.encode(charset), final=True) == FRENCH
    assert decoder.notes == (f"decoded as {charset} (detected)",)


def test_newlines_are_kept() -> None:
    assert Decoder().decode(b"a\r\nb\rc\n\x85", final=True)[:7] == "a\r\nb\rc\n"


def test_empty() -> None:
    decoder = Decoder(explicit=False)
    assert decoder.decode(b"", final=True) == ""
    assert (decoder.charset, decoder.notes) == ("utf-8", ())


@pytest.mark.parametrize("name", ["base64", "rot13", "utf-9", "", "a\0b", "undefined", "utf-7"])
def test_not_a_charset(name: str) -> None:
    with pytest.raises(UsageError, match="unknown charset") as error:
        find_charset(name)
    assert error.value.hint


def test_charset_names_are_python_s() -> None:
    assert find_charset("latin1") == "iso8859-1"
    assert find_charset("UTF8") == "utf-8"


def test_detection_is_of_no_utf() -> None:
    assert detect_charset(b"\x7fELF\x02\x01\x01" + bytes(200)) is None
