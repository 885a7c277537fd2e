"""A folder of documents of all kinds: each is counted, or listed with its reason."""

import json
import random
import shutil
from importlib.util import find_spec
from pathlib import Path

from ctxtools.documents.filetypes import file_type, is_extracted
from tests.cli.conftest import Run
from tests.documents.readers.extraction.making import MAKERS, Block

_WORDS = ("the", "深度", "fox", "*jumps*", "over", "|", "dog;", "Straße", "№", "42", "<b>")
_MADE, _DAMAGED = 16, 6  # of each kind


def _blocks(chance: random.Random) -> list[Block]:
    kinds = ("heading", "paragraph", "list", "table")
    return [
        Block(chance.choice(kinds), tuple(chance.choices(_WORDS, k=chance.randrange(1, 6))))
        for _ in range(chance.randrange(1, 6))
    ]


def _make(folder: Path) -> None:
    """Documents of each kind, some of them cut or with bytes changed."""
    chance = random.Random(26)
    for suffix, make in MAKERS.items():
        for number in range(_MADE):
            (folder / f"{number}{suffix}").write_bytes(make(_blocks(chance)))
        for number in range(_DAMAGED):
            data = bytearray((folder / f"{number}{suffix}").read_bytes())
            data[chance.randrange(len(data))] ^= 0xFF
            cut = chance.randrange(len(data)) if number % 2 else len(data)
            (folder / f"damaged {number}{suffix}").write_bytes(data[:cut])


def _collect(folder: Path) -> None:
    """Those of installed packages."""
    folder.mkdir()
    for package in ("docutils", "docx", "odfdo", "pptx"):
        found = find_spec(package)
        assert found is not None and found.origin is not None
        for path in Path(found.origin).parent.rglob("*.*"):
            if is_extracted(file_type(path.name).container):
                shutil.copy(path, folder / f"{package} {path.name}")


def test_each_is_counted_or_listed(run: Run, folder: Path) -> None:
    _make(folder)
    _collect(folder / "found")
    paths = {str(path.relative_to(folder)) for path in folder.rglob("*.*")}
    assert len(paths) >= 200

    ran = run("count", ".", "--json")

    report = json.loads(ran.stdout)
    counted = {each["path"]: each["tokens"] for each in report["files"]}
    skipped = {each["path"]: each["reason"] for each in report["skipped"]}
    assert {*counted} | {*skipped} == paths and not {*counted} & {*skipped}
    assert all(skipped.values()) and not any("#" in path for path in counted)
    for path, tokens in counted.items():
        assert tokens or "found" in path or "damaged" in path
    assert not [path for path in skipped if "found" not in path and "damaged" not in path]
