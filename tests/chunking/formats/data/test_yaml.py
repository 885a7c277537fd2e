"""YAML: documents and keys as PyYAML finds them, comments, and files that are hardly YAML."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.trees import check, sketch, walk


def lines(text: str) -> list[str]:
    blocks = parse_blocks(text, "yaml")
    check(blocks, text)
    return sketch(blocks, text)


LONG = "of a value that has a few words more than are merged with others"


def test_documents_keys_and_items_are_nested() -> None:
    text = f"""\
kind: Service
apiVersion: v1
metadata:
  name: tide
spec:
  ports:
  - name: web
    about: {LONG}
  - {LONG}
---
first: {LONG}
"""
    assert lines(text) == [
        "record SECTION <Service/tide>",
        "  value NONE 'kind: Service\\napiVersion: v1\\nmetadata:\\n  name: tide\\n'",
        "  object PARAGRAPH <spec>",
        "    array NONE <ports>",
        "      object NONE <web>",
        "        value NONE '  - name: web\\n'",
        f"        value LINE '    about: {LONG}\\n'",
        f"      value LINE '  - {LONG}\\n'",
        f"record SECTION <first: {LONG}>",
        f"  value NONE 'first: {LONG}\\n'",
    ]


def test_a_manifest_of_kubernetes_is_named_by_its_kind_and_name() -> None:
    body = f"data:\n  about: {LONG}\n"
    text = f"apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {{}}\n  name: 'a b'\n{body}"
    assert lines(text)[0] == "object PARAGRAPH <Pod/a b>"
    assert lines(f"kind: Pod\nmetadata:\n  name: a\n{body}")[0] == "object PARAGRAPH"


def test_comments_stay_with_the_key_after_them() -> None:
    text = f"""\
# Of the file.

# Of the key.
a:
  b: {LONG}
  # No longer used:
  # c: 2
# Of d.
d: {LONG}
# At the end.
"""
    assert lines(text)[1:] == [
        "  object NONE <a>",
        "    comment NONE '# Of the file.\\n\\n# Of the key.\\na:\\n'",
        f"    value NONE '  b: {LONG}\\n  # No longer used:\\n  # c: 2\\n'",
        "  value PARAGRAPH",
        f"    comment NONE '# Of d.\\nd: {LONG}\\n'",
    ]


@pytest.mark.parametrize(
    "value",
    [
        "|\n    # no comment\n\n    a: b\n    - c",
        ">-  # folded\n    a: b",
        '"a: b\n    c: d"',
        "'it''s\n    e: f'",
        "[a,\n    {b: c},\n  ]",
        "{\n  a: b\n  }",
        "plain text: of\n    more: lines",
        "&anchor !tag text\n    a: b",
    ],
)
def test_what_is_indented_deeper_belongs_to_a_value(value: str) -> None:
    text = f"outer:\n  key: {value}\n  other: {LONG}\n"
    found = [block for block in walk(parse_blocks(text, "yaml")) if block.kind == "value"]
    assert [text[block.start : block.end] for block in found] == [
        f"  key: {value}\n",
        f"  other: {LONG}\n",
    ]


def test_a_licence_is_no_part_of_a_key() -> None:
    licence = "# You may use it as you like.\n" * 8
    text = f"{licence}\n# Of a.\na: {LONG}\n"
    assert lines(text)[1:] == [
        f"  comment NONE {licence + chr(10)!r}",
        f"  value PARAGRAPH '# Of a.\\na: {LONG}\\n'",
    ]
    assert lines(f"---\n{licence}\n---\nb: {LONG}\n")[1].startswith("  comment NONE '# You")


def test_a_long_text_is_titled() -> None:
    text = f"a: b\nc: |\n{f'  {LONG}' * 8}\n"
    assert [block.title for block in walk(parse_blocks(text, "yaml"))] == ["", "", "c"]


def test_templates_are_read_like_comments() -> None:
    text = f"""\
a: {LONG}
{{{{- if .Values.b }}}}
b:
  c: {LONG}
{{{{- end }}}}
d: {LONG}
"""
    starts = [text[b.start :].partition("\n")[0] for b in parse_blocks(text, "yaml")[0].children]
    assert starts == [f"a: {LONG}", "{{- if .Values.b }}", f"d: {LONG}"]


_scalars = st.one_of(
    st.text("ab: #-'\"\n|>é[]{},&*!", max_size=90), st.integers(), st.none(), st.booleans()
)
_keys = st.text("abc: #-'\"é[{", min_size=1, max_size=12)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=25,
)


@given(
    st.lists(_values, min_size=1, max_size=3),
    st.sampled_from([2, 4]),
    st.sampled_from([None, False]),
    st.sampled_from([40, 1000]),
)
def test_blocks_start_where_keys_and_items_do(
    values: list[object], indent: int, flow: bool | None, width: int
) -> None:
    text = yaml.safe_dump_all(
        values, indent=indent, allow_unicode=True, default_flow_style=flow, width=width
    )
    starts: set[int] = set()
    nested: set[tuple[int, str]] = set()  # the lines and names of keys with keys or items below

    def visit(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode) and not node.flow_style:
            for key, value in node.value:
                starts.add(key.start_mark.line)
                is_nested = isinstance(value, yaml.CollectionNode) and not value.flow_style
                if is_nested and value.end_mark.index - key.start_mark.index > 160:
                    nested.add((key.start_mark.line, " ".join(key.value.split())))
                visit(value)
        elif isinstance(node, yaml.SequenceNode) and not node.flow_style:
            for item in node.value:
                starts.add(item.start_mark.line)
                visit(item)

    for document in yaml.compose_all(text, yaml.SafeLoader):
        if document is not None:
            visit(document)
    blocks = parse_blocks(text, "yaml")
    check(blocks, text)
    written = text.split("\n")
    found = set()
    for outer in blocks:
        for block in walk(outer.children):
            line = text.count("\n", 0, block.start)
            assert block.start == 0 or text[block.start - 1] == "\n"
            assert line in starts or written[line].startswith("---")
            while written[line].startswith("---"):
                line += 1
            found.add((line, block.title))
    assert nested <= found


def test_a_list_of_items_is_named_by_its_names_or_numbers() -> None:
    text = "".join(f"- {key}: n{n}\n  about: {LONG}\n" for n, key in enumerate(["id", "size"]))
    root, *rest = parse_blocks(text, "yaml")
    assert not rest and root.kind == "array"
    assert [child.title for child in root.children] == ["n0", "[1]"]


@pytest.mark.parametrize("text", ["", "# only\n# comments\n", "---\n", "\n\n", "%YAML 1.2\n---\n"])
def test_a_text_without_keys_has_no_blocks(text: str) -> None:
    assert parse_blocks(text, "yaml") == ()


def test_keys_nested_without_end_are_cut_by_lines_alone() -> None:
    text = "".join(f"{' ' * n}key_number_{n}_of_many:\n" for n in range(300))
    check(parse_blocks(text, "yaml"), text)
