"""Finding a repository, and reading what of it is needed, without git.

Only regular files of limited size are read, and only inside the repository. A `.git` may lead
elsewhere, as those of worktrees and submodules do. It is followed into its own folder, or to a
repository that itself names the folder: a stranger's `.git` cannot make us read a repository that
knows nothing of it.
"""

import os
import re
import stat
from itertools import islice
from typing import NamedTuple

from ctxtools.errors import ReadError
from ctxtools.regular_file import is_inside, read_regular

_MAX_LINE = 1 << 12  # bytes of a file that holds one line
_MAX_LIST = 1 << 20  # bytes of a configuration or a list
_MAX_REFS = 1 << 26  # bytes of packed-refs
_MAX_INDEX = 1 << 29  # bytes, of millions of files
_MAX_LINKS = 5  # refs that name another, as in git

_OBJECT = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?)\s*")
_REF = re.compile(rb"ref:[ \t]*(refs(?:/(?!\.)[^\0-\x20\x7f~^:?*\[\\/]+)+)\s*")
_PSEUDO_REF = re.compile(r"[A-Z][A-Z_]{0,50}")
_PACKED_NAME = re.compile(rb"^[0-9a-f]+ refs/(?:heads|tags|remotes)/(.+)$", re.MULTILINE)
_MAX_REF_NAMES = 3000  # that a name that is missing is compared with
_SECTION = re.compile(r'\[([A-Za-z0-9.-]+)([ \t]+"[^"]*")?[ \t]*\]')
_VARIABLE = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(?:=[ \t]*([^#;]*))?")


class Repository(NamedTuple):
    """A repository with a work tree. Paths are absolute, those of folders without links.

    Attributes:
        root: the work tree's folder.
        directory: where HEAD and the index of this work tree are.
        common: where the objects, branches and settings are; of a worktree that is elsewhere.
        bare: it has no work tree, and its root is where it is itself.
    """

    root: str
    directory: str
    common: str
    bare: bool = False

    @property
    def index_file(self) -> str | None:
        """The index. If nothing was added yet it does not exist; None if it is elsewhere."""
        path = os.path.join(self.directory, "index")
        return path if self.regular(path, _MAX_INDEX) or not os.path.lexists(path) else None

    @property
    def objects(self) -> str | None:
        """The folder of the objects; None if some of them are elsewhere."""
        path = os.path.join(self.common, "objects")
        inside = all(is_inside(os.path.join(path, each), self.within) for each in ("pack", "info"))
        alternates = os.path.join(path, "info", "alternates")
        return path if inside and not os.path.lexists(alternates) else None

    @property
    def exclude(self) -> str:
        """The file with the patterns of this repository that are not part of it."""
        return os.path.join(self.common, "info", "exclude")

    @property
    def shallow(self) -> str:
        """The file with the commits whose parents are absent."""
        return os.path.join(self.common, "shallow")

    def regular(self, path: str, limit: int = _MAX_LIST) -> bool:
        """Whether there is a regular file in the repository, of at most so many bytes."""
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return False
        fits = stat.S_ISREG(status.st_mode) and status.st_size <= limit
        return fits and is_inside(path, self.within)

    def settings(self) -> dict[str, str]:
        """Variables of the configuration: ``"core.bare"`` -> its value, "" if it has none.

        Those of included files, and of sections with a second name, are left out.
        """
        return _read_settings(os.path.join(self.common, "config"), self.within)

    def head(self) -> str | None:
        """The commit that is checked out, in hexadecimal digits; None if that cannot be told."""
        return self._followed(self._read(os.path.join(self.directory, "HEAD"), _MAX_LINE))

    def ref(self, name: str) -> str | None:
        """The object that a ref leads to: ``refs/tags/v1``, ``HEAD``, ``FETCH_HEAD``.

        Returns:
            Its name, in hexadecimal digits; None if that cannot be told.
        """
        if _PSEUDO_REF.fullmatch(name):
            content = self._read(os.path.join(self.directory, name), _MAX_LINE)
            # What was fetched is one object a line, with its origin.
            is_link = content.startswith(b"ref:")
            return self._followed(content if is_link else content.partition(b"\t")[0])
        link = _REF.fullmatch(b"ref: " + os.fsencode(name))
        return self._followed(self._read_ref(link[1])) if link else None

    def refs(self) -> list[str]:
        """The names of branches and tags, as far as they are to be compared with a wrong one."""
        names: list[str] = []
        for kind in ("heads", "tags", "remotes"):
            top = os.path.join(self.common, "refs", kind)
            for folder, _, files in os.walk(top):
                if len(names) > _MAX_REF_NAMES:
                    break
                names += [os.path.relpath(os.path.join(folder, each), top) for each in files]
        packed = self._read(os.path.join(self.common, "packed-refs"), _MAX_REFS)
        for found in islice(_PACKED_NAME.finditer(packed), _MAX_REF_NAMES):
            names.append(os.fsdecode(found[1]))
        return [name.replace(os.sep, "/") for name in names]

    def _followed(self, content: bytes) -> str | None:
        """The object that the content of a ref names, itself or by other refs."""
        for _ in range(_MAX_LINKS):
            if found := _OBJECT.fullmatch(content):
                return found[1].decode("ascii")
            link = _REF.fullmatch(content)
            content = self._read_ref(link[1]) if link else b""
        return None

    def _read_ref(self, name: bytes) -> bytes:
        # Those of a bisection, for example, are each work tree's own.
        own = name.startswith((b"refs/bisect/", b"refs/worktree/", b"refs/rewritten/"))
        folder = self.directory if own else self.common
        content = self._read(os.path.join(folder, os.fsdecode(name)), _MAX_LINE)
        if content:
            return content
        packed = self._read(os.path.join(self.common, "packed-refs"), _MAX_REFS)
        found = re.search(rb"^([0-9a-f]+) " + re.escape(name) + rb"$", packed, re.MULTILINE)
        return found[1] if found else b""

    def _read(self, path: str, limit: int) -> bytes:
        return _read(path, limit, self.within)

    @property
    def within(self) -> str:
        """The folder that links in the repository may not lead out of."""
        return self.root if is_inside(self.common, self.root) else self.common


def is_repository(folder: str) -> bool:
    """Whether git would find a repository whose work tree is this folder."""
    path = os.path.join(folder, ".git")
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    if stat.S_ISREG(mode):
        return _read(path, _MAX_LINE, folder).startswith(b"gitdir:")
    # Git passes over a folder of that name in which these are not.
    head, objects, refs, common = (
        os.path.join(path, name) for name in ("HEAD", "objects", "refs", "commondir")
    )
    return os.path.isfile(head) and (
        os.path.lexists(common) or (os.path.isdir(objects) and os.path.isdir(refs))
    )


def is_bare(folder: str) -> bool:
    """Whether a folder is itself a repository: a bare one, or the `.git` of another."""
    head, objects, refs = (os.path.join(folder, name) for name in ("HEAD", "objects", "refs"))
    return os.path.isfile(head) and os.path.isdir(objects) and os.path.isdir(refs)


def find_root(directory: str) -> str | None:
    """The work tree that a directory is in; None if it is in none.

    Args:
        directory: an absolute path without links.
    """
    while not is_repository(directory):
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent
    return directory


def open_repository(root: str) -> Repository | None:
    """The repository of a work tree; None if its `.git` leads to one that does not name it.

    Args:
        root: an absolute path without links.
    """
    directory = _directory(root)
    if directory is None:
        return None
    if not is_inside(directory, root) and not _names(directory, root):
        return None
    common = directory
    if os.path.lexists(marker := os.path.join(directory, "commondir")):
        named = _joined(directory, _read(marker, _MAX_LINE, directory))
        if named is None:
            return None
        common = os.path.realpath(named)
        worktrees = os.path.join(common, "worktrees")
        if os.path.dirname(directory) != worktrees and not is_inside(common, root):
            return None
    return Repository(root, directory, common)


def leads_elsewhere(root: str) -> bool:
    """Whether the `.git` of a work tree that cannot be opened leads to some repository."""
    directory = _directory(root)
    return directory is not None and os.path.isfile(os.path.join(directory, "HEAD"))


def _directory(root: str) -> str | None:
    """What the `.git` of a work tree is or leads to, without links."""
    path = os.path.join(root, ".git")
    if os.path.isdir(path):
        return os.path.realpath(path)
    named = _joined(root, _read(path, _MAX_LINE, root).removeprefix(b"gitdir:"))
    return None if named is None else os.path.realpath(named)


def _names(directory: str, root: str) -> bool:
    """Whether the repository of a worktree or of a submodule says that this is its work tree."""
    back = _joined(directory, _read(os.path.join(directory, "gitdir"), _MAX_LINE, directory))
    if back is not None and os.path.normcase(back) == os.path.normcase(os.path.join(root, ".git")):
        return True
    for name in ("config.worktree", "config"):
        settings = _read_settings(os.path.join(directory, name), directory)
        back = _joined(directory, os.fsencode(settings.get("core.worktree", "")))
        if back is not None and os.path.normcase(back) == os.path.normcase(root):
            return True
    return False


def _joined(folder: str, content: bytes) -> str | None:
    """The path in a file, relative to a folder; None if there is none."""
    name = os.fsdecode(content).strip()
    # In Windows such a name is that of another machine, which would be asked.
    if not name or "\0" in name or (os.name == "nt" and name.startswith(("//", "\\\\"))):
        return None
    return os.path.normpath(os.path.join(folder, name))


def _read(path: str, limit: int, within: str) -> bytes:
    """The content of a file; nothing if it cannot be read."""
    try:
        return read_regular(path, limit, within=within)
    except ReadError:
        return b""


def _read_settings(path: str, within: str) -> dict[str, str]:
    settings = {}
    section: str | None = None
    for line in os.fsdecode(_read(path, _MAX_LIST, within)).splitlines():
        line = line.strip()
        if found := _SECTION.match(line):
            section = None if found[2] else found[1].lower()
            line = line[found.end() :].lstrip()
        if section is not None and (found := _VARIABLE.match(line)):
            settings[f"{section}.{found[1].lower()}"] = (found[2] or "").strip().strip('"')
    return settings
