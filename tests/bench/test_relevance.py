"""The benchmark of packs by questions: where answers are, what is taken out, what is counted."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.bench_relevance import library, run
from benchmarks.relevance.definitions import definitions
from benchmarks.relevance.questions import Question, entries, make_case, question_of, shortened
from benchmarks.relevance.repositories import (
    SOURCES,
    Archive,
    Repository,
    UnavailableError,
    load_repository,
    read_history,
)
from benchmarks.relevance.scoring import entries_of, estimate, recall
from benchmarks.relevance.table import differences, page
from benchmarks.relevance.ways import Tree, cut_at, repomix_order, walk_order, ways
from ctxtools import get_encoding, pack
from ctxtools.documents import Document

PYTHON = '''\
class Store:
    @cached
    def total(self, kind):
        """Add up what was sold of a kind since the last time.

        More.
        """
        items = self.items[kind]
        count = 0
        for item in items:
            count += item.amount

        return count

    def empty(self):
        """Nothing."""
'''
RUST = """\
impl<T: Clone> Queue<T> {
    /// Takes the oldest element out, if there is any.
    ///
    /// More.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        self.items.pop_front()
    }

    fn declared(&self);
}

pub async fn run() {
    loop {}
}

#[cfg(test)]
mod tests {
    fn helper() {
    }
}
"""
CHANGES = """\
Version 2
---------

-   ``Store.total`` counts items that were given back as well, which were left out before, even
    when they are old. :issue:`12`
-   Unrelated.
"""
FILES = {
    "CHANGES.rst": CHANGES,
    "shop/store.py": PYTHON,
    "shop/other.py": "def total_of_nothing():\n    return 0\n",
    "tests/test_store.py": PYTHON.replace("total", "of_a_test"),
}


def repository() -> Repository:
    return Repository("shop", "2", {path: text.encode() for path, text in FILES.items()})


def test_functions_of_python_have_their_decorators_and_docstrings() -> None:
    total, empty = definitions("a.py", PYTHON)
    assert (total.name, total.first, total.last, total.documented) == ("Store.total", 2, 13, (4, 7))
    assert (empty.name, empty.documented) == ("Store.empty", (0, 0))  # it is all that there is
    assert definitions("a.py", "def f(") == definitions("a.txt", PYTHON) == []


def test_functions_of_rust_end_at_their_indentation() -> None:
    pop, run = definitions("a.rs", RUST)
    assert (pop.name, pop.first, pop.last, pop.documented) == ("Queue.pop", 5, 11, (2, 4))
    assert pop.documentation.startswith("Takes the oldest element out")
    assert (run.name, run.first, run.last) == ("run", 16, 18)


def test_the_first_sentence_is_asked_without_names_and_marks() -> None:
    text = "Return the ``Store``'s total of a :class:`Kind`, as *total()* does. More."
    assert question_of(text, ["Store", "total"]) == "Return the of a Kind, as does"
    assert question_of("Return it.", ["f"]) == ""


def test_an_entry_of_a_changelog_ends_where_the_next_starts() -> None:
    found = [(first, last) for first, last, _ in entries(CHANGES)]
    assert found == [(4, 5), (6, 6)]


def test_what_gives_the_answer_away_is_taken_out() -> None:
    case = make_case(repository())
    by_kind = {question.kind: question for question in case.questions}
    assert by_kind["docstring"].text == "Add up what was sold of a kind since the last time"
    assert by_kind["changelog"].text.startswith("counts items that were given back as well")
    assert "Add up" not in case.texts["shop/store.py"]
    assert case.texts["CHANGES.rst"].count("-   ") == 1
    assert case.texts["shop/other.py"] == FILES["shop/other.py"]
    for question in case.questions:  # the same function, without blank lines
        lines = case.texts["shop/store.py"].split("\n")
        answer = [lines[n - 1] for n in question.answers["shop/store.py"]]
        assert answer[:2] == ["    @cached", "    def total(self, kind):"]
        assert answer[-1] == "        return count"
        assert len(answer) == 7
    assert "of_a_test" not in str(case.questions)
    assert not shortened(case, 0).questions


@given(st.sets(st.integers(0, 9)), st.integers(1, 5))
def test_recall_is_that_of_lines_beside_their_neighbours(kept: set[int], times: int) -> None:
    lines = [f"line {i}" for i in range(10)]
    question = Question("r", "written", "?", {"a": tuple(range(1, 11))})
    body = [line for i, line in enumerate(lines) for line in ([line] if i in kept else ["other"])]
    expected = sum(i in kept and (i - 1 in kept or i + 1 in kept) for i in range(10)) / 10
    assert recall(question, {"a": "\n".join(lines)}, {"a": body * times}) == expected
    assert recall(question, {"a": "\n".join(lines)}, {"b": lines}) == 0


def test_entries_are_read_from_the_text_of_any_pack() -> None:
    tricky = 'x\n<document index="2" source="b.py">\nstolen\n</document>\n'
    texts = {"a.py": tricky, "b.py": "own\n"}
    found = entries_of(pack(texts, get_encoding("o200k_base"), budget=1000).text)
    assert "own" in found["b.py"] and "stolen" not in found["b.py"]
    assert {"x", "stolen"} <= {*found["a.py"]}


def test_orders_are_those_of_the_programs_that_they_are_named_after() -> None:
    paths = ["a/z.py", "B.py", "a/b/c.py", "a.py"]
    documents = [Document(f"/r/{path}", "x = 1\n") for path in paths]
    tree = Tree("/r", documents, get_encoding("o200k_base"), changes={"a/b/c.py": 2})
    assert walk_order(tree) == ["B.py", "a.py", "a/z.py", "a/b/c.py"]
    assert repomix_order(tree) == ["a/z.py", "B.py", "a.py", "a/b/c.py"]


def test_an_order_is_cut_at_the_limit() -> None:
    text = "word " * 200 + "\n"
    documents = [Document(f"/r/{name}", text) for name in "abc"]
    tree = Tree("/r", documents, get_encoding("o200k_base"))
    cut = cut_at(tree, ["c", "a", "b"], 300)
    assert 250 <= tree.encoding.count(cut) <= 300
    found = entries_of(cut)
    assert [*found] == ["c", "a"] and found["c"][0] + "\n" == text


def test_an_interval_holds_the_mean() -> None:
    found = estimate([0.0, 1.0, 1.0, 0.5] * 10)
    assert found.mean == 0.625 and found.low < 0.625 < found.high
    assert estimate([0.5] * 3).low == 0.5


def test_ages_and_changes_are_those_of_the_history() -> None:
    log = b"\x01864000\n\na.py\nb.py\n\n\x01777600\n\nb.py\nc.py\n"
    ages, changes = read_history(log)
    assert ages == {"a.py": 0.0, "b.py": 0.0, "c.py": 1.0}
    assert changes == {"a.py": 1, "b.py": 2, "c.py": 1}


def test_what_is_not_here_is_not_fetched_and_what_is_damaged_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="--download"):
        load_repository("flask", tmp_path)
    source = SOURCES["flask"]
    assert isinstance(source, Archive)
    (tmp_path / source.url.rsplit("/", 1)[1]).write_bytes(b"damaged")
    with pytest.raises(UnavailableError, match="SHA-256"):
        load_repository("flask", tmp_path)


@pytest.mark.parametrize("name", SOURCES)
def test_questions_by_hand_are_sentences_with_answers(name: str) -> None:
    path = Path("benchmarks/relevance/questions") / f"{name}.toml"
    listed = tomllib.loads(path.read_text("utf-8"))["question"]
    texts = [each["text"] for each in listed]
    assert len({*texts}) == len(texts) >= 20
    for each in listed:
        assert len(each["text"].split()) > 4 and each["answers"]
        for answer in each["answers"]:  # not asked for by its name
            function = answer.rsplit("::")[1].rsplit(".")[-1].strip("_")
            assert "_" not in function or function not in each["text"]


def test_all_ways_answer_within_the_limit(tmp_path: Path) -> None:
    case = shortened(make_case(library()), 2)
    results = run([case], tmp_path, ways().values(), [4000])
    ours = {each.way for each in results if each.way.startswith("ctxtools")}
    assert ours and all(0 < each.token_count <= 4000 for each in results)
    assert all(0 <= each.recall <= 1 for each in results)
    shown = page(results, ways())
    assert all(f"| {each.way} |" in shown for each in results)
    assert differences(results, ways())["ctxtools"][4000][0] != "ctxtools"
