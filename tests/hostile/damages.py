"""A sample of every reader and every format, and what can be done to any file."""

import bz2
import gzip
import io
import json
import lzma
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.documents.readers.extraction.making import MAKERS, Block
from tests.hostile.builders import Input
from tests.messages.media.headers.samples import (
    extents,
    heic,
    jpeg_frame,
    jpeg_segment,
    png_chunk,
    png_header,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A file that is whole: its suffix, its contents, and the options that read it."""

    suffix: str
    data: bytes
    options: tuple[str, ...] = ()


_RECORDS = b"".join(json.dumps({"text": f"Record {i}."}).encode() + b"\n" for i in range(20))
_TABLE = b"text,other\r\n" + b"".join(b'"Row, %d",2\r\n' % i for i in range(20))
_PROSE = b"# Heading\n\nSome words, \xe6\xb7\xb1\xe5\xba\xa6, and more of them.\n\n" * 20
_NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"language_info": {"name": "python"}},
    "cells": [
        {"cell_type": "markdown", "source": ["# Heading\n", "words"], "metadata": {}},
        {
            "cell_type": "code",
            "source": "print(1)",
            "metadata": {},
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}],
        },
    ],
}


_BLOCKS = [
    Block("heading", ("Heading",)),
    Block("paragraph", ("Some words,", "深度, and more.")),
    Block("list", ("one", "two")),
    Block("table", ("a", "b", "c")),
]


def _parquet() -> bytes:
    import pyarrow
    from pyarrow import parquet

    file = io.BytesIO()
    parquet.write_table(pyarrow.table({"text": [f"Row {i}" for i in range(50)]}), file)
    return file.getvalue()


def _zstd() -> bytes:
    import zstandard

    return zstandard.compress(_PROSE)


READERS: Mapping[str, Callable[[], tuple[Sample, ...]]] = {
    "jsonl": lambda: (Sample(".jsonl", _RECORDS, ("--field", "text")),),
    "table": lambda: (
        Sample(".csv", _TABLE, ("--column", "text")),
        Sample(".tsv", _TABLE.replace(b",", b"\t"), ("--column", "text")),
    ),
    "parquet": lambda: (Sample(".parquet", _parquet(), ("--column", "text")),),
    "notebook": lambda: (Sample(".ipynb", json.dumps(_NOTEBOOK).encode(), ("--outputs",)),),
    "compressed": lambda: (
        Sample(".md.gz", gzip.compress(_PROSE)),
        Sample(".md.bz2", bz2.compress(_PROSE)),
        Sample(".md.xz", lzma.compress(_PROSE)),
        Sample(".md.zst", _zstd()),
        Sample(".jsonl.gz", gzip.compress(_RECORDS), ("--field", "text")),
    ),
    "extraction": lambda: tuple(
        Sample(suffix, MAKERS[suffix](_BLOCKS)) for suffix in (".docx", ".xlsx", ".rtf", ".eml")
    ),
}
"""By the name of a module of `ctxtools.documents.readers`."""

_BRACED = (
    b'int f(int a) {\n  // words\n  return g(a, "text");\n}\n\nclass A {\n  int b = 1;\n}\n' * 8
)

_SCRIPT = b"let a = 1\n</script>\n\n<style>\n.a { color: red }\n</style>\n"

FORMATS: Mapping[str, Sample] = {
    "text": Sample(".txt", _PROSE),
    "markdown": Sample(".md", _PROSE + b"| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n"),
    "python": Sample(".py", b"import os\n\n\n@b\ndef f(a):\n    '''Words.'''\n    return a\n" * 8),
    "javascript": Sample(".js", b"function f(a) {\n  return `${a}`\n}\nclass A { b() {} }\n" * 8),
    "typescript": Sample(".ts", b"export function f(a: A<B>): C {\n  g()\n}\ntype A = B | C\n" * 8),
    "tsx": Sample(".tsx", b"function F() {\n  return <a b={c}>words</a>\n}\n" * 8),
    "go": Sample(".go", b"package a\n\nfunc F(a int) int {\n\treturn a\n}\n" * 8),
    "rust": Sample(".rs", b"use a::b;\n\nfn f<'a>(x: &'a str) -> u8 {\n    g!(x)\n}\n" * 8),
    "java": Sample(".java", b"class A<B> {\n  int f(int a) { return a; }\n}\n" * 8),
    "c": Sample(".c", b"#include <a.h>\n#define B \\\n  1\n" + _BRACED),
    "cpp": Sample(".cpp", b"template <class A> struct B : C<A> {};\n" + _BRACED),
    "json": Sample(".json", json.dumps({"a": [{"b": "words", "c": 1.5}] * 20}, indent=1).encode()),
    "jsonl": Sample(".jsonl", _RECORDS),
    "html": Sample(".html", b"<html><h1>Heading</h1><p>Words <b>and</b> more<ul><li>a</ul>" * 8),
    "csv": Sample(".csv", _TABLE),
    "tsv": Sample(".tsv", _TABLE.replace(b",", b"\t")),
    "notebook": Sample(".ipynb", json.dumps(_NOTEBOOK).encode()),
    "vue": Sample(".vue", b"<template>\n  <p>words</p>\n</template>\n\n<script>\n" + _SCRIPT),
    "svelte": Sample(".svelte", b"<p>words {a}</p>\n\n<script>\n" + _SCRIPT),
    "astro": Sample(".astro", b"---\nconst a = 1\n---\n<p>words {a}</p>\n\n<script>\n" + _SCRIPT),
    "rst": Sample(".rst", b"Heading\n=======\n\nSome words::\n\n  code\n\n.. note:: More.\n\n" * 8),
    "latex": Sample(
        ".tex", b"\\section{Heading}\nWords $a^2$.\n\\begin{a}\nb & c\n\\end{a}\n\n" * 8
    ),
    "asciidoc": Sample(
        ".adoc", b"= Heading\n\nSome words.\n\n----\ncode\n----\n\n|===\n|a |b\n|===\n" * 8
    ),
    "org": Sample(
        ".org", b"* Heading\n\nSome words.\n\n#+begin_src\ncode\n#+end_src\n\n| a | b |\n" * 8
    ),
    "yaml": Sample(".yaml", b"---\na:\n  - b: words\n    c: |\n      more\nd: {e: [1, 2]}\n" * 8),
    "toml": Sample(".toml", b"# words\n[a]\nb = 1\n\n[[c.d]]\ne = '''\nmore\n'''\n\n" * 8),
    "ini": Sample(".ini", b"; words\n[a]\nb = 1\n  more\n\n" * 8),
    "xml": Sample(
        ".xml", b"<?xml version='1.0'?>\n<a>" + b"<b c='d'>words<e/></b>\n" * 8 + b"</a>"
    ),
    "sql": Sample(
        ".sql", b"-- words\nCREATE TABLE a (b int, c text);\nINSERT INTO a VALUES (1, 'x');\n" * 8
    ),
    "srt": Sample(".srt", b"1\n00:00:01,000 --> 00:00:02,000\nSome words.\n\n" * 8),
    "vtt": Sample(".vtt", b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\n<v A>Some words.\n\n" * 8),
    "diff": Sample(".diff", b"--- a/b\n+++ b/b\n@@ -1,2 +1,2 @@\n words\n-old\n+new\n" * 8),
    "log": Sample(".log", b"2024-01-01 00:00:00,000 INFO words\n  at more\n" * 8),
    # of those that are found by the names of the nodes of a grammar
    "bash": Sample(
        ".sh", b'# words\nf() {\n  if [ -n "$a" ]; then\n    g <<E\nmore\nE\n  fi\n}\n' * 8
    ),
    "csharp": Sample(".cs", b"using A;\n" + _BRACED),
    "dockerfile": Sample(".dockerfile", b"FROM a\n# words\nRUN b \\\n  && c\n" * 8),
    "ruby": Sample(
        ".rb", b"class A\n  # words\n  def b(c)\n    d do |e|\n      e\n    end\n  end\nend\n" * 8
    ),
}
"""By the name of a format of chunks."""


_TURNED = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" + bytes(4)
_OF_MODEL = ("-m", "qwen3-vl-8b")

IMAGES: Mapping[str, Sample] = {
    "png": Sample(".png", png_header(640, 480) + png_chunk(b"IDAT", b"words" * 20), _OF_MODEL),
    "jpeg": Sample(
        ".jpg",
        b"\xff\xd8" + jpeg_segment(0xE1, _TURNED) + jpeg_frame(640, 480) + b"words" * 20,
        _OF_MODEL,
    ),
    "heic": Sample(".heic", heic(extents(640, 480)) + b"words" * 20, _OF_MODEL),
}


def _flipped(data: bytes) -> bytes:
    chance = random.Random(len(data))
    flipped = bytearray(data)
    for _ in range(max(1, len(data) // 50)):
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _delimiters(data: bytes) -> bytes:
    return bytes(c for c in data if not chr(c).isalnum()) * 20


DAMAGES: Mapping[str, Callable[[bytes], bytes]] = {
    "whole": lambda data: data,
    "empty": lambda data: b"",
    "first byte": lambda data: data[:1],
    "first half": lambda data: data[: len(data) // 2],
    "second half": lambda data: data[len(data) // 2 :],
    "last byte missing": lambda data: data[:-1],
    "bits flipped": _flipped,
    "twice": lambda data: data + data,
    "delimiters alone": _delimiters,
    "first bytes again and again": lambda data: data[:3] * 20_000,
    "zeros after": lambda data: data + bytes(1000),
    "zeros within": lambda data: data[:20] + bytes(20) + data[20:],
    "no UTF-8": lambda data: data[:40] + b"\xff\xfe\xc0\x80\xed\xa0\x80" + data[40:],
    "mixed line ends": lambda data: data.replace(b"\n", b"\r\n\r\n\x0b\x0c\n\r"),
    "one line": lambda data: data.replace(b"\n", b" ") * 50,
    "UTF-8 mark": lambda data: b"\xef\xbb\xbf" + data,
    "UTF-16 mark": lambda data: b"\xff\xfe" + data,
    "UTF-16": lambda data: data.decode("latin-1").encode("utf-16"),
    "UTF-32 mark": lambda data: b"\xff\xfe\0\0" + data,
    "escapes": lambda data: data.replace(b"words", b"\x1b]0;a\x07\xe2\x80\xae\xc2\x9b2J\r\x08"),
    "zip": lambda data: b"PK\x03\x04" + data,
}


def samples() -> dict[str, Sample]:
    """All samples, by the reader or format and the suffix, or the format of an image."""
    of_readers = {
        f"{reader}{sample.suffix}": sample for reader, make in READERS.items() for sample in make()
    }
    of_formats = {f"{name} chunks": sample for name, sample in FORMATS.items()}
    return {**of_readers, **of_formats, **IMAGES}


def damaged_folder(name: str, sample: Sample) -> Input:
    """A folder of a sample's file with every damage, and with the names of other kinds."""

    def build(here: Path) -> None:
        for damage, change in DAMAGES.items():
            (here / f"{damage}{sample.suffix}").write_bytes(change(sample.data))
        for suffix in (".txt", ".json", ".ipynb", ".parquet", ".gz", ".py", ".csv"):
            (here / f"wrong name{suffix}").write_bytes(sample.data)

    return Input(name, build, options=sample.options)
