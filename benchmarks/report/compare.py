"""What became slower, or wrong, from one run of the suite to another."""

from dataclasses import dataclass

from benchmarks.report.rows import Results, Row


@dataclass(frozen=True, slots=True)
class Change:
    """A benchmark with a different result.

    Attributes:
        row: of the later run.
        ratio: its seconds over the earlier run's; 0 where it failed.
        allowed: the ratio up to which it would be noise.
        text: the change in words.
    """

    row: Row
    ratio: float
    allowed: float
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs of the suite compared.

    Attributes:
        slower, faster, broken: benchmarks of both runs whose time, or status, changed.
        missing: benchmarks that only the earlier run has.
        compared: how many both have.
        warnings: reasons to doubt the comparison.
    """

    slower: tuple[Change, ...]
    faster: tuple[Change, ...]
    broken: tuple[Change, ...]
    missing: tuple[Row, ...]
    compared: int
    warnings: tuple[str, ...]

    @property
    def is_worse(self) -> bool:
        """Whether anything became slower or wrong."""
        return bool(self.slower or self.broken)


def compare(old: Results, new: Results, threshold: float = 0.15) -> Comparison:
    """Compare two runs, engine by engine.

    The minimum time of each is compared. A ratio is noise up to 1 + ``threshold``, or up to
    1 + the sum of both runs' interquartile ranges over their medians, whichever is larger.

    Args:
        old: the earlier run.
        new: the later run.
        threshold: the fraction by which a time may differ in any case.
    """
    later = {row.key: row for row in new.rows}
    pairs = [(row, later[row.key]) for row in old.rows if row.key in later]
    slower, faster, broken = [], [], []
    for before, after in pairs:
        if before.ok and not after.ok:
            reason = f"{after.status}: {after.info['detail']}"
            broken.append(Change(after, 0.0, 0.0, f"{describe(after)}: now {reason}"))
        if not (before.ok and after.ok and before.seconds):
            continue
        ratio = after.seconds / before.seconds
        allowed = 1 + max(threshold, before.relative_iqr + after.relative_iqr)
        text = (
            f"{describe(after)}: {before.seconds:.3g} s to {after.seconds:.3g} s, "
            f"{ratio:.2f} times (noise: up to {allowed:.2f})"
        )
        if ratio > allowed:
            slower.append(Change(after, ratio, allowed, text))
        elif 1 / ratio > allowed:
            faster.append(Change(after, ratio, allowed, text))
    return Comparison(
        slower=tuple(sorted(slower, key=lambda change: -change.ratio)),
        faster=tuple(sorted(faster, key=lambda change: change.ratio)),
        broken=tuple(broken),
        missing=tuple(row for row in old.rows if row.key not in later),
        compared=len(pairs),
        warnings=_warnings(old, new, pairs),
    )


def describe(row: Row) -> str:
    """A benchmark in words: ``warm, tiktoken, o200k_base, code``."""
    return ", ".join(filter(None, (row.kind, row.engine, row.encoding, row.corpus)))


def render(comparison: Comparison) -> str:
    """A comparison as lines for a terminal."""
    lines = [f"warning: {warning}" for warning in comparison.warnings]
    for title, changes in (
        ("wrong or failing now", comparison.broken),
        ("slower", comparison.slower),
        ("faster", comparison.faster),
    ):
        lines += [f"{title}:", *(f"  {change.text}" for change in changes)] if changes else []
    if comparison.missing:
        lines += ["not measured now:", *(f"  {describe(row)}" for row in comparison.missing)]
    lines.append(
        f"{comparison.compared} benchmarks compared: {len(comparison.slower)} slower, "
        f"{len(comparison.faster)} faster, {len(comparison.broken)} wrong or failing"
    )
    return "\n".join(lines)


def _warnings(old: Results, new: Results, pairs: list[tuple[Row, Row]]) -> tuple[str, ...]:
    warnings = []
    if old.machine != new.machine:
        differing = [name for name in old.machine if old.machine[name] != new.machine.get(name)]
        warnings.append(f"the machines differ in {', '.join(differing)}")
    texts = {
        after.corpus
        for before, after in pairs
        if after.corpus and before.info.get("sha256") != after.info.get("sha256")
    }
    if texts:
        warnings.append(f"the texts differ: {', '.join(sorted(texts))}")
    return tuple(warnings)
