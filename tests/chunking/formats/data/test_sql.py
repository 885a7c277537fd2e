"""SQL: where statements end, their comments, and the rows of an INSERT."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.trees import check


def statements(text: str) -> list[str]:
    blocks = parse_blocks(text, "sql")
    check(blocks, text)
    return [text[block.start : block.end] for block in blocks]


@pytest.mark.parametrize(
    "parts",
    [
        ["select 1;\n", "select 2;\n"],
        ["select 1;", " select 2"],
        ["select ';';\n", 'select "a;b", `c;d` from e;\n'],
        ["select 'it''s; so';\n", "select 'it\\'s; so';\n", "select 'C:\\';\n", "select ('\\');\n"],
        ["select 1 -- one; two's\n;\n", "select 2 /* ; ' */;\n"],
        ["-- one;\n\n/* two; */\nselect 1; -- three;\n", "# four;\nselect 2;\n"],
        ["do $$ begin; end $$;\n", "select $a$ ; $b$ ' $a$;\n", "select $1;\n"],
        ["begin;\n", "update a set b = 1;\n", "commit;\n"],
        ["begin transaction;\n", "select 1;\n", "end;\n"],
        ["begin\n  delete from a;\n  delete from b;\nend;\n", "select 1;\n"],
        ["select case when a then 1 else 2 end;\n", "select 2;\n"],
        [
            "create trigger t before insert on a begin\n  select case when b then 1 end;\n"
            "  if c then select 1; end if;\nend;\n",
            "select 1;\n",
        ],
        [
            "delimiter //\ncreate function f() begin select 1; end //\n",
            "delimiter ;\n",
            "select 1;\n",
        ],
        ["select 1\nGO\n", "select 2\ngo\n"],
        ["select 'not closed;\n", "select 2;\n"],
        ["create table a (b int);\n", "select 1"],
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_where_statements_end(parts: list[str], newline: str) -> None:
    parts = [part.replace("\n", newline) for part in parts]
    assert [part.strip() for part in statements("".join(parts))] == [part.strip() for part in parts]


@pytest.mark.parametrize(
    ("statement", "title", "kind"),
    [
        ("create table a (b int);", "create table a", "statement"),
        ('CREATE TABLE IF NOT EXISTS "a b".c (d int);', 'CREATE TABLE "a b".c', "statement"),
        ("CREATE UNIQUE INDEX CONCURRENTLY a ON b (c);", "CREATE INDEX a", "statement"),
        (
            "CREATE OR REPLACE MATERIALIZED VIEW [a].[b] AS SELECT 1;",
            "CREATE VIEW [a].[b]",
            "statement",
        ),
        ("CREATE DEFINER=`x`@`%` FUNCTION f() RETURN 1;", "CREATE FUNCTION f", "function"),
        ("create or replace package body p as begin null; end;", "create package p", "function"),
        ("ALTER TABLE a ADD b int;", "ALTER TABLE a", "statement"),
        ("insert into a values (1);", "", "statement"),
        ("select 'create table a';", "", "statement"),
    ],
)
def test_what_is_defined_is_the_title(statement: str, title: str, kind: str) -> None:
    (block,) = parse_blocks(f"-- about it\n{statement}\n", "sql")
    assert (block.title, block.kind, block.atomic) == (title, kind, True)


INSERT = """\
-- about it
INSERT INTO a (b, "c(") VALUES
  (1, 'x), (', lower(trim('y'))),
  -- of two
  (2, '''; (', NULL), -- last
  (3, `z`, $1)
ON CONFLICT DO NOTHING;
"""


def test_rows_repeat_the_head_of_the_statement() -> None:
    (block,) = parse_blocks(INSERT, "sql")
    assert block.repeat == 'INSERT INTO a (b, "c(") VALUES\n'
    assert INSERT[block.body :].startswith("  (1,")
    rows = [(INSERT[row.start : row.end], row.strength.name) for row in block.children]
    assert rows == [
        ("  (1, 'x), (', lower(trim('y'))),\n", "NONE"),
        ("  -- of two\n  (2, '''; (', NULL), -- last\n", "SENTENCE"),
        ("  (3, `z`, $1)\nON CONFLICT DO NOTHING;\n", "SENTENCE"),
    ]


def test_rows_may_be_on_one_line() -> None:
    text = "REPLACE INTO a VALUES (1,'b'),(2,'c;'),(3,'d');\nINSERT INTO a VALUES (4);\n"
    first, second = parse_blocks(text, "sql")
    assert first.repeat == "REPLACE INTO a VALUES "
    assert [text[row.start : row.end] for row in first.children] == [
        *("(1,'b'),", "(2,'c;'),", "(3,'d');\n")
    ]
    assert (second.repeat, second.children) == ("", ())


def test_the_data_of_a_dump_are_rows() -> None:
    text = "COPY a (b, c) FROM stdin;\n1\tit's; so\n2\t-- d\n\\.\n\nSELECT 1;\n"
    copy, select = parse_blocks(text, "sql")
    assert copy.repeat == "COPY a (b, c) FROM stdin;\n"
    assert [text[row.start : row.end] for row in copy.children] == [
        *("1\tit's; so\n", "2\t-- d\n\\.\n")
    ]
    assert text[select.start : select.end] == "SELECT 1;\n"


def test_statements_on_lines_that_follow_each_other_are_close() -> None:
    text = "update a;\nupdate b;\n\nupdate c;\ncreate table d (e int);\n"
    strengths = [block.strength.name for block in parse_blocks(text, "sql")]
    assert strengths == ["SENTENCE", "SENTENCE", "PARAGRAPH", "PARAGRAPH"]


def test_a_licence_is_no_part_of_a_statement() -> None:
    licence = "/*\n" + " * You may use it as you like.\n" * 12 + " */\n"
    for comments in (f"{licence}\n", f"{licence}\n-- of a; b\n\n-- of c\n\n"):
        text = f"{comments}create table c (d int);\n"
        own, table = parse_blocks(text, "sql")
        assert (own.kind, table.title) == ("comment", "create table c")
        last = "-- of c\n\n" if "-- of c" in comments else ""
        assert text[table.start : table.end] == f"{last}create table c (d int);\n"
    (table,) = parse_blocks(f"{licence}create table c (d int);\n", "sql")
    assert table.start == 0


_strings = st.text("ab;'\n-", max_size=8).map(lambda value: "'" + value.replace("'", "''") + "'")
_values = st.lists(_strings | st.sampled_from(["1", "NULL", "f(2, 'a')", "-3.5"]), min_size=1)


@given(st.lists(st.lists(_values, min_size=2, max_size=5), min_size=1, max_size=5))
def test_the_rows_are_those_that_were_written(inserts: list[list[list[str]]]) -> None:
    text = "".join(
        "INSERT INTO t VALUES\n" + ",\n".join(f"({', '.join(row)})" for row in rows) + ";\n"
        for rows in inserts
    )
    blocks = parse_blocks(text, "sql")
    check(blocks, text)
    found = [[text[row.start : row.end] for row in block.children] for block in blocks]
    assert found == [
        [f"({', '.join(row)}){',' if row is not rows[-1] else ';'}\n" for row in rows]
        for rows in inserts
    ]
