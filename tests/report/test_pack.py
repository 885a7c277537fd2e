"""The page of a pack has each document once, with what became of it and why."""

import pytest

import ctxtools as ctx
from ctxtools.packing import Form, OmittedDocument, Pack, PackedDocument
from ctxtools.report import CountColumn, pack, pack_page, texts
from tests.report.pages import HOSTILE, check_page, data_of

O200K = ctx.get_encoding("o200k_base")


def documents() -> list[ctx.Document]:
    code = "def function_{0}(value):\n    return value + {0}\n\n\n"
    return [
        ctx.Document(f"src/part{n}.py", "".join(code.format(i) for i in range(10 * n, 20 * n + 5)))
        for n in range(8)
    ]


def test_a_pack() -> None:
    packed = ctx.pack(documents(), O200K, budget=900)
    page = pack_page(packed)
    check_page(page)
    data = data_of(page)
    files, (part,) = data["files"], data["parts"]
    names = [str(form) for form in pack._FORMS] + ["omitted"]
    assert len(files["name"]) == 8 == len(packed.documents) + len(packed.omitted)
    shown = {
        (f"src/{name}", names[form], tokens)
        for name, form, tokens in zip(files["name"], files["form"], files["tokens"], strict=True)
    }
    expected = {(each.path, each.form.value, each.token_count) for each in packed.documents}
    assert shown == expected | {(each.path, "omitted", 0) for each in packed.omitted}
    assert (part["text"], part["tokens"], part["limit"]) == (packed.text, packed.token_count, 900)
    assert {*map(int, files["reason"])} == {*range(8)}  # why, of each of them
    assert data["column"]["name"] == "o200k_base" and data["column"]["available"] == 900
    assert page == pack_page(packed)


def test_parts() -> None:
    packs = ctx.pack_parts(documents(), O200K, parts=3)
    data = data_of(pack_page(packs))
    assert [each["text"] for each in data["parts"]] == [each.text for each in packs]
    assert {*data["files"]["part"].values()} == {0, 1, 2}
    assert data["column"]["tokens"] == sum(each.token_count for each in packs)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_texts(text: str) -> None:
    made = Pack(
        text, 5, 2**62, text,
        (PackedDocument(text, Form.EXCERPT, 3, 1.0, True, 9, ((1, 2),)),),
        (OmittedDocument(f"{text}/x", text),),
        notes=(text,),
        secrets=(ctx.FoundSecret(text, 3, text),),
    )  # fmt: skip
    page = pack_page(made, column=CountColumn(text, 9, text), skipped=[ctx.Skipped(text, text)])
    check_page(page)
    data = data_of(page)
    assert data["parts"][0]["text"] == text and data["parts"][0]["limit"] is None


def test_a_long_text_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts.TextLimit.__init__, "__defaults__", (10,))
    made = Pack("a" * 8, 1, 9, "x"), Pack("b" * 8, 1, 9, "x")
    parts = data_of(pack_page(made))["parts"]
    assert [(part["text"], part["isCut"]) for part in parts] == [("a" * 8, False), ("bb", True)]


def test_wrong_arguments() -> None:
    for packs, message in (([], "packs is empty"), (["x"], "a pack must be"), (5, "packs must be")):
        with pytest.raises(ctx.UsageError, match=message):
            pack_page(packs)  # type: ignore[arg-type]
