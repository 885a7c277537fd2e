"""How a corpus is packed into windows on disk: `PackOptions`, and the ids that it names."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from ctxtools._core.types import Overlong
from ctxtools.checks import check_choice, check_integer
from ctxtools.corpus.functions import named_encodings
from ctxtools.corpus.packing.placing import WindowOptions
from ctxtools.encodings import Encoding
from ctxtools.errors import UsageError
from ctxtools.packing.training.assembly import Ignorable
from ctxtools.packing.training.sequences import make_request
from ctxtools.packing.windows.info import WindowFormat

Tokens: TypeAlias = int | str | Sequence[int | str]
"""An id, the spelling of a special token, or several of these; "none" is no token."""

_MAX_ID = 2**31 - 1
_MAX_WINDOW = 2**30
_ENDS = (
    "<|endoftext|>",
    "<|end_of_text|>",
    "<｜end▁of▁sentence｜>",
    "</s>",
    "<eos>",
    "[EOS]",
)
"""How vocabularies spell the token after a document: those of OpenAI and Qwen, Llama 3, DeepSeek,
SentencePiece's usual one, Gemma, Kimi."""


@dataclass(frozen=True, slots=True)
class PackOptions:
    """How a corpus is packed into training windows.

    Attributes:
        window: the limit of a window in tokens; also as a size ("8k", "1Mi").
        column: of the texts, or of lists of ids, which are taken as they are.
        encoding: the name of an encoding or a model; None where the column has ids.
        format: of the windows on disk; "gathered" writes none, but an index by which they are
            gathered from the ids when they are read.
        overlong: as of `ctxtools.pack_sequences`.
        eos: after each document; None for the EOS of the encoding.
        separator: between two documents of a window.
        pad: what windows are filled up with; None leaves them as long as their documents.
        labels: windows have labels.
        ignore, loss_mask: as of `ctxtools.PackedDataset`.
        max_documents, seed: as of `ctxtools.pack_sequences`.
        keep: the other columns that go along; None for all but that of the texts.
        group_by: a column; no window has documents with two values of it.
        keep_ids: keep the documents' ids in ``FOLDER/_ids``, so that a run after a change of some
            inputs encodes these alone.
    """

    window: int | str
    column: str = "text"
    encoding: str | None = None
    format: WindowFormat = "parquet"
    overlong: Overlong = "split"
    eos: Tokens | None = None
    separator: Tokens = ()
    pad: int | str | None = None
    labels: bool = True
    ignore: Collection[Ignorable] = ()
    loss_mask: str | None = None
    max_documents: int | None = None
    seed: int | None = None
    keep: Sequence[str] | None = None
    group_by: str | None = None
    keep_ids: bool = False

    def resolve(self) -> "Resolved":
        """The same in numbers, all of it checked.

        Raises:
            UsageError: an argument cannot be used, or the EOS is not known.
            UnknownEncodingError: the encoding's name is neither of one nor of a model.
        """
        encoding = None
        if self.encoding is not None:
            (encoding,) = named_encodings(self.encoding).values()
        eos = _eos(encoding) if self.eos is None else _ids("eos", self.eos, encoding)
        separator = _ids("separator", self.separator, encoding)
        pads = () if self.pad is None else _ids("pad", self.pad, encoding)
        request = make_request(
            self.window, len(eos), len(separator), self.overlong, self.max_documents, self.seed
        )
        if request.window > _MAX_WINDOW:
            raise UsageError(
                f"window must be <= {_MAX_WINDOW:,} to be written, got {request.window:,}"
            )
        check_choice("format", self.format, WindowFormat)
        for each in self.ignore:
            check_choice("kind of tokens to ignore", each, Ignorable)
        vocabulary = None
        if encoding is not None:
            named = (each + 1 for each in (*eos, *separator, *pads))
            vocabulary = max(encoding.vocabulary_size, *named, 0)
        if self.loss_mask is not None and not self.labels:
            raise UsageError("a loss mask without labels", hint="leave out one of the two")
        return Resolved(
            window=request.window,
            column=self.column,
            encoding=self.encoding,
            format=self.format,
            overlong=self.overlong,
            eos=eos,
            separator=separator,
            pad=pads[0] if pads else None,
            labels=self.labels,
            ignore=tuple(sorted({*self.ignore})),
            loss_mask=self.loss_mask,
            max_documents=self.max_documents,
            seed=self.seed,
            keep=None if self.keep is None else tuple(self.keep),
            group_by=self.group_by,
            keep_ids=self.keep_ids,
            vocabulary=vocabulary,
        )


@dataclass(frozen=True, slots=True)
class Resolved:
    """`PackOptions` in numbers, as workers have them."""

    window: int
    column: str
    encoding: str | None
    format: WindowFormat
    overlong: Overlong
    eos: tuple[int, ...]
    separator: tuple[int, ...]
    pad: int | None
    labels: bool
    ignore: tuple[Ignorable, ...]
    loss_mask: str | None
    max_documents: int | None
    seed: int | None
    keep: tuple[str, ...] | None
    group_by: str | None
    keep_ids: bool
    vocabulary: int | None

    @property
    def limits(self) -> WindowOptions:
        """Those of a plan."""
        eos, separator, maximum = len(self.eos), len(self.separator), self.max_documents
        request = make_request(self.window, eos, separator, self.overlong, maximum, self.seed)
        return WindowOptions(
            self.window, eos, separator, self.overlong, request.max_documents, self.seed
        )

    def to_json(self) -> dict[str, Any]:
        """An object of JSON, which `from_json` reads."""
        return {"kind": "pack", **asdict(self)}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Resolved":
        """The options of an object of JSON."""
        found: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name != "kind"
        }
        return Resolved(**found)


def _eos(encoding: Encoding | None) -> tuple[int, ...]:
    """The id after a document.

    Raises:
        UsageError: it is not known.
    """
    hint = 'name its id or spelling as eos ("none" for none)'
    if encoding is None:
        raise UsageError("the EOS is not known without an encoding", hint=hint)
    found = {encoding.special_tokens[each] for each in _ENDS if each in encoding.special_tokens}
    if len(found) != 1:
        several = " for certain" if found else ""
        raise UsageError(f"the EOS of {encoding.name} is not known{several}", hint=hint)
    return tuple(found)


def _ids(name: str, given: Tokens, encoding: Encoding | None) -> tuple[int, ...]:
    """Ids that were named."""
    if given in ("none", ["none"]):
        return ()
    return tuple(
        _id(name, each, encoding) for each in ([given] if isinstance(given, int | str) else given)
    )


def _id(name: str, given: int | str, encoding: Encoding | None) -> int:
    if isinstance(given, int):
        return check_integer(name, given, 0, _MAX_ID)
    known = {} if encoding is None else encoding.special_tokens
    if given not in known:
        of = "without an encoding" if encoding is None else f"in {encoding.name}"
        raise UsageError(
            f"{name}: no special token {given!r:.100} {of}",
            hint="name one that the encoding has, as `ctx encodings` shows, or an id",
        )
    return known[given]
