"""What ``ctx memory`` prints."""

from ctxtools.memory.architecture import Basis

GB = 10**9
GIB = 2**30
_SMALL = 10**7  # bytes, of which two digits of a GB show nothing


def basis_in_words(basis: Basis) -> str:
    """How a figure is known, for a table in which "memory" means something else."""
    return "unverified" if basis == "memory" else basis


def gigabytes(size: int) -> str:
    """Bytes in GB, for a table."""
    if not size:
        return "0"
    if abs(size) < _SMALL:
        return f"{size / GB:.4f}".replace("-", "−")
    return f"{size / GB:,.2f}".replace("-", "−")
