"""Templates against transformers: its renderings where it is installed, or else their hashes."""

import importlib.util
from pathlib import Path

import pytest

from ctxtools.messages.chat.jinja.sources import packaged_names, packaged_template
from tests.messages.chat.jinja.compare import (
    GOLDEN_COUNT,
    GOLDEN_SEED,
    compare,
    fingerprint,
    golden,
    ours,
    read_goldens,
)
from tests.messages.chat.jinja.samples import Sample, samples

pytest.importorskip("jinja2", reason="templates need the extra chat")

_LIVE = 100  # conversations; `python -m tests.messages.chat.jinja.compare` takes thousands


@pytest.fixture(scope="module")
def conversations() -> list[Sample]:
    made = [*samples(GOLDEN_COUNT, GOLDEN_SEED)]
    changed = [*map(fingerprint, made)] != read_goldens()[""]
    assert not changed, (
        "tests/messages/chat/conversations.py makes other conversations than the goldens are of: "
        "python -m tests.messages.chat.jinja.compare --write-goldens, with transformers 5.24.0"
    )
    return made


@pytest.mark.parametrize("name", packaged_names())
def test_packaged_templates_render_as_transformers_did(
    name: str, conversations: list[Sample]
) -> None:
    source = packaged_template(name).source
    found = [golden(ours(source, sample)) for sample in conversations]
    expected = read_goldens()[name]
    assert [i for i, pair in enumerate(zip(found, expected, strict=True)) if len({*pair}) > 1] == []
    assert expected.count(golden(None)) < GOLDEN_COUNT / 2


@pytest.mark.parametrize("name", packaged_names())
def test_packaged_templates_render_as_transformers_does(name: str) -> None:
    pytest.importorskip("transformers", reason="the reference is transformers 5.24.0")
    assert not compare(packaged_template(name).source, samples(_LIVE, seed=5)).differences


def test_templates_of_trl_render_as_transformers_does() -> None:
    """Llama's, Gemma's, Phi's, gpt-oss's and others, which may not be packaged."""
    pytest.importorskip("transformers", reason="the reference is transformers 5.24.0")
    found = importlib.util.find_spec("trl")
    if found is None or not found.submodule_search_locations:
        pytest.skip("the templates are those of PyPI's trl 1.16.0")
    folder = Path(found.submodule_search_locations[0], "chat_templates")
    for path in sorted(folder.glob("*.jinja")):
        compared = compare(path.read_text("utf-8"), samples(_LIVE, seed=6))
        assert not compared.differences, path.name
