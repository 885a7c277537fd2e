"""The exceptions of ctxtools. Each is also the builtin exception that it resembles::

    CtxtoolsError
    ├── UsageError (ValueError)                an argument that cannot be used, such as a bad size
    ├── UnknownEncodingError (LookupError)     no encoding of that name
    ├── UnknownModelError (LookupError)        no model of that name
    ├── VocabularyError (ValueError)           a tokenizer file that is corrupt or of no known kind
    ├── SpecialTokenError (ValueError)         a special token that the encoding does not have
    ├── UnknownTokenError (LookupError)        a token id that the encoding does not have
    ├── ReadError (OSError)                    a document that could not be read
    │   └── UnreadableError (OSError)          the same, with its line for a report
    ├── FormatError (ValueError)               a document that is not of the format it should be
    │   └── NotTextError (ValueError)          bytes that are not text in any known charset
    ├── ConfigError (ValueError)               a configuration value or file that cannot be used
    ├── PositionError (IndexError)             an offset that is not in the text, or not in the plan
    ├── BudgetError (ValueError)               a reserve that uses up the context window
    │   └── ConflictError (ValueError)         what has to go in does not fit, all together
    ├── SecretsError (ValueError)              a prompt that would hold a key or a password
    ├── OversizeError (ValueError)             a character with more tokens than a chunk has
    ├── MissingExtraError (ImportError)        an optional dependency that is not installed
    ├── KernelError (ImportError)              the compiled kernel is absent or stale
    └── NetworkError (OSError)                 a download that was asked for and failed

An error says what was wrong and where; ``hint`` says what to do about it.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxtools._lazy import renamed_names
from ctxtools.escape import one_line


def os_reason(error: OSError) -> str:
    """What the system says went wrong, in a phrase: "no such file or directory"."""
    reason = os.strerror(error.errno) if error.errno else str(error) or "cannot be read"
    return reason[:1].lower() + reason[1:]


class CtxtoolsError(Exception):
    """The base of every error that ctxtools raises on purpose.

    Args:
        message: what was wrong, and where.
        hint: what the reader can do about it, as a clause without a full stop.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n\nhint: {self.hint}" if self.hint else self.message


class UsageError(CtxtoolsError, ValueError):
    """An argument or option that cannot be used as given."""


class UnknownEncodingError(CtxtoolsError, LookupError):
    """An encoding was asked for by a name that is unknown here."""


class UnknownModelError(CtxtoolsError, LookupError):
    """A model was asked for by a name that the registry does not have."""


class VocabularyError(CtxtoolsError, ValueError):
    """A vocabulary or tokenizer file is corrupt, truncated or of an unknown kind."""


class SpecialTokenError(CtxtoolsError, ValueError):
    """A special token was allowed that the encoding does not have."""


class UnknownTokenError(CtxtoolsError, LookupError):
    """A token id was given that the encoding does not have."""


class ReadError(CtxtoolsError, OSError):
    """A document could not be read."""


class Skipped(NamedTuple):
    """A path that was asked for, or found where the user asked to look, and not read.

    What an ignore file, the rule on hidden files or an exclude pattern leaves out was not
    asked for, and is not listed.

    Attributes:
        path: as in `ctxtools.documents.File`.
        reason: a short phrase, without the path: "binary", "permission denied".
        error: something went wrong (missing, unreadable, not of its format). False for what is
            only not text: a binary file, a symbolic link or a device found in a directory.
        hint: what the reader can do about it.
    """

    path: str
    reason: str
    error: bool = False
    hint: str | None = None

    def as_dict(self) -> dict[str, str]:
        """The path, the reason and, if there is one, the hint, for JSON."""
        facts = {"path": self.path, "reason": self.reason}
        return facts if self.hint is None else {**facts, "hint": self.hint}


class UnreadableError(ReadError):
    """One document cannot be read; ``skipped`` is its line in a report."""

    def __init__(self, skipped: Skipped, *, hint: str | None = None) -> None:
        super().__init__(f"{one_line(skipped.path)}: {skipped.reason}", hint=hint)
        self.skipped = skipped


class FormatError(CtxtoolsError, ValueError):
    """A document does not have the format that it was read as."""


class NotTextError(FormatError):
    """Bytes are not text in any known charset; the message is the reason."""


class ConfigError(CtxtoolsError, ValueError):
    """A configuration file or value cannot be used."""


class PositionError(CtxtoolsError, IndexError):
    """An offset that is not in the text, a span that ends before it starts, or a window that is
    not in the plan."""


class BudgetError(CtxtoolsError, ValueError):
    """A reserve uses up the whole context window."""


class ConflictError(BudgetError):
    """What has to go in does not fit, all together.

    Attributes:
        conflict: the fewest things of it that do not fit, as (what it is, its tokens).
        available: the tokens that there are for them.
    """

    def __init__(
        self,
        message: str,
        *,
        conflict: tuple[tuple[str, int], ...] = (),
        available: int = 0,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.conflict = conflict
        self.available = available


class SecretsError(CtxtoolsError, ValueError):
    """What goes into a prompt holds secrets, and that was to be an error.

    Attributes:
        found: each of them, as a `ctxtools.packing.secrets.report.FoundSecret`.
    """

    def __init__(
        self, message: str, *, found: tuple[Any, ...] = (), hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.found = found


class OversizeError(CtxtoolsError, ValueError):
    """A single character has more tokens than a chunk may have."""


class MissingExtraError(CtxtoolsError, ImportError):
    """An optional dependency is not installed."""


def missing_extra(
    purpose: str, package: str, extra: str, *, alternative: str = ""
) -> MissingExtraError:
    """The error to raise where an optional dependency cannot be imported.

    Args:
        purpose: what needs it, as the subject of a sentence: "reading Parquet".
        package: what is missing: "pyarrow".
        extra: the extra of ctxtools that installs it.
        alternative: what else the reader can do: "write .jsonl".
    """
    return MissingExtraError(
        f"{purpose} needs {package}, which is not installed",
        hint=f'pip install ".[{extra}]" in the clone'
        + (f", or {alternative}" if alternative else ""),
    )


def needed(error: MissingExtraError) -> str:
    """What an error of `missing_extra` misses, as the reason of a `Skipped`: "needs pyarrow"."""
    return f"needs {error.message.rpartition(' needs ')[2].partition(',')[0]}"


def import_extra(module: str, purpose: str, extra: str, *, alternative: str = "") -> Any:
    """An optional dependency; the other arguments are those of `missing_extra`.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise missing_extra(purpose, package, extra, alternative=alternative) from error


class KernelError(CtxtoolsError, ImportError):
    """The compiled kernel is required and absent, or belongs to another version of ctxtools.

    Attributes:
        state: the same in a phrase: "stale (interface 1, expected 3)".
    """

    def __init__(self, message: str, *, state: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.state = state or message


class NetworkError(CtxtoolsError, OSError):
    """A download that was asked for by name failed."""


if not TYPE_CHECKING:
    __getattr__ = renamed_names(__name__, {"PlaceError": PositionError})
