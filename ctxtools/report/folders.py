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
        self._numbers: dict[tuple[int, str], int] = {}

    def add(self, path: str) -> tuple[int, str]:
        """The number of a file's folder, and the file's name in it.

        A name that is empty, as before a first slash, is a slash.
        """
        *folders, name = (part or "/" for part in path.split("/"))
        number = 0
        for folder in folders:
            number = self._number(number, folder)
        return number, name

    def _number(self, parent: int, name: str) -> int:
        number = self._numbers.setdefault((parent, name), len(self.names))
        if number == len(self.names):
            self.names.append(name)
            self.parents.append(parent)
        return number

    def as_data(self) -> dict[str, list[str] | list[int]]:
        """The columns, for JSON."""
        return {"name": self.names, "parent": self.parents}
