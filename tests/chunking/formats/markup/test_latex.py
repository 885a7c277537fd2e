"""LaTeX: sections, environments, lists, tables, and what looks like them."""

import pytest

from ctxtools.chunking.formats import parse, parse_blocks
from ctxtools.chunking.formats.markup.latex_commands import plain
from tests.chunking.formats.trees import check, sketch, walk


def lines(text: str) -> list[str]:
    blocks = parse_blocks(text, "latex")
    check(blocks, text)
    return sketch(blocks, text)


def titles(text: str) -> list[str]:
    return [block.title for block in walk(parse_blocks(text, "latex")) if block.title]


def test_the_title_is_the_outermost_heading_and_the_preamble_metadata() -> None:
    text = (
        "\\documentclass{article}\n\\title{A \\LaTeX{} paper}\n\\begin{document}\nIntro.\n\n"
        "\\section{One}\\label{a}\nText.\n\n\\subsection*{Two}\n\\section[S]{Three}\n\\end{document}\n"
    )
    assert lines(text) == [
        "section SECTION <A LaTeX paper>",
        f"  metadata PARAGRAPH {text[: text.index('Intro')]!r}",
        "  paragraph PARAGRAPH 'Intro.\\n'",
        "  section SECTION <One>",
        "    heading SECTION '\\\\section{One}\\\\label{a}\\n'",
        "    paragraph NONE 'Text.\\n'",
        "    section SECTION <Two>",
        "      heading SECTION '\\\\subsection*{Two}\\n'",
        "  section SECTION <Three>",
        "    heading SECTION '\\\\section[S]{Three}\\n'",
        "    element NONE '\\\\end{document}'",
    ]


def test_levels_start_with_the_outermost_command_there_is() -> None:
    text = "\\subsection{A}\n\\section{B}\n\\subsection{C}\n"
    assert [block.level for block in walk(parse_blocks(text, "latex")) if block.title] == [2, 1, 2]
    text = "\\chapter{A}\n\\section{B}\n"
    assert [block.level for block in walk(parse_blocks(text, "latex")) if block.title] == [1, 2]


def test_a_heading_has_the_comments_and_labels_around_it() -> None:
    text = "text\n\n% ----\n\\section{A}\n  \\label{a}\n\\paragraph{B} more\n% no \\section{C}\n"
    assert lines(text)[1:] == [
        "section SECTION <A>",
        "  heading SECTION '% ----\\n\\\\section{A}\\n  \\\\label{a}\\n'",
        "  section NONE <B>",
        "    heading NONE '\\\\paragraph{B}'",
        "    paragraph NONE 'more\\n% no \\\\section{C}\\n'",
    ]


@pytest.mark.parametrize(
    ("latex", "title"),
    [
        ("The \\emph{new} $x$~method \\& more", "The new $x$ method & more"),
        ('\\texorpdfstring{$h_i$}{levels} of B\\"usum', "levels of Büsum"),
        ("Caf\\'e \\ss\\ and \\o{}l\\thanks{A. B.}\\label{c}", "Café ß and øl"),
        ("A \\textbf{b {c}} \\\\ d\\footnote{e \\textit{f}}", "A b c d"),
        ("50\\,\\% {\\Large of} \\protect\\foo it", "50 % of it"),
    ],
)
def test_a_title_is_read_as_it_is_printed(latex: str, title: str) -> None:
    assert titles(f"\\section{{{latex}}}\n") == [title] == [plain(latex)]


def test_formulas_and_listings_are_atomic_and_not_read() -> None:
    text = """\
Text
\\begin{equation}
  a = b \\\\

  \\section{x}
\\end{equation}
where $a$ is \\[ b \\] and
\\begin{lstlisting}[language=C]
\\begin{itemize}

int a;
\\end{lstlisting}
$$
c
$$

End \\verb|\\begin{itemize}| $$ and
"""
    assert lines(text) == [
        "paragraph PARAGRAPH 'Text\\n'",
        f"paragraph LINE {text[5 : text.index('where')]!r}",
        "paragraph LINE 'where $a$ is '",
        "paragraph LINE '\\\\[ b \\\\]'",
        "paragraph LINE 'and\\n'",
        f"code LINE {text[text.index('and') + 4 : text.index('$$')]!r}",
        "paragraph LINE '$$\\nc\\n$$\\n'",
        "paragraph PARAGRAPH 'End \\\\verb|\\\\begin{itemize}| $$ and\\n'",
    ]
    code = parse_blocks(text, "latex")[5]
    assert code.repeat == "\\begin{lstlisting}[language=C]\n"
    assert text[code.body :].startswith("\\begin{itemize}")


def test_lists_have_items_and_items_have_lists() -> None:
    text = """\
\\begin{enumerate}[a)]
  \\item One
    \\begin{itemize}
      \\item[x] Two
    \\end{itemize}
  \\item Three.

    More.
\\end{enumerate}
"""
    assert lines(text) == [
        "list PARAGRAPH",
        "  item NONE",
        "    paragraph NONE '  \\\\item One\\n'",
        "    list LINE",
        "      item NONE '      \\\\item[x] Two\\n'",
        "      element NONE '    \\\\end{itemize}\\n'",
        "  item SENTENCE",
        "    paragraph NONE '  \\\\item Three.\\n'",
        "    paragraph SENTENCE '    More.\\n'",
        "  element NONE '\\\\end{enumerate}\\n'",
    ]


TABLE = """\
\\begin{tabular}{lr}
  A & B \\\\ \\hline
  1 & 2 \\\\
  3 & \\% \\\\[2pt] \\hline
\\end{tabular}
"""


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        TABLE.replace(" \\hline", "", 1).replace("\\\\\n", "\\\\\n  \\midrule\n", 1),
        TABLE.replace("tabular", "longtable").replace("\\hline", "\\endhead", 1),
    ],
)
def test_the_header_of_a_table_is_repeated(text: str) -> None:
    (table,) = parse_blocks(text, "latex")
    rows = [text[row.start : row.end] for row in table.children]
    assert table.repeat == text[: table.children[0].start] == text[: table.body]
    assert [row.split()[0] for row in rows] == ["1", "3"]
    assert rows[-1].endswith("\\end{tabular}\n") or rows[-1].endswith("\\end{longtable}\n")
    assert [row.strength.name for row in table.children] == ["NONE", "SENTENCE"]


def test_a_table_without_rules_has_no_header() -> None:
    (table,) = parse_blocks(TABLE.replace("\\hline", ""), "latex")
    assert (table.repeat, len(table.children)) == ("", 3)


def test_a_caption_stays_with_its_table() -> None:
    (float_,) = parse_blocks(
        f"\\begin{{table}}[h]\n\\caption{{C}}\n{TABLE}\\end{{table}}\n", "latex"
    )
    assert [(b.kind, b.strength.name) for b in float_.children] == [
        *(("paragraph", "NONE"), ("table", "NONE"), ("element", "NONE")),
    ]
    assert float_.atomic


@pytest.mark.parametrize(
    "text",
    [
        "\\begin{itemize}\n\\item a\n\\section{S}\nb\n",
        "\\end{itemize}\n\\section{S}\n",
        "\\begin{a}\\begin{b}\\end{a}\n\\section{S}\n",
        "\\begin{verbatim}\n\\section{S}\n",
        "\\[ a\n\n\\section{S} \\]\n",
        "$$ a\n\n\\section{S}\n$$\n",
    ],
)
def test_a_document_with_faults_keeps_its_sections(text: str) -> None:
    assert titles(text) == ["S"]


def test_slides_are_titled() -> None:
    text = "\\begin{frame}[t]{A}\na\n\\end{frame}\n"
    text += "\\begin{frame}\n\\frametitle{B \\emph{c}}\nb\n\\end{frame}\n"
    assert titles(text) == ["A", "B c"]


def test_commands_with_arguments_and_formulas_are_not_cut() -> None:
    text = "See \\ref{a b} and \\textbf{c {d} e}[f], $g + h$, \\$5 or \\$6. % $i j$\n"
    inline = [text[start:end] for start, end in parse(text, "latex").inline]
    assert inline == [
        "\\ref{a b}",
        "\\textbf{c {d} e}",
        "$g + h$",
    ]
