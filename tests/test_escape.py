"""What is printed for people cannot be moved, hidden or reversed by a file's name."""

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ctxtools.escape import one_line, visible, visible_json


@given(st.text(st.characters()))
def test_nothing_hidden_is_left(text: str) -> None:
    for character in one_line(text):
        category = unicodedata.category(character)
        assert category not in ("Cc", "Cs", "Zl", "Zp"), repr(character)
        assert unicodedata.bidirectional(character) not in ("LRO", "RLO", "LRE", "RLE", "PDF")
        assert unicodedata.bidirectional(character) not in ("LRI", "RLI", "FSI", "PDI")
    assert one_line(one_line(text)) == one_line(text)
    assert visible(text).count("\n") == text.count("\n")


def test_examples() -> None:
    assert one_line("a\u202egpj.exe") == r"a\u202egpj.exe"
    assert one_line("a\n\x1b[2Jb\udcff") == r"a\n\x1b[2Jb\xff"
    assert one_line("naïve 中文 👩\u200d💻.txt") == "naïve 中文 👩\u200d💻.txt"
    assert visible("a\tb\nc\r") == "a\tb\nc\\r"


@given(st.text())
def test_json_keeps_its_value(text: str) -> None:
    shown = visible_json(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(shown) == {"text": text}
    assert one_line(shown) == shown or any("\ud800" <= each <= "\udfff" for each in text)
