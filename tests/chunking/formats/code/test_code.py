"""Source code: functions and classes with their signatures as titles."""

import ast
import re
from pathlib import Path

import pytest

import ctxtools
from ctxtools._core.fallback.code import lines
from ctxtools.chunking.block import Parsed
from ctxtools.chunking.formats import code, parse_blocks
from ctxtools.errors import FormatError
from tests.chunking.formats.trees import check, sketch, walk

_FILES = sorted(Path(ctxtools.__file__).parent.rglob("*.py"))


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_functions_and_classes_are_those_that_python_finds(path: Path) -> None:
    text = path.read_text()
    blocks = parse_blocks(text, "python")
    check(blocks, text)
    expected = {}
    for outer in ast.parse(text).body:
        for node in (outer, *(outer.body if isinstance(outer, ast.ClassDef) else ())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                expected[node.lineno] = (node.name, node.end_lineno)
    starts = [0, *(n + 1 for n, character in enumerate(text) if character == "\n")]
    found = {}
    for block in walk([b for b in blocks if b.kind in ("function", "class")]):
        if block.kind in ("function", "class") and block.title:
            first = next(
                n
                for n, line in enumerate(text[block.start : block.end].split("\n"))
                if line.lstrip().startswith(("def ", "class ", "async "))
            )
            line = text.count("\n", 0, block.start) + first + 1
            name = block.title.split("(")[0].split()[-1]
            found[line] = (name, text.count("\n", 0, block.end))
            assert block.start in starts and block.atomic
    assert {line: found.get(line) for line in expected} == expected


_CASES = {
    "python": (
        "# licence\n\nimport a\nfrom b import (\n c)\n\n# about f\n@d(1)\ndef f(é,  #"
        " x\n      b) -> int:"
        '  # y\n    return 1\n\n\nclass A(B):\n    """Doc."""\n    def m(self):'
        " ...\n\nf()  # end\n",
        [
            "comment SENTENCE '# licence\\n'",
            "imports PARAGRAPH 'import a\\nfrom b import (\\n c)\\n'",
            "function SECTION <def f(é, # x b) -> int> '# about f\\n@d(1)\\ndef f(é,  # x\\n"
            "      b)"
            " -> int:  # y\\n    return 1\\n'",
            "class SECTION <class A(B)>",
            '  statement NONE \'    """Doc."""\\n\'',
            "  function SENTENCE <def m(self)> '    def m(self): ...\\n'",
            "statement PARAGRAPH 'f()  # end\\n'",
        ],
    ),
    "typescript": (
        "import a from 'a';\n/** doc */\nexport const f = async (a: number) => {\n};\n"
        "export class C {\n  @d() x = 1;\n\n  m(): void {}\n}\ninterface I {\n  g(): void;\n}\n",
        [
            "imports SENTENCE \"import a from 'a';\\n\"",
            "function SECTION <export const f = async (a: number)> '/** doc */\\nexport const f ="
            " async (a: number) => {\\n};\\n'",
            "class SECTION <export class C>",
            "  statement NONE '  @d() x = 1;\\n'",
            "  function PARAGRAPH <m(): void> '  m(): void {}\\n'",
            "class SECTION <interface I>",
            "  function NONE <g(): void> '  g(): void;\\n'",
        ],
    ),
    "go": (
        'package a\n\nimport "b"\n\ntype S struct {\n\tx int\n}\n\n// M is\nfunc (s *S)'
        " M(a int) error {\n}\n",
        [
            "imports SENTENCE 'package a\\n\\nimport \"b\"\\n'",
            "class SECTION <type S struct>",
            "  statement NONE '\\tx int\\n'",
            "function SECTION <func (s *S) M(a int) error> '// M is\\nfunc (s *S) M(a int) error"
            " {\\n}\\n'",
        ],
    ),
    "rust": (
        "use a;\nuse b;\n\n/// Doc\n#[derive(Debug)]\npub struct A;\n\nimpl A {\n    ///"
        " d\n    pub fn"
        " f(&self) -> i32 {\n        1\n    }\n}\n",
        [
            "imports SENTENCE 'use a;\\nuse b;\\n'",
            "class PARAGRAPH <pub struct A> '/// Doc\\n#[derive(Debug)]\\npub struct A;\\n'",
            "class SECTION <impl A>",
            "  function NONE <pub fn f(&self) -> i32> '    /// d\\n    pub fn f(&self) -> i32 {\\n "
            "       1\\n    }\\n'",
        ],
    ),
    "java": (
        "package a;\nimport b;\n\n/** A. */\n@X\npublic class A {\n    @Override\n   "
        " public int f(int a) {"
        " return 1; }\n}\n",
        [
            "imports SENTENCE 'package a;\\nimport b;\\n'",
            "class SECTION <public class A>",
            "  function NONE <public int f(int a)> '    @Override\\n    public int f(int a) {"
            " return 1; }\\n'",
        ],
    ),
    "c": (
        "#ifndef A\n#define A\n#include <a.h>\n#include <b.h>\n\ntypedef struct { int x;"
        " } T;\n\n/* f */\nstatic int\n"
        "f(int a)\n{\n}\n#endif\n",
        [
            "statement SENTENCE '#define A\\n'",
            "imports SENTENCE '#include <a.h>\\n#include <b.h>\\n'",
            "class PARAGRAPH <typedef struct T>",
            "  statement NONE 'int x;'",
            "function SECTION <static int f(int a)> '/* f */\\nstatic int\\nf(int a)\\n{\\n}\\n'",
        ],
    ),
    "cpp": (
        "namespace n {\ntemplate <typename T>\nT f(T a) {\n}\nclass A : B {\npublic:\n "
        " A();\n};\n}\n",
        [
            "class SECTION <namespace n>",
            "  function NONE <template <typename T> T f(T a)> 'template <typename T>\\nT f(T a)"
            " {\\n}\\n'",
            "  class SECTION <class A : B>",
            "    statement NONE 'public:\\n  A();\\n'",
        ],
    ),
}
_CASES["tsx"] = _CASES["typescript"]
_CASES["javascript"] = (
    "const f = () => {\n};\nexport default class A {\n  m() {}\n}\nmodule.exports = f;\n",
    [
        "function SECTION <const f = ()> 'const f = () => {\\n};\\n'",
        "class SECTION <export default class A>",
        "  function NONE <m()> '  m() {}\\n'",
        "statement SENTENCE 'module.exports = f;\\n'",
    ],
)


@pytest.mark.parametrize("language", _CASES)
def test_languages(language: str) -> None:
    text, expected = _CASES[language]
    assert sketch(parse_blocks(text, language), text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "class A;\n",
        "class API_EXPORT A final\n    : public B\n{\n};\n",
        "namespace a::b {\n}\n",
        "namespace\n{\n}\n",
        "template <class T> T f(T);\n",
        "struct A {\n  public:\n    int x;\n};\n",
        "enum class A : int { x };\n",
        "using namespace a;\n",
    ],
)
def test_a_header_that_can_only_be_cpp_is_parsed_as_cpp(text: str) -> None:
    text = "#pragma once\n#include <a>\n\n/* c */\n" + text
    assert parse_blocks(text, "c") == parse_blocks(text, "cpp")


def test_a_c_header_is_parsed_as_c() -> None:
    text = (
        "/* A class of things,\nclass by class of them all, and public: no, private. */\n"
        "struct template { int class, namespace; };\nint new(int this);\n"
    )
    blocks = parse_blocks(text, "c")
    assert [block.kind for block in blocks] == ["class", "statement"]
    assert "struct template" in blocks[0].title


def test_large_functions_are_cut_at_statements() -> None:
    body = "".join(f"    call_number_{n}(argument)\n" for n in range(20))
    text = f"def f():\n{body}\n    if a:\n{body.replace('    ', '        ')}"
    (function,) = parse_blocks(text, "python")
    assert len(function.children) == 21
    assert [block.strength.name for block in function.children[:2]] == ["NONE", "SENTENCE"]
    assert function.children[-1].strength.name == "PARAGRAPH"
    assert len(function.children[-1].children) == 20


def test_code_after_a_syntax_error_is_parsed() -> None:
    text = "def f(:\n    return\n\n\ndef g(a):\n    return 1\n"
    assert "def g(a)" in [block.title for block in walk(parse_blocks(text, "python"))]


def test_a_parser_that_takes_too_long_is_stopped() -> None:
    # 12 kB of this take the grammar of C++ 13 seconds.
    with pytest.raises(FormatError, match="cannot be parsed as cpp code"):
        parse_blocks("1." + "||*-" * 5_000, "cpp")


@pytest.mark.parametrize(
    ("language", "unit"),
    [
        ("cpp", "a<"),  # 4.5 GB for 2 MB
        ("java", "a<"),  # without a chance to stop it: 3.2 GB for 40 kB
        ("c", "a=>     "),
        ("tsx", "a<b,/*>;*/"),
        ("go", "->#"),
    ],
)
def test_a_parser_that_takes_too_much_memory_is_stopped(language: str, unit: str) -> None:
    with pytest.raises(FormatError, match="cannot be parsed as") as raised:
        parse_blocks(unit * (400_000 // len(unit)), language)
    assert raised.value.hint == "use the format text"


def test_a_comment_saves_no_steps_for_what_follows() -> None:
    with pytest.raises(FormatError, match="too many steps"):
        parse_blocks("/*" + "x" * 1_000_000 + "*/" + "a<" * 50_000, "cpp")


def test_large_code_has_the_same_blocks_in_a_child() -> None:
    source = Path(ast.__file__).read_text() + "# é\n"
    assert len(source) > 20_000
    blocks = code._blocks(*code._columns(source.encode(), "python"))
    assert parse_blocks(source, "python") == Parsed(blocks).blocks


@pytest.mark.parametrize("language", ["c", "javascript", "rust", "go"])
def test_separators_after_a_statement_are_scanned_once(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against quadratic time: 40 kB of empty statements took five seconds."""
    done, blank = 0, lines._NOT_SEPARATOR

    class Counted:
        def search(self, data: bytes, *offsets: int) -> re.Match[bytes] | None:
            nonlocal done
            found = blank.search(data, *offsets)
            done += (found.start() if found else len(data)) - offsets[0]
            return found

    monkeypatch.setattr(lines, "_NOT_SEPARATOR", Counted())
    text = ";" * 3_000 + "\n"
    blocks = parse_blocks(text, language)
    assert [(block.start, block.end) for block in blocks] == [(0, len(text))]
    assert done <= 2 * len(text)
