"""Checking limits: counting the files that rules match, and comparing."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ctxtools.checks import check_list, check_type
from ctxtools.documents import DocumentCount, File, Skipped, Unmatched, find_files
from ctxtools.documents.walk import Paths
from ctxtools.errors import UsageError
from ctxtools.limits.comparison import Comparison
from ctxtools.limits.counting import Counted, Counting
from ctxtools.limits.matching import Matching, Subject
from ctxtools.limits.result import CheckedFile, CheckedLimits, CheckedTotal
from ctxtools.limits.roots import Roots, find_roots, relative
from ctxtools.limits.rules import WRITE_ONE, LimitRule, LimitRules, load_limits, with_growth

if TYPE_CHECKING:
    from ctxtools.encodings import Encoding
    from ctxtools.models import Interval, Model

_NO_SUBJECT = Subject((), None, None)  # of a file in a revision


class Outputs(Protocol):
    """Paths that the caller writes: a list of them, or what tells one in another way."""

    def __contains__(self, path: str, /) -> bool: ...


def check_limits(
    limits: LimitRules | Mapping[str, Any] | None = None,
    paths: Paths | None = None,
    *,
    model: "str | Model | None" = None,
    encoding: "str | Encoding | None" = None,
    baseline: str | os.PathLike[str] | None = None,
    update_baseline: bool = False,
    against: str | None = None,
    max_growth: str | int | Mapping[str, Any] | None = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    hidden: bool = False,
    ignore: bool = True,
    archives: bool = False,
    outputs: Outputs = (),
    threads: int = 0,
    progress: Callable[[int], object] | None = None,
) -> CheckedLimits:
    """Count the files that rules match, and compare them with their limits.

    Args:
        limits: pattern -> what its files may have, as `LimitRules.of` takes it; or rules. None for
            those of the project's configuration.
        paths: which files and folders; None for the folder that the rules are for. Where a file is
            named, or a pattern of files, limits on all files of a rule are not checked: which they
            are is not known then.
        model, encoding: what to count for, or with, where a rule does not say; one of them at most.
        baseline: a file of counts to compare with; it is never counted itself.
        update_baseline: write it anew in place of comparing with it, completely or not at all; and
            not where something could not be read.
        against: a revision in git to compare with.
        max_growth: how much files may grow where a rule does not say: ``"10%"`` or ``"2k"``, each
            of them; ``"each:10%,all:2k"``. Without any rule it is for every file.
        include, exclude, hidden, ignore, archives: which files; see `find_files`. Their patterns
            are also matched from the folder of the project, whose configuration may have them. A
            rule that names hidden files, as ``.github/*.md`` does, matches them without ``hidden``.
        outputs: paths that are listed as skipped, since the caller writes them.
        threads: files that are counted at once; 0 is one for each core.
        progress: called with the number of bytes read since the last call, from any thread.

    Raises:
        UsageError: there are no limits, arguments exclude each other, there is no such revision; or
            none of the rules matches a file, for nothing was checked then.
        ConfigError: a limit is invalid.
        FormatError: the baseline is damaged, of another version, or of other tokenizers; or what
            would be replaced is none.
        CtxtoolsError: a model or an encoding is unknown; or the baseline cannot be read.
    """
    if limits is None:
        rules = load_limits()
    else:
        rules = limits if isinstance(limits, LimitRules) else LimitRules.of(limits)
    check_list("include", include)
    check_list("exclude", exclude)
    included, excluded = list(include), list(exclude)
    if model is not None and encoding is not None:
        raise UsageError("model and encoding cannot be used together here")
    if model is not None or encoding is not None:
        rules = rules._replace(model=model, encoding=encoding, within=None)
    file = None if baseline is None else os.fsdecode(_checked_path("baseline", baseline))
    comparison = Comparison(file, against, update=update_baseline)
    comparison.check(max_growth)
    rules = rules._replace(rules=with_growth(rules.rules, max_growth))
    if not rules.rules:
        raise UsageError("there are no limits to check", hint=WRITE_ONE)
    folder = os.path.abspath(rules.folder or os.curdir)
    base = rules.config.folder() if rules.config else None
    selection = {
        "include": included,
        "exclude": excluded,
        "hidden": hidden,
        "ignore": ignore,
        "archives": archives,
        "base": folder if base is None else os.path.abspath(base),
        "based": [*included, *excluded],
    }
    counting = Counting(rules, threads, progress)
    check = _Check(rules.rules, folder, selection, comparison, counting, outputs)
    return check.run(find_roots(paths, folder))


class _Check:
    """One call of `check_limits`."""

    def __init__(
        self,
        rules: Sequence[LimitRule],
        folder: str,
        selection: dict[str, Any],
        comparison: Comparison,
        counting: Counting,
        outputs: Outputs,
    ) -> None:
        self._rules = rules
        self._comparison = comparison
        self._folder = folder
        self._matching = Matching(self._rules, folder, hidden=selection["hidden"])
        if self._matching.names_hidden:
            selection = {**selection, "hidden": True}
        self._selection = selection
        self._counting = counting
        self._tokenizers = counting.tokenizers
        self._notes = dict.fromkeys(counting.notes)
        self._outputs = outputs
        self._skipped: list[Skipped] = []
        self._other_files = 0

    def run(self, roots: Roots) -> CheckedLimits:
        """Count and compare."""
        if self._comparison.update and not roots.everything:
            raise UsageError(
                "update_baseline is for all files that rules match",
                hint="name no files and no other folder",
            )
        counts: dict[str, DocumentCount] = {}
        files = [*self._count_current(roots, counts)]
        unmatched = self._unmatched(roots)
        self._matched = frozenset(self._matching.matched)
        complete = not any(each.error for each in self._skipped)
        before = self._before(roots, counts, files)
        totals = self._totals(files, before, roots)
        if self._comparison.update and self._comparison.baseline is not None:
            self._update(self._comparison.baseline, files, complete=complete)
        added, removed = self._changes(files, before, roots)
        rows = [row for each in files for row in self._rows(each, before)]
        self._note_what_is_not_checked(files, before, roots)
        return CheckedLimits(
            files=tuple(rows),
            totals=tuple(totals),
            added=added,
            removed=removed,
            skipped=tuple(self._skipped),
            unmatched=tuple(unmatched),
            other_files=self._other_files,
            compared=self._comparison.words,
            notes=tuple(self._notes),
            file_notes={path: each.notes for path, each in counts.items() if each.notes},
        )

    # Counting

    def _count_current(self, roots: Roots, counts: dict[str, DocumentCount]) -> Iterator[Counted]:
        """The files on the disk that a rule matches; also collected in ``counts``."""
        self._found = find_files(roots.paths, **self._selection)
        subjects: dict[str, Subject] = {}
        for result in self._counting.count(self._select(self._found, subjects)):
            if isinstance(result, Skipped):
                self._skipped.append(result)
            else:
                counts[result.path] = result
                yield self._counting.counted(result, self._name(result.path), subjects[result.path])

    def _select(
        self, found: Iterable[File | Skipped], subjects: dict[str, Subject]
    ) -> Iterator[File | Skipped]:
        """Those that a rule matches, and what went wrong."""
        for each in found:
            subject = self._matching.find(each.path)
            if isinstance(each, Skipped):
                if subject is not None or each.error:
                    yield each
            elif subject is None:
                self._other_files += each.explicit
            elif each.content is None and each.path in self._outputs:
                yield Skipped(each.path, "the output itself")
            elif not self._is_baseline(each.path):
                subjects[each.path] = subject
                # One that is named may be binary: what changed in a commit is named.
                yield each._replace(listed=True) if each.explicit else each

    def _is_baseline(self, path: str) -> bool:
        baseline = self._comparison.baseline
        if baseline is None:
            return False
        from ctxtools.limits.baseline import is_baseline

        return is_baseline(path, baseline)

    def _name(self, path: str) -> str:
        return self._matching.name(path) or path

    # Comparing

    def _before(
        self, roots: Roots, counts: dict[str, DocumentCount], files: Sequence[Counted]
    ) -> list[dict[str, int]] | None:
        """For each tokenizer, the tokens of files before; None if nothing is compared."""
        comparison = self._comparison
        if comparison.against is not None:
            return self._before_in_git(comparison.against, roots, counts, files)
        if comparison.baseline is None or comparison.update:
            return None
        from ctxtools.limits.baseline import read_baseline

        return read_baseline(comparison.baseline, self._tokenizers)

    def _before_in_git(
        self,
        revision: str,
        roots: Roots,
        counts: dict[str, DocumentCount],
        files: Sequence[Counted],
    ) -> list[dict[str, int]]:
        from ctxtools.limits.revision import counts_at

        matching, names = self._matching, {each.name for each in files}

        def wanted(path: str) -> bool:
            name = matching.name(path)
            if name is None or (roots.selective and name not in names):
                return False
            return matching.find_name(name) is not None

        before: list[dict[str, int]] = [{} for _ in self._tokenizers]
        folders = [relative(self._folder)] if roots.selective else roots.paths
        for result in counts_at(
            revision, folders, self._selection, wanted, counts, self._counting.count
        ):
            if isinstance(result, Skipped):
                if result.error and result.path not in folders:  # which was not there yet
                    reason = f"{result.reason}, in revision {revision}"
                    self._skipped.append(result._replace(reason=reason))
                continue
            found = self._counting.counted(result, self._name(result.path), _NO_SUBJECT)
            for tokens, of in zip(found.tokens, before, strict=True):
                of[found.name] = tokens
        return before

    def _totals(
        self, files: Sequence[Counted], before: list[dict[str, int]] | None, roots: Roots
    ) -> Iterator[CheckedTotal]:
        """What each rule that limits all its files together is compared with."""
        for number, rule in enumerate(self._rules):
            if roots.selective or (rule.all is None and rule.all_growth is None):
                continue
            at = self._counting.tokenizer_of[number]
            own = [each for each in files if number in each.subject.rules]
            earlier = None
            if before is not None:
                earlier = sum(
                    tokens
                    for name, tokens in before[at].items()
                    if roots.has(name)
                    and (subject := self._matching.find_name(name))
                    and number in subject.rules
                )
            interval: Interval | None = None
            if self._tokenizers[at].estimate:
                for each in own:
                    if (more := each.intervals[at]) is not None:
                        interval = more if interval is None else interval + more
            tokens = sum(each.tokens[at] for each in own)
            name = self._tokenizers[at].name
            yield CheckedTotal(rule, len(own), name, tokens, interval, earlier)

    def _rows(self, file: Counted, before: list[dict[str, int]] | None) -> Iterator[CheckedFile]:
        """A file as often as tokenizers are needed for what it is compared with."""
        _, each, growth = file.subject
        deciding = [number for number in (each, growth) if number is not None]
        at_each = -1 if each is None else self._counting.tokenizer_of[each]
        at_growth = -1 if growth is None else self._counting.tokenizer_of[growth]
        for at in dict.fromkeys(
            self._counting.tokenizer_of[number] for number in deciding or file.subject.rules[-1:]
        ):
            yield CheckedFile(
                file.path,
                file.name,
                self._tokenizers[at].name,
                file.tokens[at],
                file.intervals[at],
                self._rules[each] if each is not None and at == at_each else None,
                self._rules[growth] if growth is not None and at == at_growth else None,
                None if before is None else before[at].get(file.name),
            )

    def _changes(
        self, files: Sequence[Counted], before: list[dict[str, int]] | None, roots: Roots
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The files that are new, and those that are not there any more."""
        if before is None:
            return (), ()
        known = {name for each in before for name in each}
        added = tuple(each.path for each in files if each.name not in known)
        if roots.selective:
            return added, ()
        there = {each.name for each in files}
        there |= {self._matching.name(each.path) or "" for each in self._skipped if each.error}
        removed = sorted(
            os.path.normpath(os.path.join(relative(self._folder), name))
            for name in known - there
            if roots.has(name) and self._matching.find_name(name) is not None
        )
        return added, tuple(removed)

    def _update(self, path: str, files: Sequence[Counted], *, complete: bool) -> None:
        if not complete:
            self._note(f"{path} was not written, since not all files could be read")
            return
        from ctxtools.limits.baseline import write_baseline

        counts = [
            {each.name: each.tokens[at] for each in files} for at in range(len(self._tokenizers))
        ]
        write_baseline(path, self._tokenizers, counts)

    # Remarks

    def _unmatched(self, roots: Roots) -> list[Unmatched]:
        """The patterns that matched nothing, where that says something.

        Raises:
            UsageError: nothing was checked.
        """
        if roots.selective:
            return []
        unmatched = [*self._found.unmatched]
        missing = list(dict.fromkeys(rule.pattern for rule in self._matching.unmatched()))
        is_idle = len(self._matching.unmatched()) == len(self._rules)
        if not (roots.everything or is_idle):
            return unmatched  # what the others match may be in folders that were not named
        if missing:
            # Once more, for what they may have meant and what left out the files that they match.
            found = find_files(roots.paths, **{**self._selection, "include": missing})
            for _ in found:
                pass
            hints = {each.pattern: each.hint for each in found.unmatched}
            unmatched += [Unmatched("limit", each, hints.get(each, "")) for each in missing]
        failed = any(each.error for each in self._skipped)
        if is_idle and not failed:
            first = unmatched[-len(missing)]
            names = " or ".join(repr(each) for each in missing[:3])
            raise UsageError(
                f"nothing was checked: no file matches {names}",
                hint=first.hint or "patterns are written as in a .gitignore: docs/**, *.md",
            )
        return unmatched

    def _note_what_is_not_checked(
        self, files: Sequence[Counted], before: list[dict[str, int]] | None, roots: Roots
    ) -> None:
        rules = self._rules
        if roots.selective and any(each.all is not None or each.all_growth for each in rules):
            self._note("limits on all files of a rule are not checked, since files were named")
        grows = any(each.each_growth or each.all_growth for each in rules)
        if grows and before is None and not self._comparison.update:
            self._note("growth is not checked: there is nothing to compare with")
        decided = {each.subject.each for each in files}
        for number in range(len(rules)) if not roots.selective else ():
            rule = rules[number]
            if rule.each is not None and number in self._matched and number not in decided:
                self._note(
                    f"the limit of {rule.pattern!r} on each file counts for none: later rules match"
                    " the same files"
                )

    def _note(self, text: str) -> None:
        self._notes[text] = None


def _checked_path(name: str, path: object) -> Any:
    check_type(name, path, str, os.PathLike)
    return path
