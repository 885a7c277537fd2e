"""How long git may take in a search for files."""


class Patience:
    """How long git may take in a search, which can come to thousands of repositories.

    Attributes:
        seconds: what is left.
        late: the work trees about which git did not answer in time, or was not asked any more.
    """

    __slots__ = ("late", "seconds")

    def __init__(self, seconds: float = 10.0) -> None:
        self.seconds = seconds
        self.late: set[str] = set()
