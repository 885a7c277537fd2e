"""``ctx corpus``: count, encode, chunk and pack tables of texts, every row exactly once."""

from typing import TYPE_CHECKING, Annotated, Literal, cast

from ctxtools._core.types import Overlong
from ctxtools.cli import options as opt
from ctxtools.cli.cutting import SPELLINGS, CutOptions
from ctxtools.cli.declarations import Group, argument, panel
from ctxtools.cli.option_names import spelled_as_options
from ctxtools.packing.windows.info import WindowFormat

if TYPE_CHECKING:
    from ctxtools.packing.training.assembly import Ignorable

_what_option = panel("What to write")
_pack_option = panel("How to pack")

Inputs = Annotated[
    list[str],
    argument(
        metavar="INPUTS...",
        help="Files, folders, patterns or URIs of Parquet, JSON Lines, CSV and Arrow; .gz, .zst; "
        "or of PDF, Word and other documents, a row each.",
    ),
]


class CorpusOptions(Group):
    """Where the texts are, where the result goes, and who works."""

    column: Annotated[str, opt.read_option(help="The column of the texts.")] = "text"
    output: Annotated[
        str,
        _what_option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="New, empty, or of the same command, which then goes on where it was stopped.",
        ),
    ] = ...  # type: ignore[assignment]
    engine: Annotated[
        Literal["local", "daft", "ray", "spark"],
        opt.run_option(help="Processes of this machine, or a library that runs on a cluster too."),
    ] = "local"
    workers: Annotated[
        int,
        opt.run_option(
            "--workers", "-j", min=0, help="Parts worked on at once; 0 means one per core."
        ),
    ] = 0
    skip_bad_records: Annotated[
        bool,
        opt.read_option(
            "--skip-bad-records",
            help="Leave out lines, records and row groups that cannot be read, and say how many.",
        ),
    ] = False
    files: Annotated[
        bool, opt.show_option("--files", help="Print the rows and tokens of each file, too.")
    ] = False
    as_json: opt.Json = False


_Encodings = Annotated[
    list[str] | None,
    opt.target_option(
        "--encoding",
        "-e",
        help="An encoding or a model, after which a column of counts is named, and one of ids if "
        "there are several; can be given several times. Default: o200k_base.",
    ),
]
_Keep = Annotated[
    list[str] | None,
    _what_option(
        help="A column that goes along; can be given several times. Default: all but the texts."
    ),
]


@spelled_as_options(encodings="-e", column="--column")
def corpus_count(
    *,
    inputs: Inputs,
    encoding: _Encodings = None,
    keep: _Keep = None,
    options: CorpusOptions,
    messages: opt.Messages,
) -> int | None:
    """Count the tokens of each row of tables, into Parquet files beside a manifest.

    A run that was stopped goes on where it was when the same command is given again. Inputs that
    changed are done again, alone.
    """
    from ctxtools.cli.runs.corpus import run_step
    from ctxtools.corpus import CountStep

    names = tuple(encoding or ("o200k_base",))
    step = CountStep(options.column, names, None if keep is None else tuple(keep))
    return run_step(inputs, step, options, messages)


@spelled_as_options(encodings="-e", column="--column")
def corpus_encode(
    *,
    inputs: Inputs,
    encoding: _Encodings = None,
    into: Annotated[
        str,
        _what_option(
            help="The name of the column of ids; of several, NAME_ENCODING, what they start with."
        ),
    ] = "input_ids",
    max_length: Annotated[
        int | None, _what_option(min=1, help="Cut off the ids of a row after so many.")
    ] = None,
    added_tokens: opt.AddedTokens = False,
    keep: _Keep = None,
    options: CorpusOptions,
    messages: opt.Messages,
) -> int | None:
    """Write the token ids of each row of tables, as Parquet.

    As ``ctx corpus count``, which see.
    """
    from ctxtools.cli.runs.corpus import run_step
    from ctxtools.corpus import EncodeStep

    step = EncodeStep(
        options.column,
        tuple(encoding or ("o200k_base",)),
        None if keep is None else tuple(keep),
        into,
        added_tokens,
        max_length,
    )
    return run_step(inputs, step, options, messages)


@spelled_as_options(encodings="-e", column="--column", **SPELLINGS)
def corpus_chunk(
    *,
    inputs: Inputs,
    encoding: Annotated[
        str, opt.target_option("--encoding", "-e", help="An encoding or a model.")
    ] = "o200k_base",
    cut: CutOptions,
    source_column: Annotated[
        str | None,
        opt.read_option(
            help="The column with the path or name of each text, by which --format auto goes; "
            "documents have theirs."
        ),
    ] = None,
    options: CorpusOptions,
    messages: opt.Messages,
) -> int | None:
    """Write the chunks of each row of tables, as Parquet.

    As ``ctx corpus count``, which see, and cut as by ``ctx chunk``. The other columns go along. The
    chunks of documents, such as PDF, have pages and headings.
    """
    from ctxtools.cli.runs.corpus import run_step
    from ctxtools.corpus import ChunkStep

    chunker = {"encoding": encoding, **cut.arguments()}
    step = ChunkStep(chunker, options.column, source_column)
    return run_step(inputs, step, options, messages)


class WindowOptions(Group):
    """How to pack."""

    window: Annotated[
        str, _pack_option("--window", "-w", help="Tokens of a training window: 8192, 8k, 1Mi.")
    ] = ...  # type: ignore[assignment]
    overlong: Annotated[
        Overlong,
        _pack_option(
            help="What to do with a document longer than a training window: truncate keeps its "
            "beginning."
        ),
    ] = "split"
    eos: Annotated[
        list[str] | None,
        _pack_option(
            metavar="TOKEN",
            help="After each document: an id, the spelling of a special token, or none; several "
            "times for several. Default: the EOS of the encoding.",
        ),
    ] = None
    separator: Annotated[
        list[str] | None,
        _pack_option(metavar="TOKEN", help="Between two documents in a training window, as --eos."),
    ] = None
    pad: Annotated[
        str | None,
        _pack_option(
            metavar="TOKEN",
            help="Fill training windows up with this token. Default: they are as long as their "
            "documents.",
        ),
    ] = None
    max_documents: Annotated[
        int | None, _pack_option(min=1, help="Maximum number of documents in a training window.")
    ] = None
    seed: Annotated[
        int | None,
        _pack_option(
            min=0, help="Shuffle training windows and the documents in them, reproducibly."
        ),
    ] = None
    group_by: Annotated[
        str | None,
        _pack_option(
            metavar="COLUMN",
            help="No training window has documents with two values of this column.",
        ),
    ] = None
    labels: Annotated[
        bool, _pack_option("--labels/--no-labels", help="Write labels: the ids, -100 at padding.")
    ] = True
    ignore: Annotated[
        list[str] | None,
        _pack_option(
            metavar="[first|eos|separator]",
            help="Tokens whose label is -100; several times for several.",
        ),
    ] = None
    loss_mask: Annotated[
        str | None,
        _pack_option(metavar="COLUMN", help="The label is -100 where this column has a 0."),
    ] = None


@spelled_as_options(
    **{
        "encodings": "-e",
        "window must": "--window must",
        "eos_tokens": "--eos",
        "as eos": "as --eos",
        "eos must": "--eos must",
        "eos: no": "--eos: no",
        "separator_tokens": "--separator",
        "separator must": "--separator must",
        "separator: no": "--separator: no",
        "pad must": "--pad must",
        "pad: no": "--pad: no",
        "loss_mask": "--loss-mask",
    }
)
def corpus_pack(
    *,
    inputs: Inputs,
    encoding: Annotated[
        str | None,
        opt.target_option(
            "--encoding", "-e", help="An encoding or a model; none where the column has ids."
        ),
    ] = None,
    packing: WindowOptions,
    format: Annotated[
        WindowFormat,
        _what_option(
            help="The files of training windows; gathered writes an index alone, by which they are "
            "put together when they are read."
        ),
    ] = "parquet",
    keep: _Keep = None,
    keep_ids: Annotated[
        bool,
        _what_option(
            "--keep-ids", help="Keep the ids of documents, so that only changed inputs are encoded."
        ),
    ] = False,
    options: CorpusOptions,
    messages: opt.Messages,
) -> int | None:
    """Pack the rows of tables into training windows on disk, every token exactly once.

    A run that was stopped goes on where it was when the same command is given again. In Python,
    PackedDataset.open(FOLDER) and WindowStream(FOLDER) read the training windows.
    """
    from ctxtools.cli.runs.corpus_pack import pack_corpus, parse_tokens
    from ctxtools.corpus import PackOptions

    wanted = PackOptions(
        packing.window,
        column=options.column,
        encoding=encoding,
        format=format,
        overlong=packing.overlong,
        eos=None if packing.eos is None else parse_tokens(packing.eos),
        separator=parse_tokens(packing.separator or ()),
        pad=None if packing.pad is None else parse_tokens([packing.pad])[0],
        labels=packing.labels,
        ignore=cast("list[Ignorable]", packing.ignore or []),
        loss_mask=packing.loss_mask,
        max_documents=packing.max_documents,
        seed=packing.seed,
        keep=keep,
        group_by=packing.group_by,
        keep_ids=keep_ids,
    )
    return pack_corpus(inputs, wanted, options, messages)


def corpus_verify(
    *,
    folder: Annotated[str, argument(metavar="FOLDER", help="What a run has written.")],
    as_json: opt.Json = False,
    messages: opt.Messages,
) -> int | None:
    """Compare all files of a run with its manifest: digests, rows, and that none is missing.

    Exits with 1 if something differs.
    """
    from ctxtools.cli.runs.corpus import verify_folder

    return verify_folder(folder, as_json=as_json, quiet=messages.quiet)
