"""Charsets that are detected: languages, charsets and lengths, each wrong guess listed or noted."""

import codecs
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents.charsets.detect import declared_charset, detect_charset
from ctxtools.documents.charsets.plausible import plausibility
from ctxtools.documents.charsets.sure import escaped_charset, is_utf7, wide_charset
from ctxtools.documents.decode import Decoder
from ctxtools.errors import NotTextError
from tests.hanging import no_hang

# Written for this test.
SENTENCES = {
    "ru": "Вчера мы долго гуляли по старому городу, а вечером пили чай с вареньем на кухне.",
    "uk": "Щойно почалася весна, і птахи повернулися до нашого саду біля великої річки.",
    "el": "Το πρωί ήπιαμε καφέ στην πλατεία και ύστερα περπατήσαμε ως τη θάλασσα.",
    "he": "אתמול בערב ישבנו בגינה ודיברנו על הספרים שקראנו בחופשה האחרונה.",
    "ar": "ذهبنا صباح اليوم إلى السوق القديم واشترينا الخبز والزيتون والجبن.",
    "th": "เมื่อเช้านี้พวกเราเดินไปตลาดเพื่อซื้อผลไม้และดอกไม้สำหรับงานเลี้ยง",
    "hi": "आज सुबह हम लोग पुराने बाज़ार गए और वहाँ से ताज़ी सब्ज़ियाँ खरीदीं।",
    "tr": "Dün akşam küçük kardeşimle birlikte eski çarşıda güzel bir yürüyüş yaptık.",
    "pl": "Wczoraj wieczorem poszliśmy na długi spacer, żeby zobaczyć stare mosty i łąki.",
    "cs": "Včera večer jsme šli na dlouhou procházku, abychom viděli staré mosty a řeku.",
    "de": "Gestern Abend fuhren wir über die Brücke und aßen süße Äpfel im schönen Garten.",
    "fr": "Hier soir, nous avons traversé le vieux pont et mangé des pêches près de la forêt.",
    "es": "Ayer por la mañana el niño pequeño comió una piña en el jardín de su tía.",
    "zh": "昨天晚上我们在老城区散步，然后回家喝茶，谈论最近读过的书。",
    "tw": "昨天晚上我們在老城區散步，然後回家喝茶，談論最近讀過的書。",
    "ja": "昨日の夜、私たちは古い町を散歩して、家に帰ってからお茶を飲みました。",
    "ko": "어제 저녁에 우리는 오래된 시내를 산책하고 집에 돌아와서 차를 마셨습니다.",
}
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
CHARSETS = {
    "ru": ["cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", *WIDE],
    "uk": ["cp1251", "koi8-u", "cp1125", "iso8859-5", *WIDE],
    "el": ["cp1253", "iso8859-7", "cp737", *WIDE],
    "he": ["cp1255", "iso8859-8", "cp862", *WIDE],
    "ar": ["cp1256", "iso8859-6", *WIDE],
    "th": ["cp874", "tis-620", *WIDE],
    "hi": WIDE,
    "tr": ["cp1254", "iso8859-9", "cp857", *WIDE],
    "pl": ["cp1250", "iso8859-2", "cp852", *WIDE],
    "cs": ["cp1250", "iso8859-2", "cp852", *WIDE],
    "de": ["cp1252", "iso8859-1", "iso8859-15", "cp850", "cp437", "mac-roman", *WIDE],
    "fr": ["cp1252", "iso8859-1", "cp850", "mac-roman", *WIDE],
    "es": ["cp1252", "iso8859-1", "cp850", *WIDE],
    "zh": ["gb18030", "gbk", "gb2312", "hz", *WIDE],
    "tw": ["big5", "cp950", *WIDE],
    "ja": ["shift_jis", "euc_jp", "iso2022_jp", *WIDE],
    "ko": ["euc_kr", "cp949", "iso2022_kr", *WIDE],
}
PAIRS = [(language, charset) for language in CHARSETS for charset in CHARSETS[language]]


def shown(data: bytes, *, explicit: bool = False) -> tuple[str, tuple[str, ...]]:
    decoder = Decoder(explicit=explicit)
    return decoder.decode(data, final=True), decoder.notes


@pytest.mark.parametrize("length", [40, 100, 1000])
@pytest.mark.parametrize(("language", "charset"), PAIRS)
def test_a_text_is_decoded_as_it_was_written(language: str, charset: str, length: int) -> None:
    sentence = SENTENCES[language]
    text = (f"{sentence}\n" * (1 + length // len(sentence)))[:length].strip()
    decoded, notes = shown(text.encode(charset))
    assert decoded == text
    assert notes, "a guess is said"


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["こんにちは世界", "你好，世界", "Привет", "안녕하세요, 여러분", "中文测试文本"]
)
def test_a_few_characters_without_a_mark(text: str, charset: str) -> None:
    """The half of them that has no NUL was binary, or Latin letters."""
    assert shown(text.encode(charset))[0] == text


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("テスト データ ファイル", "euc_jp"),
        ("テスト データ ファイル", "shift_jis"),
        ("ひらがな", "euc_jp"),
        ("Preis: 5 € günstig", "iso8859-15"),
        ("Preis: 5 € günstig", "cp1252"),
        ("Il a dit « voilà » à l’élève", "cp1252"),
        ("Grüße aus München", "cp850"),
        ("你好，世界", "gbk"),
        ("Привет, мир!", "cp866"),
        ("Müller;Köln\nGärtner;Düsseldorf\n", "mac-roman"),
    ],
)
def test_short_texts(text: str, charset: str) -> None:
    assert shown(text.encode(charset))[0] == text


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("naïve\n", "cp1252"),
        ("ÄPFEL UND ÖL IM ÜBERFLUSS\n", "cp1252"),
        ("Price: 5 €, x ± 2 × 3 ÷ 4² m³\n", "cp1252"),
        ("Nuñez y Muñoz\n", "cp1252"),
        ("مشينا أمس\n", "iso8859-6"),
        ("5 µm\n", "cp1252"),
        ("© 2024 Acme Corp.\n", "cp1252"),
        ('{"name": "façade"}', "cp1252"),
        ("# at 50 °C\nimport os\n", "cp1252"),
        ("def f():\n    # Москва\n    return 1\n", "cp1251"),
        ("It is called Привет in the programs of that time.\n", "koi8-r"),
        ("It is called Привет in the programs of that time.\n", "cp866"),
        ("The city of Αθήνα has many names, as they say.\n", "cp1253"),
        ("import os\n\n# 設定ファイルを読む\nprint(os.name)\n", "shift_jis"),
        ("The capital is 北京 and has been for a long time.\n", "gbk"),
        ("The word 안녕하세요 is how people greet each other.\n", "euc_kr"),
    ],
)
def test_few_characters_in_a_text_that_is_mostly_ascii(text: str, charset: str) -> None:
    assert shown(text.encode(charset))[0] == text


@pytest.mark.parametrize("unit", [b"a", b"\xe9", b"a\xe9", b"aa aa\xc4", b"\xc4\xd0\xc4\xd0a"])
def test_no_text_takes_quadratic_time(unit: bytes) -> None:
    with no_hang():
        detect_charset((unit * 65536)[:65530] + b"\xd0\xe9\x81\xff")


@pytest.mark.parametrize("charset", ["cp1251", "koi8-r", "cp866", "iso8859-5"])
@pytest.mark.parametrize("text", ["ОШИБКА ЧТЕНИЯ ДИСКА C:\n", "ДОГОВОР О ПОСТАВКЕ ТОВАРОВ И УСЛУГ"])
def test_cyrillic_capitals(text: str, charset: str) -> None:
    assert shown(text.encode(charset))[0] == text
    assert shown(text.lower().encode(charset))[0] == text.lower()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_valid_utf8_stays(text: str) -> None:
    data = text.encode()
    if escaped_charset(data) is None and not is_utf7(data) and not text.startswith("\ufeff"):
        assert shown(data, explicit=True)[0] == text


@pytest.mark.parametrize(
    "code",
    [
        '(format t "~{~a~^, ~}" list)',
        '(format nil "~{abcd~}" \'(1 2))',
        "a+b-c; x+abc-d; i++; --j; C++-11",
        "\x1b[31mred\x1b[0m \x1b(B\x1b[m plain",
        "1\t2\t3\t4\t5\n6\t7\t8\t9\t0\n",
        "~/.bashrc ~~ ${HOME}~{1}",
        "data:image/png;base64,iVBORw0KGgo+AAAA/NSUhEUgAA+AUAAAAFCAYA-CNbyblAAAA",
    ],
)
def test_code_is_no_other_charset(code: str) -> None:
    assert shown(code.encode()) == (code, ())


def test_an_escape_sequence_that_is_cut_by_blocks_or_comes_late() -> None:
    text = "plain\n" * 3000 + SENTENCES["ja"]
    data = text.encode("iso2022_jp")
    for size in (1, 7, 4096, 8193):
        for passes in (Decoder.decode, Decoder.utf8):
            decoder = Decoder(explicit=False)
            blocks = [data[i : i + size] for i in range(0, len(data), size)]
            parts = [passes(decoder, each) for each in blocks] + [passes(decoder, b"", True)]
            assert "".join(p if isinstance(p, str) else p.decode() for p in parts) == text
            assert decoder.charset == "iso2022_jp"


def test_iso_2022_cn_is_refused_with_a_way_out() -> None:
    with pytest.raises(NotTextError, match="ISO-2022-CN") as error:
        shown(b"\x1b$)A\x0e;6M7\x0f\n", explicit=True)
    assert error.value.hint is not None and "iconv" in error.value.hint


def test_utf_7_is_read() -> None:
    text = "Привет, мир, это проверка"
    assert shown(text.encode("utf-7"))[0] == text


@pytest.mark.parametrize(
    "head",
    [
        '<html><head><meta charset="{}"></head><body>',
        '<meta http-equiv="Content-Type" content="text/html; charset={}">\n',
        '<?xml version="1.0" encoding="{}"?>\n<a>',
        "#!/usr/bin/python\n# -*- coding: {} -*-\n",
        "# vim: set fileencoding={} :\n",
        '@charset "{}";\n',
    ],
)
@pytest.mark.parametrize(
    ("label", "charset"),
    [("windows-1253", "cp1253"), ("iso-8859-2", "iso8859-2"), ("mac-cyrillic", "mac-cyrillic")],
)
def test_what_a_file_declares_is_believed(head: str, label: str, charset: str) -> None:
    """Three bytes say nothing of their own."""
    data = head.format(label).encode() + b"\xe9\xe8\xe0\n"
    text, notes = shown(data)
    assert text == data.decode(charset)
    assert notes == (f"decoded as {charset} (declared in it)",)


def test_a_wrong_declaration_does_not_break_utf8_or_what_it_cannot_decode() -> None:
    page = '<meta charset="shift_jis">Größe'
    assert shown(page.encode()) == (page, ())
    assert declared_charset(b'<meta charset="shift_jis">', b"\xff\xfe\xfd") is None
    assert declared_charset(b'<meta charset="nonsense">', b"\xe9") is None


@pytest.mark.parametrize("charset", WIDE)
def test_noise_and_numbers_are_not_wide_text(charset: str) -> None:
    numbers = b"".join(n.to_bytes(4, "little") for n in range(0, 90_000, 700))
    assert wide_charset(numbers) is None
    noise = bytes(1 + i * i * 7919 % 251 for i in range(4000))
    assert wide_charset(noise) is None


def test_plausibility() -> None:
    for text in SENTENCES.values():
        assert plausibility(unicodedata.normalize("NFC", text)) == 1
    for wrong in ("cafй", "Gr”áe", "нЁвЯ", "\x81\x90"):
        assert plausibility(wrong) < 1, wrong
    assert plausibility("ascii") == 1


def test_every_charset_of_the_matrix_exists() -> None:
    for _, charset in PAIRS:
        codecs.lookup(charset)
