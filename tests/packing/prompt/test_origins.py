"""What nobody of a project wrote in a pack: last, or without its content; what an option can do."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents import Document
from ctxtools.encodings import get_encoding
from ctxtools.packing import Form, Pack, pack, pack_parts
from ctxtools.packing.arguments import Format
from ctxtools.packing.prompt.render import is_packed

O200K = get_encoding("o200k_base")
LOCK = '{"lockfileVersion": 3, "packages": {' + '"a": {"version": "1"}, ' * 300 + '"b": {}}}'
PROJECT = {
    "README.md": "# A project\n\nIt does things.\n",
    "pyproject.toml": "[project]\nname = 'a'\n",
    "src/app.py": "".join(f"def f{i}(x):\n    return x + {i}\n\n" for i in range(40)),
    "src/api_pb2.py": "X = 1\n" * 300,
    "src/client.py": "# @generated\n" + "Y = 2\n" * 300,
    "tests/test_app.py": "def test_f():\n    assert True\n\n" * 20,
    "package-lock.json": LOCK,
    "static/app.min.js": "var a=1;" * 400,
    "venv/lib/python3.11/site.py": "import os\n" * 400,
    "node_modules/left/index.js": "export default 1\n" * 400,
}


def forms(packed: Pack) -> dict[str, str]:
    return {each.path: each.form.value for each in packed.documents}


WRITTEN = ("README.md", "pyproject.toml", "src/app.py", "tests/test_app.py")
GENERATED = ("src/api_pb2.py", "src/client.py")
ENOUGH = pack({path: PROJECT[path] for path in WRITTEN}, O200K, budget=10**6).token_count
NAMED = ("package-lock.json", "static/app.min.js")


@pytest.mark.parametrize("limit", [50, 100, 200, 400, 700, 1000, 1200, 1500, 2000, 3000, 9000])
def test_what_was_written_comes_first(limit: int) -> None:
    found = forms(pack(PROJECT, O200K, budget=limit))
    content = {path for path, form in found.items() if form != "path"}
    assert not content & {*NAMED, "venv/lib/python3.11/site.py", "node_modules/left/index.js"}
    if content & {*GENERATED}:
        assert all(found.get(path) == "whole" for path in WRITTEN)


@given(st.integers(0, 3000), st.sampled_from(get_args(Format)), st.booleans())
def test_no_written_document_could_use_what_a_generated_one_takes(
    limit: int, format: Format, tree: bool
) -> None:
    if format == "json" or tree:
        limit += 400  # the frame
    options: dict[str, Any] = {
        "budget": limit, "format": format, "tree": tree, "forms": ["whole"],
    }  # fmt: skip
    packed = pack(PROJECT, O200K, **options)
    assert O200K.count(packed.text) == packed.token_count <= limit
    # Without the tree, the same as if there were none but the written ones.
    if not tree:
        alone = {path: PROJECT[path] for path in WRITTEN}
        without = forms(pack(alone, O200K, **options))
        assert {path: f for path, f in forms(packed).items() if path in WRITTEN} == without


def test_with_room_for_all_only_their_paths_go_in() -> None:
    packed = pack(PROJECT, O200K, budget=10**6, tree=True)
    found = forms(packed)
    assert {path for path, form in found.items() if form == "whole"} == {*WRITTEN, *GENERATED}
    assert {path for path, form in found.items() if form == "path"} == {*NAMED}
    reasons = {each.path: each.reason for each in packed.omitted}
    assert reasons == {
        "venv/lib/python3.11/site.py": "virtual environment (venv/ with lib)",
        "node_modules/left/index.js": "vendored (node_modules/)",
    }
    assert "\nvenv/…\n" in packed.text and "\nnode_modules/…\n" in packed.text
    assert packed.text.count("site.py") == 0
    formulas = {each.path: each.formula for each in packed.explanations}
    assert "generated (marker) 0.05" in formulas["src/client.py"]
    assert "lock file (name)" in formulas["package-lock.json"]
    assert not forms(pack(PROJECT, O200K, budget=10**6, forms=["whole"])).keys() & {*NAMED}


def test_lock_files_are_never_outlined_nor_trimmed() -> None:
    for limit in range(20, 3000, 97):
        for weight in (1.0, 50.0):
            priorities = {"package-lock.json": weight} if weight > 1 else {}
            found = forms(pack(PROJECT, O200K, budget=limit, priorities=priorities))
            form = found.get("package-lock.json", "path")
            assert form == "path" or (priorities and form in ("whole", "trimmed"))


def test_what_an_option_asks_for_goes_in() -> None:
    lock, venv = "package-lock.json", "venv/lib/python3.11/site.py"
    assert forms(pack(PROJECT, O200K, budget=9000, pins=[lock]))[lock] == "whole"
    assert forms(pack(PROJECT, O200K, budget=9000, tiers=["*.json"]))[lock] == "whole"
    assert forms(pack(PROJECT, O200K, budget=9000, priorities={"venv/": 9.0}))[venv] == "whole"
    required = pack(PROJECT, O200K, budget=9000, requires={"src/app.py": lock})
    assert forms(required)[lock] == "whole"
    first = pack(PROJECT, O200K, budget=1600, tiers=["*_pb2.py"], forms=["whole"])
    assert forms(first)["src/api_pb2.py"] == "whole"


def test_a_pattern_for_more_than_such_files_does_not_ask_for_them() -> None:
    choices: list[dict[str, Any]] = [{"priorities": {"src/**": 50.0}}, {"tiers": ["src/**"]}]
    for options in choices:
        found = forms(pack(PROJECT, O200K, budget=ENOUGH, **options))
        assert found["src/app.py"] == "whole"
        assert not {found.get(path) for path in GENERATED} & {"whole", "trimmed"}
    found = forms(pack(PROJECT, O200K, budget=9000, priorities={"**": 2.0}))
    assert found["package-lock.json"] == "path"


def test_what_was_named_goes_in_last() -> None:
    documents = [Document(path, text) for path, text in PROJECT.items()]
    named = Document("package-lock.json", LOCK, marks=frozenset({"named"}))
    documents = [named if each.path == named.path else each for each in documents]
    assert forms(pack(documents, O200K, budget=20_000))[named.path] == "whole"
    assert named.path not in {
        path
        for path, form in forms(pack(documents, O200K, budget=ENOUGH)).items()
        if form != "path"
    }


def test_where_there_is_nothing_else_it_is_what_was_asked_for() -> None:
    assert forms(pack({"uv.lock": LOCK}, O200K, budget=9000)) == {"uv.lock": "whole"}
    only = {"node_modules/a/a.js": "a\n", "node_modules/b/b.js": "b\n", "uv.lock": "x\n"}
    assert set(forms(pack(only, O200K, budget=9000)).values()) == {"whole"}


def test_values_of_the_caller_alone_decide() -> None:
    values = {"package-lock.json": 100.0, "src/app.py": 1.0}
    packed = pack(PROJECT, O200K, budget=9000, values=values)
    assert forms(packed)["package-lock.json"] == "whole"


def test_of_several_folders_that_were_named_one_may_be_an_environment() -> None:
    paths = {"a/venv/lib/x.py": "x = 1\n" * 90, "a/src/y.py": "y = 1\n" * 90}
    packed = pack(paths, O200K, budget=500, roots=["a/venv", "a/src"], forms=["whole"])
    assert [*forms(packed)] == ["a/src/y.py"]
    both = pack(paths, O200K, budget=9000, roots=["a/venv", "a/src"])
    assert len(forms(both)) == 2  # it was named
    assert len(forms(pack(paths, O200K, budget=9000, roots=["a"]))) == 1


def test_folders_above_the_named_one_say_nothing() -> None:
    paths = {"/home/x/build/proj/a.py": "a = 1\n", "/home/x/build/proj/b.py": "b = 1\n"}
    packed = pack(paths, O200K, budget=9000, roots=["/home/x/build/proj"])
    assert all("code 1" in each.formula for each in packed.explanations)


@pytest.mark.parametrize("format", get_args(Format))
@pytest.mark.parametrize("tree", [True, False])
def test_earlier_packs_are_left_out(format: Format, tree: bool) -> None:
    project = {path: PROJECT[path] for path in WRITTEN}
    earlier = pack(project, O200K, budget=10**6, format=format, tree=tree).text
    trimmed = pack(project, O200K, budget=300, format=format, tree=tree).text
    parts = pack_parts(project, O200K, part_limit=440, format=format)
    again = pack({**project, "p.xml": earlier}, O200K, budget=10**6)
    for text in (earlier, trimmed, again.text, *(part.text for part in parts)):
        assert is_packed(text), text[:200]
    assert forms(again).keys() == project.keys()
    assert [(each.path, each.reason) for each in again.omitted] == [
        ("p.xml", "earlier pack (its start)")
    ]
    assert "<documents-2" not in again.text  # its delimiters do not matter
    pinned = pack({**project, "p.xml": earlier}, O200K, budget=10**6, pins=["p.xml"])
    assert forms(pinned)["p.xml"] == "whole"
    one, *_ = pack_parts({**project, "p.xml": earlier}, O200K, part_limit=900)
    assert [each.path for each in one.omitted] == ["p.xml"]


def test_a_pack_after_a_question_is_an_earlier_one() -> None:
    project = {path: PROJECT[path] for path in WRITTEN}
    template = "What is wrong here?\n\n{{documents}}\nThink first.\n"
    assert is_packed(pack(project, O200K, budget=10**6, template=template).text)
    sample = '# A format\n\n```\n<document index="1" source="a">\nText\n</document>\n```\n'
    assert not is_packed(sample + "It is read by programs. " * 20)


@pytest.mark.parametrize(
    "text",
    [
        "", "# Documents\n\n## Setup\n\n```bash\nmake\n```\n", "# Documents\n\nSome words.\n",
        "<documents>\n  <document id='3'/>\n</documents>\n", '{"documents": []}\n',
        "=== documents ===\n", '{"model": "x", "documents": 3}',
        'A pack starts so:\n\n<documents>\n<document index="1" source="a.py">\n',
    ],
)  # fmt: skip
def test_what_is_no_pack(text: str) -> None:
    assert not is_packed(text)


def test_data_uris_are_elided_and_counted_as_they_are_written() -> None:
    uri = "data:image/png;base64," + "iVBORw0KGgo" * 400
    documents = {"a.html": f'<img src="{uri}">\n', "b.css": f"a{{background:url({uri})}}\n"}
    packed = pack(documents, O200K, budget=10**6)
    assert packed.text.count("data:image/png;base64,[4,400 bytes elided]") == 2
    assert packed.notes == ("2 data URIs elided, 8,800 bytes: a.html, b.css",)
    assert O200K.count(packed.text) == packed.token_count < 150
    kept = pack(documents, O200K, budget=10**6, keep_data_uris=True)
    assert kept.text.count(uri) == 2 and not kept.notes
    (part,) = pack_parts(documents, O200K, parts=1)
    assert "[4,400 bytes elided]" in part.text and len(part.notes) == 1
    (part,) = pack_parts(documents, O200K, parts=1, keep_data_uris=True)
    assert uri in part.text


def test_lines_keep_their_numbers_where_a_uri_of_several_lines_is_elided() -> None:
    lines = "\n".join(["A" * 76] * 20)
    text = f'<img src="data:image/png;base64,{lines}">\nlast\n'
    packed = pack({"a.html": text}, O200K, budget=10**6, line_numbers=True)
    assert "\n21\tlast\n" in packed.text


def test_long_generated_code_is_only_outlined_unless_it_was_asked_for() -> None:
    body = "    y = x + 1\n" * 9
    code = "# @generated\n" + "".join(f"def call_{i}(x):\n{body}\n\n" for i in range(200))
    project = {**PROJECT, "api.py": code}
    assert forms(pack(project, O200K, budget=10**6))["api.py"] == "outline"
    assert forms(pack(project, O200K, budget=10**6, forms=["whole", "path"]))["api.py"] == "path"
    for limit in (1500, 3000, 8000):
        assert forms(pack(project, O200K, budget=limit)).get("api.py") not in ("whole", "trimmed")
    assert forms(pack(project, O200K, budget=10**6, pins=["api.py"]))["api.py"] == "whole"
    named = [Document("api.py", code, marks=frozenset({"named"})), Document("a.py", "a = 1\n")]
    assert forms(pack(named, O200K, budget=10**6))["api.py"] == "whole"
    assert forms(pack({"api.py": code}, O200K, budget=10**6))["api.py"] == "whole"


def test_generated_code_goes_in_as_any_form_where_there_is_room() -> None:
    packed = pack(PROJECT, O200K, budget=1500, order="priority")
    assert packed.documents[-1].path in {*GENERATED, *NAMED}
    assert Form.WHOLE in {each.form for each in packed.documents if each.path in WRITTEN}


def test_an_earlier_pack_of_the_same_template_is_left_out() -> None:
    template = (
        "Read this code carefully.\n{{#documents}}\n# {{source}}\n{{content}}\n{{/documents}}"
    )
    project = {"a.py": "a = 1\n", "prompt.tmpl": template}
    earlier = pack({"a.py": "a = 1\n"}, O200K, budget=999, template=template).text
    packed = pack({**project, "p.md": earlier}, O200K, budget=999, template=template)
    assert forms(packed).keys() == project.keys()
    other = pack({**project, "p.md": earlier}, O200K, budget=999, template="{{documents}}")
    assert "p.md" in forms(other)
    again = pack({**project, "p.md": other.text}, O200K, budget=999)
    assert "p.md" not in forms(again)
