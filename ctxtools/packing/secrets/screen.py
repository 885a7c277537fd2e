"""What is done about secrets in the documents of a pack."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ctxtools.errors import SecretsError
from ctxtools.packing.arguments import Secrets
from ctxtools.packing.cache import UNKNOWN, Known
from ctxtools.packing.secrets.find import Finder
from ctxtools.packing.secrets.names import Span, by_name
from ctxtools.packing.secrets.report import FoundSecret, listed, notes_on


class Screened(NamedTuple):
    """A document as it may go in.

    Attributes:
        text: its content, perhaps with secrets replaced.
        reason: why it may not go in; "" if it may.
    """

    text: str
    reason: str = ""


class Screen:
    """Finds secrets in documents, before and after the choice of what goes in.

    Args:
        policy: what to do about them.
        keep_lines: whether lines have to keep their numbers where a secret of several is replaced.
        known: what is known of the documents' texts.

    Raises:
        MissingExtraError: detect-secrets is not installed, and the policy needs it.
    """

    def __init__(
        self, policy: Secrets, *, keep_lines: bool = False, known: Known = UNKNOWN
    ) -> None:
        self._policy, self._keep_lines = policy, keep_lines
        self._finder = Finder(complete=policy != "report", known=known) if policy != "off" else None
        self._replaced: dict[str, list[FoundSecret]] = {}

    def before(self, documents: Sequence[tuple[str, str]]) -> list[Screened]:
        """The documents, given as names and contents, as they may go in.

        Everything is made of these texts, so that no outline and no trimmed form of a document has
        a part of a secret in it.
        """
        if self._finder is None or self._policy not in ("redact", "omit"):
            return [Screened(text) for _, text in documents]
        from ctxtools.packing.secrets.scan import redact, whole

        found = [self._finder.find(name, text) for name, text in documents]
        if self._policy == "redact":
            # A file of such a name is a secret as a whole.
            found = [
                whole(name, text, spans)
                for (name, text), spans in zip(documents, found, strict=True)
            ]
        if self._policy == "omit":
            return [
                Screened(text, self._reason(name, text, spans))
                for (name, text), spans in zip(documents, found, strict=True)
            ]
        texts = [text for _, text in documents]
        replaced = redact(texts, found, keep_lines=self._keep_lines)
        for (name, before), (_, spans) in zip(documents, replaced, strict=True):
            self._replaced.setdefault(name, []).extend(_found(name, before, spans, redacted=True))
        return [Screened(text) for text, _ in replaced]

    def after(self, entries: Iterable[tuple[str, str, str]]) -> tuple[FoundSecret, ...]:
        """The secrets in what goes in.

        Args:
            entries: the name of each document, its content, and what goes in of it.

        Raises:
            SecretsError: there are some, and the policy is to fail.
        """
        if self._finder is None:
            return ()
        found: list[FoundSecret] = []
        for name, text, body in entries:
            if self._policy == "redact":
                found += self._replaced.pop(name, [])
            else:
                spans = self._finder.find(name, text)
                going = [each for each in spans if _goes_in(text, each, body)]
                found += _found(name, text, going, redacted=False)
            # What a file of that name holds, although nothing in it looks like that.
            if (kind := by_name(name)) and not any(each.path == name for each in found):
                found.append(FoundSecret(name, None, kind))
        if found and self._policy == "fail":
            raise SecretsError(
                f"what goes in holds secrets: {listed(found)}",
                found=tuple(found),
                hint="leave these files out, or replace secrets with --redact-secrets",
            )
        return tuple(found)

    def notes(self, found: Sequence[FoundSecret]) -> list[str]:
        """What to say about the secrets in what goes in."""
        notes = notes_on(found)
        if self._finder is not None and self._finder.is_cut_short:
            notes.append(
                "not all lines were searched for passwords and random strings, which would take "
                "long; --redact-secrets searches all"
            )
        return notes

    def _reason(self, name: str, text: str, spans: Sequence[Span]) -> str:
        found = _found(name, text, spans, redacted=False)
        if found:
            line, kind = found[0].line, found[0].kind
            return f"looks like it holds secrets (line {line}: {kind})"
        kind_by_name = by_name(name)
        return f"its name says that it holds a secret ({kind_by_name})" if kind_by_name else ""


def _found(name: str, text: str, spans: Sequence[Span], *, redacted: bool) -> list[FoundSecret]:
    found = []
    line, counted = 1, 0
    for span in spans:
        line += text.count("\n", counted, span.start)
        counted = span.start
        found.append(FoundSecret(name, line, span.kind, redacted, span.certain))
    return found


def _goes_in(text: str, span: Span, body: str) -> bool:
    """Whether a line of a secret is in what goes in; of a key each line but the first is one."""
    lines = (line.strip() for line in text[span.start : span.end].split("\n"))
    return any(line in body for line in lines if line)
