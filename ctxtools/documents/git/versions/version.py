"""Which version of the files of a repository to read, and what of it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ctxtools.checks import check_integer, check_type
from ctxtools.errors import UsageError

if TYPE_CHECKING:
    from ctxtools.documents.git.changes import Changes

MAX_LOG = 100_000  # commits


class Version(NamedTuple):
    """Which version of the files of a repository to read, and what of it.

    Attributes:
        ref: a revision, whose files are read in place of those on the disk.
        diff: a revision: only the files of the work tree that differ from it; or two, ``A..B`` or
            ``A...B``: only the files of ``B`` that differ from ``A``, or from where both started.
        staged: only the files of the index that differ from the last commit, or from ``diff``.
        log: the number of newest commits that are one more document; 0 for none.
        cache: whether what a URL names is kept for the next time.
        everything: the files that did not change too.
    """

    ref: str | None = None
    diff: str | None = None
    staged: bool = False
    log: int = 0
    cache: bool = True
    everything: bool = False

    @property
    def is_compared(self) -> bool:
        """Whether it is compared with another."""
        return self.staged or self.diff is not None

    @property
    def is_asked(self) -> bool:
        """Whether anything but the files on the disk was asked for."""
        return self.ref is not None or self.is_compared or self.log > 0

    def revisions(self) -> list[str]:
        """The revisions that are needed where there is no work tree."""
        if self.diff is None:
            return [self.ref or "HEAD"]
        if ".." in self.diff:
            old, _, new = self.diff.partition("..")
            return [old or "HEAD", new.removeprefix(".") or "HEAD"]
        return [self.diff, self.ref or "HEAD"]

    def check(self) -> None:
        """Raise UsageError if the options exclude each other, or one of them is empty."""
        for name, value in (("ref", self.ref), ("diff", self.diff)):
            if value is None:
                continue
            check_type(name, value, str)
            if not value.strip():
                raise UsageError(f"{name} is empty", hint="name a branch, a tag or a commit")
        if self.ref is not None and ".." in self.ref:
            raise UsageError(
                "ref is one revision, not two", hint="diff takes A..B: the files of B that changed"
            )
        if self.ref is not None and self.staged:
            raise UsageError("ref and staged cannot be used together")
        if self.diff is not None and ".." in self.diff and (self.staged or self.ref is not None):
            other = "staged" if self.staged else "ref"
            raise UsageError(f"diff of two revisions and {other} cannot be used together")
        check_integer("log", self.log, 0, MAX_LOG)


@dataclass(slots=True)
class Told:
    """What a search in repositories has to say beside the files; complete when it is done.

    Attributes:
        notes: remarks: which files were deleted, say.
        changes: path as it is listed -> what changed in it.
        unchanged: why there may be no file: "nothing changed since main".
    """

    notes: list[str] = field(default_factory=list)
    changes: "dict[str, Changes]" = field(default_factory=dict)
    unchanged: str = ""
