"""The options that commands share, defined once: names, help and groups of them that are values."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from ctxtools.cli.declarations import Group, argument, panel
from ctxtools.cli.output_names import named, named_figures, named_html
from ctxtools.config import Color
from ctxtools.documents.html import Render
from ctxtools.errors import UsageError

if TYPE_CHECKING:
    from ctxtools.cli.targets import Target
    from ctxtools.config import Config
    from ctxtools.documents import ReadOptions

target_option = panel("What to count for")
file_option = panel("Which files")
git_option = panel("Which version of a repository")
read_option = panel("How to read them")
chat_option = panel("Conversations")
show_option = panel("What to show")
run_option = panel("How to run")


Paths = Annotated[
    list[str] | None,
    argument(
        metavar="[PATHS]...",
        help="Files, directories, patterns, or - for stdin, which is also the default in a pipe.",
    ),
]
OnePath = Annotated[
    str, argument(metavar="[PATH]", help="A file, or - for stdin.", show_default=False)
]
Model = Annotated[
    str | None, target_option("--model", "-m", help="A model, such as deepseek-v4-pro or gpt-5.")
]
Encoding = Annotated[
    str | None,
    target_option(
        "--encoding",
        "-e",
        help="An encoding: a name such as o200k_base, a tokenizer file, or hf:org/model.",
    ),
]
Limit = Annotated[
    str | None,
    target_option(
        "--limit",
        "-l",
        help="The maximum number of tokens: 8192, 200k, 1M (decimal), 128Ki, 1Mi (binary). "
        "Defaults to the model's own.",
    ),
]
Reserve = Annotated[
    str | None,
    target_option("--reserve", "-r", help="Tokens of the limit to keep free for the answer."),
]
Special = Annotated[
    bool,
    read_option(
        "--special", help="Read the spelling of a special token as that token, not as text."
    ),
]
AddedTokens = Annotated[
    bool,
    read_option(
        "--added-tokens",
        help="Include what the tokenizer itself adds to a text: [CLS] and [SEP], or a BOS.",
    ),
]
Charset = Annotated[
    str | None,
    read_option(help="Decode files with this character set instead of UTF-8 or what is detected."),
]
SkipBadRecords = Annotated[
    bool,
    read_option(
        "--skip-bad-records",
        help="Pass over records that are broken, lack the text or have null, and say how many.",
    ),
]
NoMedia = Annotated[
    bool, read_option("--no-media", help="Count text alone, also of PDFs; skip images and media.")
]
As = Annotated[Render, read_option("--as", help="Read HTML as a reader sees it, without its tags.")]
Json = Annotated[bool, show_option("--json", help="Print one JSON object.")]
Stats = Annotated[
    str | None,
    show_option(
        metavar="FILE", callback=named_figures, help="Write the figures to this file as JSON."
    ),
]
Html = Annotated[
    str | None,
    show_option(
        metavar="FILE",
        callback=named_html,
        help="Also write a report to this file: a page for browsers, complete in itself.",
    ),
]
Quiet = Annotated[bool, run_option("--quiet", "-q", help="Print nothing but errors to stderr.")]
NoProgress = Annotated[bool, run_option("--no-progress", help="Show no progress.")]
Threads = Annotated[
    int | None,
    run_option(
        "--threads", "-j", min=0, help="Number of files processed at once; 0 means one per core."
    ),
]
Colors = Annotated[Color | None, run_option("--color", help="When to use color.")]
Output = Annotated[
    str | None,
    run_option(
        "--output",
        "-o",
        metavar="FILE",
        callback=named,
        help="Write to this file, completely or not at all, instead of stdout.",
    ),
]


class Targets(Group):
    """What to count for: any number of models and encodings."""

    model: Annotated[
        list[str] | None,
        target_option(
            "--model",
            "-m",
            help="A model, such as deepseek-v4-pro or gpt-5; can be given several times.",
        ),
    ] = None
    encoding: Annotated[
        list[str] | None,
        target_option(
            "--encoding",
            "-e",
            help="An encoding: a name such as o200k_base, a tokenizer file, or hf:org/model; can "
            "be given several times. A .tiktoken file takes its split pattern after a #.",
        ),
    ] = None
    limit: Limit = None
    reserve: Reserve = None
    special: Special = False
    added_tokens: AddedTokens = False

    def resolve(self, config: "Config", *, quiet: bool = False) -> "Sequence[Target]":
        """The targets; see `resolve_targets`."""
        from ctxtools.cli.targets import resolve_targets

        models, encodings = self.model or (), self.encoding or ()
        targets = resolve_targets(config, models, encodings, self.limit, self.reserve, quiet=quiet)
        return [
            target.reading(special=self.special, added_tokens=self.added_tokens)
            for target in targets
        ]


class FileOptions(Group):
    """Which files to read."""

    paths: Paths = None
    include: Annotated[
        list[str] | None,
        file_option(
            help="Only files that match this pattern, written as in .gitignore; {a,b} is either."
        ),
    ] = None
    exclude: Annotated[
        list[str] | None, file_option(help="No files that match this pattern.", show_default=False)
    ] = None
    no_ignore: Annotated[
        bool, file_option("--no-ignore", help="Include files that .gitignore and .ignore exclude.")
    ] = False
    hidden: Annotated[
        bool, file_option("--hidden", help="Include files whose name starts with a dot.")
    ] = False
    archives: Annotated[
        bool, file_option("--archives", help="Look into archives that are found, not only named.")
    ] = False
    files_from: Annotated[
        str | None,
        file_option(
            metavar="FILE",
            help="Read paths, one on each line, from this file, or from stdin (-): "
            "git ls-files | ctx … --files-from -",
        ),
    ] = None
    files0_from: Annotated[
        str | None, file_option(metavar="FILE", help="The same, separated by NUL: find -print0.")
    ] = None

    @property
    def version(self) -> dict[str, Any]:
        """Which version of a repository is read, as `find_files` takes it: that on the disk."""
        return {}


class DocumentOptions(FileOptions):
    """Which files to read, and how."""

    @property
    def version(self) -> dict[str, Any]:
        """Which version of a repository is read, as `find_files` takes it."""
        version = {"ref": self.ref, "diff": self.diff, "staged": self.staged}
        return {**version, "log": self.log or 0, "cache": not self.no_cache}

    max_file_size: Annotated[
        str | None,
        file_option(
            metavar="BYTES", help="Skip larger files, and list them as skipped: 200kB, 1.5MB."
        ),
    ] = None
    strict: Annotated[
        bool, file_option("--strict", help="Exit with 2 if any file was skipped.")
    ] = False
    ref: Annotated[
        str | None,
        git_option(metavar="REV", help="The files of this commit, branch or tag, not of the disk."),
    ] = None
    diff: Annotated[
        str | None,
        git_option(
            metavar="REV",
            help="Only files that changed: those of the work tree since this revision, or those of "
            "B since A with A..B, since where both started with A...B.",
        ),
    ] = None
    staged: Annotated[
        bool, git_option("--staged", help="Only files that changed in the index, as it holds them.")
    ] = False
    log: Annotated[
        int | None,
        git_option(
            metavar="N",
            min=1,
            help="Add the newest N commits as a document: messages and which files they changed, "
            "with --diff or --staged also how, but of lock files, minified code and images.",
        ),
    ] = None
    no_cache: Annotated[
        bool,
        git_option("--no-cache", help="Use and keep nothing of earlier runs: fetched, packed."),
    ] = False
    charset: Charset = None
    field: Annotated[
        str | None, read_option(help="Read JSONL record by record: the field that holds the text.")
    ] = None
    column: Annotated[
        str | None,
        read_option(
            "--column", help="Read Parquet, CSV, TSV row by row: the column that holds the text."
        ),
    ] = None
    outputs: Annotated[
        bool, read_option("--outputs", help="Include the text outputs of notebook cells.")
    ] = False
    skip_bad_records: SkipBadRecords = False

    def read_options(
        self, keep: Sequence[str] = (), source_field: str | None = None
    ) -> "ReadOptions":
        """How to read the files.

        Args:
            keep, source_field: see `ReadOptions`.
        """
        from ctxtools.documents import ReadOptions
        from ctxtools.units import parse_size

        max_size = self.max_file_size
        return ReadOptions(
            self.charset,
            self.field,
            self.column,
            self.outputs,
            max_file_size=None if max_size is None else parse_size(max_size, "--max-file-size"),
            skip_bad_records=self.skip_bad_records,
            keep=keep,
            source_field=source_field,
        )


class Messages(Group):
    """What is written to stderr in addition to the result."""

    quiet: Quiet = False
    no_progress: NoProgress = False

    @property
    def shows_progress(self) -> bool:
        return not (self.quiet or self.no_progress)


class ConversationOptions(Group):
    """Which files are conversations, and how the model sees them."""

    as_messages: Annotated[
        bool | None,
        chat_option(
            "--messages/--no-messages",
            help="Read JSON, JSONL and a --column of Parquet as conversations. A JSON file that is "
            "named and holds one is read as one for a --model.",
            show_default=False,
        ),
    ] = None
    tools: Annotated[
        str | None,
        chat_option(metavar="FILE", help="Add these tools, a JSON list, to each conversation."),
    ] = None
    chat_template: Annotated[
        str | None,
        chat_option(
            metavar="PATH",
            help="Show them by this Jinja template in place of the model's own format: a file, or "
            "a model's directory.",
        ),
    ] = None
    thinking: Annotated[
        bool | None,
        chat_option(
            "--thinking/--no-thinking",
            help="Whether the model thinks before it answers; otherwise as it does by default.",
            show_default=False,
        ),
    ] = None
    effort: Annotated[
        str | None,
        chat_option(help="How much it thinks, as the model knows it: low, high, max."),
    ] = None

    def counting(self) -> dict[str, Any]:
        """What is asked for, as `count_messages` takes it.

        Raises:
            FormatError: the file of tools is not JSON.
            CtxtoolsError: it cannot be read.
        """
        asked = {
            "tools": None if self.tools is None else _read_json(self.tools),
            "template": self.chat_template,
            "thinking": self.thinking,
            "effort": self.effort,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def asks_for_messages(self) -> bool | None:
        """Whether files are conversations: also if something is asked that only these have.

        Raises:
            UsageError: such a thing is asked for, and no conversations.
        """
        values = (self.tools, self.chat_template, self.thinking, self.effort)
        if all(value is None for value in values):
            return self.as_messages
        if self.as_messages is False:
            raise UsageError(
                "--tools, --chat-template, --thinking and --effort are for conversations",
                hint="leave out --no-messages",
            )
        return True

    def refuse(self, *, special: bool, added_tokens: bool = False) -> None:
        """Raise UsageError if --special or --added-tokens was given and files are conversations."""
        if self.as_messages and (special or added_tokens):
            raise UsageError(
                f"{'--special' if special else '--added-tokens'} is for texts, not conversations",
                hint="a conversation has the special tokens of its format, and no other",
            )


def _read_json(path: str) -> Any:
    from ctxtools.cli.inputs import read_one
    from ctxtools.documents.readers.values import parse_json

    return parse_json(read_one(path), path)
