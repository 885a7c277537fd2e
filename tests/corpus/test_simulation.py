"""Runs on simulated clusters: each row once, whatever is lost, late, doubled or started again."""

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pyarrow")
if sys.platform == "win32":
    pytest.skip("names of files that are open are taken over", allow_module_level=True)

from benchmarks.corpus_simulation import World, check_windows, simulate, write_inputs

CALM = World(deaths=0.0, stragglers=0.0, kills=())
HARSH = World(deaths=0.3, stragglers=0.3, kills=(0.3, 0.6, 0.9), notice=1.0)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A corpus, and the digests of a run in which nothing goes wrong."""
    folder = tmp_path_factory.mktemp("corpus")
    write_inputs(folder / "in", 24)
    return folder / "in", simulate(folder / "in", folder / "out", 2, CALM, 0).digests


@settings(max_examples=12)
@given(
    seed=st.integers(0, 1 << 32),
    workers=st.sampled_from([1, 2, 10, 1000]),
    deaths=st.floats(0, 0.5),
    stragglers=st.floats(0, 0.5),
    orphans=st.floats(0, 1),
    kills=st.lists(st.floats(0, 2), max_size=3).map(sorted),
)
def test_each_row_once_whatever_fails(
    corpus: tuple[Path, dict[str, str]],
    seed: int,
    workers: int,
    deaths: float,
    stragglers: float,
    orphans: float,
    kills: list[float],
) -> None:
    inputs, expected = corpus
    world = World(
        deaths=deaths, stragglers=stragglers, orphans=orphans, kills=tuple(kills), notice=1.0
    )
    with TemporaryDirectory() as folder:
        found = simulate(inputs, Path(folder) / "out", workers, world, seed)
    assert found.digests == expected


def test_everything_that_may_go_wrong_does(
    corpus: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """Or the test above would not say much; and the plan of what is left is right."""
    inputs, expected = corpus
    happened: set[str] = set()
    for seed in range(3):
        out = tmp_path / str(seed)
        found = simulate(inputs, out, 10, HARSH, seed)
        assert found.digests == expected
        happened |= found.counts.keys()
        assert check_windows(out) > 0
    assert happened >= {
        "lost while it writes",
        "lost between part and entry",
        "lost after its entry",
        "stragglers",
        "second attempts",
        "parts written again",
        "found done",
        "driver killed",
        "orphans",
    }


def test_time_passes_as_the_costs_say(corpus: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """Without faults a worker is never idle; second attempts save what stragglers cost."""
    inputs, _ = corpus
    alone = simulate(inputs, tmp_path / "alone", 1, CALM, 0)
    assert alone.ideal <= alone.seconds <= 1.05 * alone.ideal
    slow = replace(CALM, stragglers=0.2, slowness=50.0)
    helped = simulate(inputs, tmp_path / "helped", 10, slow, 3)
    patient = simulate(inputs, tmp_path / "patient", 10, replace(slow, patience=1e9), 3)
    assert helped.counts["second attempts"] and helped.seconds < patient.seconds / 2


def test_a_new_driver_knows_nothing_of_the_tasks_of_the_last_one(
    corpus: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """What is done is not handed out again: a lost unit is the one that the driver's end cost."""
    inputs, _ = corpus
    world = replace(CALM, kills=(0.5,), orphans=0.0)
    found = simulate(inputs, tmp_path / "out", 1, world, 0)
    assert (found.counts["attempts"], found.counts.get("found done", 0)) == (24 + 1, 0)
