"""What counts are compared with."""

from typing import NamedTuple

from ctxtools.errors import UsageError


class Comparison(NamedTuple):
    """What the counts are compared with.

    Attributes:
        baseline: a file.
        against: a revision.
        update: the file is written.
    """

    baseline: str | None
    against: str | None
    update: bool

    def check(self, max_growth: object) -> None:
        """Raise UsageError if the arguments exclude each other."""
        if self.against is not None:
            from ctxtools.limits.revision import check_revision

            check_revision(self.against)
        if self.baseline is not None and self.against is not None and not self.update:
            raise UsageError("baseline and against cannot be used together")
        if self.update and self.baseline is None:
            raise UsageError(
                "update_baseline needs a baseline", hint="name the file that is to be written"
            )
        if max_growth is not None and not (self.update or self.baseline or self.against):
            raise UsageError(
                "max_growth needs something to compare with",
                hint="give against a revision such as main, or baseline a file of counts",
            )

    @property
    def words(self) -> str:
        """What is compared with, in words; "" if nothing is."""
        if self.against is not None:
            return f"revision {self.against}"
        return "" if self.update or self.baseline is None else f"baseline {self.baseline}"
