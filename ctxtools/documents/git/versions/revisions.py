"""What a revision names: ``main``, ``v1.0~3``, ``origin/main^2``, a commit's name or its start.

Git sees no refs (see `run.py`): a name is looked up here, in the order of gitrevisions(7), and git
follows the rest of a revision from there.
"""

import re
from typing import NamedTuple

from ctxtools.documents.git.versions.named import Objects
from ctxtools.documents.git.versions.version import Version
from ctxtools.errors import UsageError
from ctxtools.escape import one_line
from ctxtools.suggestions import closest_match

_NAMES = "git branch --all and git tag list names"
_FORMS = (
    "{}",
    "refs/{}",
    "refs/tags/{}",
    "refs/heads/{}",
    "refs/remotes/{}",
    "refs/remotes/{}/HEAD",
)
_STEPS = re.compile(r"[~^].*", re.DOTALL)
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{4,64}")
_DESCRIBED = re.compile(r".+-g[0-9a-f]{4,64}")  # as git describe names a commit
_SYNTAX = re.compile(r"(?:[~^][0-9]*|\^\{(?:commit|tree|tag|object)?\})*")
_RANGE = re.compile(r"(.*?)(\.\.\.?)(.*)", re.DOTALL)

EMPTY_TREE = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
"""The name of the tree without entries, which git knows without its object, by its length."""


class Sides(NamedTuple):
    """What a diff compares: two commits, or a commit and what is not committed.

    Attributes:
        old: the name of a commit, or of the empty tree.
        new: the name of a commit; None if it is the work tree, or the index.
    """

    old: str
    new: str | None


def resolve(objects: Objects, revision: str) -> str:
    """The name of the commit that a revision names.

    Raises:
        UsageError: there is none.
    """
    start = _find(objects, revision)
    name = start and _commit(objects, start)
    if name:
        return name
    hint = None
    if start is not None and not objects.is_shallow:
        if _commit(objects, _STEPS.sub("", start)):
            hint = "its history ends earlier"
        elif not (_HEXADECIMAL.fullmatch(revision) or _DESCRIBED.fullmatch(revision)):
            hint = "it is missing or damaged: git fsck tells what is"
    hint = hint or _hint(objects, revision)
    raise UsageError(f"{objects.label}: no commit {one_line(revision)!r}", hint=hint)


def _commit(objects: Objects, start: str) -> str | None:
    """The name of the commit that git finds from there; None if there is none."""
    printed = objects.ask("rev-parse", "--verify", "--quiet", f"{start}^{{commit}}")
    name = (printed or b"").decode("latin-1").strip()
    return name if _HEXADECIMAL.fullmatch(name) else None


def empty_tree(objects: Objects) -> str:
    """The name of the tree without entries."""
    settings = objects.repository.settings()
    return EMPTY_TREE[64 if settings.get("extensions.objectformat", "").lower() == "sha256" else 40]


def is_range(revision: str) -> bool:
    """Whether a revision is two of them: ``A..B`` or ``A...B``."""
    return ".." in revision


def read_range(objects: Objects, revision: str) -> Sides:
    """What ``A..B`` and ``A...B`` compare; without one of the names, HEAD.

    Raises:
        UsageError: there is no such commit, or none that both have in their history.
    """
    found = _RANGE.fullmatch(revision)
    assert found is not None  # see `is_range`
    old, new = (resolve(objects, found[side] or "HEAD") for side in (1, 3))
    if found[2] == "..":
        return Sides(old, new)
    printed = objects.ask("merge-base", old, new)
    if not printed:
        raise UsageError(
            f"{objects.label}: {one_line(revision)} have no commit in common",
            hint="git fetch --unshallow gets their history"
            if objects.is_shallow
            else "A..B compares them as they are",
        )
    return Sides(printed.decode().split()[0], new)


def sides_of(objects: Objects, version: Version) -> tuple[Sides, str]:
    """What is compared, without an old side if nothing is; and what messages call it."""
    if version.diff is not None and is_range(version.diff):
        return read_range(objects, version.diff), f"in {one_line(version.diff)}"
    new = None
    if version.ref is not None:
        new = resolve(objects, version.ref)
    elif objects.repository.bare and not version.staged:
        new = resolve(objects, "HEAD")
    if version.diff is not None:
        return Sides(resolve(objects, version.diff), new), f"since {one_line(version.diff)}"
    if version.staged:
        is_new = objects.repository.head() is None
        old = empty_tree(objects) if is_new else resolve(objects, "HEAD")
        return Sides(old, None), "in the index since the last commit"
    return Sides("", new), ""


def _find(objects: Objects, revision: str) -> str | None:
    """What git can follow: the name of an object, and steps from there."""
    steps = found[0] if (found := _STEPS.search(revision)) else ""
    base = revision.removesuffix(steps)
    base = "HEAD" if base == "@" else base
    if not base or not _SYNTAX.fullmatch(steps):
        return None
    for form in _FORMS:
        if (name := objects.repository.ref(form.format(base))) is not None:
            return name + steps
    if _HEXADECIMAL.fullmatch(base) or _DESCRIBED.fullmatch(base):
        return base.rpartition("-g")[2] + steps
    return None


def _hint(objects: Objects, revision: str) -> str:
    repository = objects.repository
    if repository.settings().get("extensions.refstorage", "files").lower() != "files":
        return "its branches are in a format that is not read here; name a commit itself"
    if "@{" in revision:
        return "what a branch was, or follows, is not looked up; name a branch, a tag or a commit"
    if ":" in revision:
        return "name a commit; what is to be read of it are the paths"
    if repository.head() is None and re.match(r"HEAD|@|$", revision):
        return "it has no commit yet"
    if objects.is_shallow:
        return "it is a shallow clone: git fetch --unshallow gets its history"
    return closest_match(revision, repository.refs()) or _NAMES
