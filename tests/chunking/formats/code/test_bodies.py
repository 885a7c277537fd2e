"""What is inside of functions, statements and literals, and what stays with what."""

import pytest

from ctxtools.chunking import Chunker
from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.trees import check, sketch, walk

pytest.importorskip("tree_sitter_python")
pytest.importorskip("tree_sitter_typescript")

LONG = "some_long_name + " * 10
SHORT = "some_long_name + " * 7  # short enough for what it is in to be one block


def _pieces(text: str, language: str) -> list[str]:
    """The strength before each innermost block, and its first and last characters."""
    blocks = parse_blocks(text, language)
    check(blocks, text)
    return [
        f"{block.strength.name} {' '.join(text[block.start : block.end].split())}"
        for block in walk(blocks)
        if not block.children
    ]


def test_a_branch_starts_with_its_word() -> None:
    text = f"""function f(a: number) {{
  if (a) {{
    first({SHORT}a);
  }} else if (b) {{
    second({SHORT}a);
  }} else {{
    third({SHORT}a);
  }}
}}
"""
    starts = [piece.partition("some")[0] for piece in _pieces(text, "typescript")]
    assert starts == ["NONE first(", "LINE else if (b) { second(", "LINE else { third("]


def test_branches_of_python_start_with_their_line() -> None:
    text = f"""try:
    first({SHORT}a)
except ValueError:
    second({SHORT}a)
finally:
    third({SHORT}a)
"""
    starts = [piece.partition("some")[0] for piece in _pieces(text, "python")]
    assert starts == ["NONE first(", "LINE except ValueError: second(", "LINE finally: third("]


def test_brackets_that_close_are_in_the_block_that_they_close() -> None:
    text = "namespace a {\nclass B {\n  void f() {\n    g();\n  }\n};\n}  // namespace a\n"
    assert _pieces(text, "cpp") == ["NONE void f() { g(); }"]
    long = text.replace("    g();\n", "    g();\n" * 20)
    chunks = [chunk.text.strip() for chunk in Chunker("o200k_base", 24, format="cpp").chunk(long)]
    assert len(chunks) > 2 and chunks[-1].endswith("g();\n  }\n};\n}  // namespace a")


def test_a_bracket_that_closes_a_group_is_with_its_last_member() -> None:
    text = 'extern "C" {\nint f(void);\n}\n\nint g(void);\n'
    assert _pieces(text, "cpp") == ["SENTENCE int f(void); }", "PARAGRAPH int g(void);"]


@pytest.mark.parametrize(
    ("language", "text", "title"),
    [
        ("python", "DATA: dict[str, list[int]] = {\n%s}\n", "DATA: dict[str, list[int]]"),
        ("typescript", "export const DATA: Data = {\n%s};\n", "export const DATA: Data"),
        (
            "java",
            "class A {\n  static final int[][] DATA = {\n%s  };\n}\n",
            "static final int[][] DATA",
        ),
        ("rust", "static DATA: &[(&str, u8)] = &[\n%s];\n", "static DATA: &[(&str, u8)]"),
        ("go", "package a\n\nvar data = map[string]int{\n%s}\n", "var data"),
        ("c", "static const int data[] = {\n%s};\n", "static const int data[]"),
    ],
)
def test_a_long_literal_is_titled_by_its_name(language: str, text: str, title: str) -> None:
    members = {"python": '    "key_%d": [%d],\n', "typescript": "  key_%d: [%d],\n"}
    members |= {"java": "    {%d, %d},\n", "rust": '    ("%d", %d),\n', "go": '\t"%d": %d,\n'}
    member = members.get(language, "    %d + %d,\n")
    text %= "".join(member % (n, n) for n in range(30))
    blocks = parse_blocks(text, language)
    check(blocks, text)
    assert title in [block.title for block in walk(blocks)]
    chunks = [*Chunker("o200k_base", 60, format=language, header=True).chunk(text)]  # type: ignore[arg-type]
    assert len(chunks) > 2
    assert all(title in chunk.headings for chunk in chunks[1:])
    assert all(chunk.text.rstrip()[-1] in ",};]" for chunk in chunks)


def test_a_result_is_no_title_inside_a_function() -> None:
    text = f"def f():\n    total = compute({LONG}{LONG}1)\n    names = [{LONG}{LONG}1]\n"
    assert [b.title for b in walk(parse_blocks(text, "python")) if b.title] == ["def f()", "names"]


def test_long_calls_are_cut_between_arguments() -> None:
    arguments = "".join(f"    argument_{n}=a_value_of_some_length({n}),\n" for n in range(8))
    pieces = _pieces(f"call(\n{arguments})\n", "python")
    assert len(pieces) == 8 and pieces[-1].endswith("(7),")


def test_markup_in_code_is_cut_between_elements() -> None:
    items = "".join(f"      <Item name='number {n}' price={{{n}}} />\n" for n in range(8))
    text = f"const List = () => (\n    <ul>\n{items}    </ul>\n);\n"
    pieces = _pieces(text, "tsx")
    assert len(pieces) == 8 and pieces[-1].endswith("/>")


def test_a_licence_is_not_a_part_of_the_imports() -> None:
    text = "# Licensed to you\n# by nobody\n# at all.\nimport a\n"
    assert _pieces(text, "python") == [
        "SENTENCE # Licensed to you # by nobody # at all.",
        "SENTENCE import a",
    ]
    assert _pieces("# About a\nimport a\n", "python") == ["SENTENCE # About a import a"]


def test_a_long_comment_is_cut_at_its_paragraphs() -> None:
    paragraph = "".join(f" * Line {n} of a comment about it.\n" for n in range(5))
    text = f"/**\n{paragraph} *\n{paragraph} *\n{paragraph} */\nvoid f() {{\n{LONG}1;\n}}\n"
    (function,) = parse_blocks(text, "java")
    comment, *_ = function.children
    assert (comment.kind, comment.atomic, len(comment.children)) == ("comment", True, 3)
    assert [part.strength.name for part in comment.children] == ["NONE", "SENTENCE", "SENTENCE"]


def test_many_imports_are_cut_between_them() -> None:
    text = "".join(
        f"import {{ name{n}, other{n} }} from './modules/number{n}';\n" for n in range(9)
    )
    (imports,) = parse_blocks(text, "typescript")
    assert (imports.kind, imports.atomic) == ("imports", True)
    starts = [text[block.start :].split()[2] for block in imports.children]
    assert starts == ["name0,", "name3,", "name6,"]


def test_short_statements_on_a_line_are_one_block() -> None:
    assert _pieces("a = 1; b = 2\nc = 3\n", "python") == [
        "SENTENCE a = 1; b = 2",
        "SENTENCE c = 3",
    ]


def test_a_field_that_is_a_function_is_one() -> None:
    text = "class A {\n  handle = (event: Event) => {\n    go(event);\n  };\n\n  count = 1;\n}\n"
    (block,) = parse_blocks(text, "typescript")
    assert sketch(block.children, text)[0].startswith("function NONE <handle = (event: Event)>")


def test_equations_of_one_function_are_one_block() -> None:
    text = "f :: Int -> Int\nf 0 = 1\nf n = n * f (n - 1)\n\ng :: Int\ng = f 3\n"
    try:
        blocks = parse_blocks(text, "haskell")
    except ImportError as error:
        pytest.skip(str(error))
    assert [(block.kind, block.title) for block in blocks] == [
        ("function", "f 0"),
        ("function", "g"),
    ]


def test_what_follows_a_package_is_inside_of_it() -> None:
    text = "use strict;\npackage A;\nsub f { 1 }\npackage B {\nsub g { 2 }\n}\n"
    try:
        blocks = parse_blocks(text, "perl")
    except ImportError as error:
        pytest.skip(str(error))
    check(blocks, text)
    assert [block.title for block in walk(blocks) if block.title] == [
        *("package A", "sub f", "package B", "sub g")
    ]
