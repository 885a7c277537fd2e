"""``ctx count`` on what is not plain UTF-8: records, notebooks, other charsets, broken files."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_count import CHINESE, PROSE, count


def test_records(run: Run, folder: Path) -> None:
    texts = [PROSE, CHINESE, ""]
    lines = (json.dumps({"message": {"content": text}}) for text in texts)
    (folder / "a.jsonl").write_text("\n".join(lines))
    expected = f"{sum(map(count, texts))}\n"
    assert run("count", "a.jsonl", "--field", "message.content").stdout == expected
    missing = run("count", "a.jsonl", "--field", "text")
    assert missing.exit_code == 2
    assert "a.jsonl" in missing.stderr


def test_parquet(run: Run, folder: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"text": [PROSE, None, CHINESE]}), folder / "a.parquet")
    expected = f"{count(PROSE) + count(CHINESE)}\n"
    assert run("count", "a.parquet", "--column", "text").stdout == expected
    unnamed = run("count", "a.parquet")
    assert unnamed.exit_code == 2
    assert "--column" in unnamed.stderr


def test_a_notebook_without_its_images(run: Run, folder: Path) -> None:
    image = {"output_type": "display_data", "data": {"image/png": "iVBOR" * 10_000}}
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {"cell_type": "code", "source": "print(1)", "outputs": [image]},
    ]
    (folder / "a.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    expected = count("# %% [markdown]\n# Title\ntext\n\n# %%\nprint(1)\n")
    assert run("count", "a.ipynb").stdout == f"{expected}\n"


@pytest.mark.parametrize(
    "charset", ["latin-1", "shift_jis", "gbk", "euc_kr", "utf-16", "utf-8-sig"]
)
def test_other_charsets_are_counted_and_reported(charset: str, run: Run, folder: Path) -> None:
    text = {
        "latin-1": "Où est la bibliothèque ? Là-bas, près du café, à gauche du théâtre.\n",
        "shift_jis": "日本語の文章をここに書いて、文字コードの判定を試してみます。\n",
        "gbk": "这是一段用来测试字符编码检测的中文文本，内容并不重要。\n",
        "euc_kr": "이것은 문자 인코딩을 감지하기 위한 한국어 문장입니다.\n",
    }.get(charset, CHINESE) * 5
    (folder / "a.txt").write_bytes(text.encode(charset))
    ran = run("count", "a.txt")
    assert ran.stdout == f"{count(text)}\n"
    if not charset.startswith("utf-8"):
        assert "note: a.txt: " in ran.stderr
    assert run("count", "a.txt", "-q").stderr == ""


def test_bad_content_is_counted_and_said(run: Run, folder: Path) -> None:
    (folder / "nul").write_bytes(b"\0" * 5000)
    (folder / "empty").touch()
    (folder / "broken").write_bytes(CHINESE.encode() + b"\xff" + PROSE.encode())
    refused = run("count", "nul")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--charset utf-8 reads it all the same" in refused.stderr
    assert run("count", "nul", "--charset", "utf-8").stdout == f"{count(chr(0) * 5000)}\n"
    assert run("count", "empty").stdout == "0\n"
    broken = run("count", "broken")
    assert broken.stdout == f"{count(CHINESE + chr(0xFFFD) + PROSE)}\n"
    assert "U+FFFD" in broken.stderr


@pytest.mark.parametrize(
    "text", ["Le garçon était déjà parti à l'école.\n" * 20, "Café crème", "Größe und Maß\n"]
)
def test_western_text_is_not_taken_for_greek(text: str, run: Run, folder: Path) -> None:
    (folder / "a.txt").write_bytes(text.encode("latin-1"))
    assert run("count", "a.txt").stdout == f"{count(text)}\n"


@pytest.mark.parametrize(
    ("name", "content", "option"),
    [
        ("r.jsonl", '{"text": "a"}\n{"text": "b"}\n', "--field"),
        ("r.jsonl", "no\nJSON\n", "--field"),
        ("r.csv", "id,nope\n1\n2\n", "--column"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [["count"], ["fits", "-l", "9"], ["chunk", "-s", "9", "-o", "out.jsonl"],
     ["pack", "-l", "99", "-o", "out.jsonl"]],
)  # fmt: skip
def test_records_that_are_all_bad_are_an_error(
    name: str, content: str, option: str, command: list[str], run: Run, folder: Path
) -> None:
    """It is the field that is wrong then: 0 tokens and "fits" were said."""
    (folder / name).write_text(content)
    (folder / "out.jsonl").write_text("old")
    ran = run(*command, name, option, "nope", "--skip-bad-records")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"error: {name}: no good record: " in ran.stderr
    assert (folder / "out.jsonl").read_text() == "old"
