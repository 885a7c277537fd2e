"""Paths as a table of folders, and files by their number in it: a third of the characters."""


class Folders:
    """Folders, each with its parent, in the order in which they were first seen.

    Attributes:
        names: of the folders. The first is the root, whose name is "".
        parents: their numbers; -1 for the root. A parent comes before what is in it.
    """

    def __init__(self) -> None:
        self.names = [""]
        self.parents = [-1]
        self._numbers = {"": 0}

    def add(self, path: str) -> tuple[int, str]:
        """The number of a file's folder, and the file's name in it."""
        above, slash, name = path.rpartition("/")
        return self._number(above or slash), name or "/"

    def _number(self, path: str) -> int:
        missing = []
        while path not in self._numbers:
            above, slash, name = path.rpartition("/")
            missing.append((path, name or "/"))
            # What starts with a slash is below the folder "/", whose own parent is the root.
            path = above or (slash if name else "")
        number = self._numbers[path]
        for path, name in reversed(missing):
            self.names.append(name)
            self.parents.append(number)
            number = self._numbers[path] = len(self.names) - 1
        return number

    def as_data(self) -> dict[str, list[str] | list[int]]:
        """The columns, for JSON."""
        return {"name": self.names, "parent": self.parents}
