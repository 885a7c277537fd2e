"""A member of an archive, and what reads one."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Member(NamedTuple):
    """A file in an archive, or what is no file that is read. Folders are none.

    Attributes:
        name: with "/" between names; as the archive has it if that is not `safe`.
        size: bytes, as the archive says.
        offset: where the archive has it, in bytes: the header in a zip, the content in a tar.
        problem: why it is not read; "" if it is.
        error: that is something wrong with it.
        safe: its name leads to where a file of an archive may be.
        packed, method, crc: of a member of a zip, its compressed bytes, how they are compressed,
            and the checksum of the content.
    """

    name: str
    size: int
    offset: int
    problem: str = ""
    error: bool = False
    safe: bool = True
    packed: int = 0
    method: int = 0
    crc: int = 0


class Archive(Protocol):
    """An archive, which is opened when it is needed, on any thread."""

    def members(self) -> Iterator[Member]:
        """The members in the order of the archive.

        Raises:
            CtxtoolsError: (while iterating) it is damaged from there on, or has too many members.
            OSError: the system failed to read it.
        """

    def read(self, member: Member) -> bytes:
        """The content of a member that has no problem.

        Raises:
            CtxtoolsError: it is damaged, or not as large as the archive says.
            OSError: the system failed to read it.
        """


def describe_damage(format: str, reason: object) -> str:
    """What is wrong with an archive, in words."""
    return f"not a readable {format} archive ({reason})" if str(reason) else f"damaged {format}"
