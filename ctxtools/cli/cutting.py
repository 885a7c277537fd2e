"""How texts are cut: the options of every command that makes chunks, declared once."""

from typing import Annotated, Any

from ctxtools.chunking.settings import OnOversize, OverlapWithin, Preference, Render, Strategy
from ctxtools.cli.declarations import Group, panel
from ctxtools.errors import UsageError

SPELLINGS = {
    "chunk_size": "--size",
    "chunk_overlap": "--overlap",
    "min_size": "--min-size",
    "break_at": "--break-at",
    "render": "--as",
    "leave_out": "--leave-out",
    "on_oversize": "--on-oversize",
    "add_special_tokens=False": "--no-added-tokens",
    "repeat_table_header=False": "--no-table-header",
}
"""The options of the arguments of a Chunker, for `spelled_as_options`."""

_cut_option = panel("How to cut")


class CutOptions(Group):
    """How to cut."""

    size: Annotated[
        str,
        _cut_option(
            "--size",
            "-s",
            help="The maximum tokens of a chunk, with those that the tokenizer itself adds, [CLS] "
            "and [SEP] say: 512, 8k. Several sizes nest: 2048,512 cuts each chunk of 2048 into "
            "smaller ones.",
        ),
    ] = "512"
    overlap: Annotated[
        str,
        _cut_option(
            help="Tokens that each chunk repeats from the end of the previous one, at most: whole "
            "sentences, rows or lines, if they fit."
        ),
    ] = "0"
    overlap_within: Annotated[
        OverlapWithin,
        _cut_option(help="Take the overlap from anywhere, or from the same section or function."),
    ] = "document"
    min_size: Annotated[
        str, _cut_option(help="Create no chunk with fewer tokens, where that can be.")
    ] = "0"
    break_at: Annotated[
        list[str] | None,
        _cut_option(
            "--break-at",
            metavar="heading=N|page",
            help="Let no chunk reach across a heading of level N or above, or across a page.",
        ),
    ] = None
    prefer: Annotated[
        Preference,
        _cut_option(
            help="Cut at strong boundaries, even into more chunks, which retrieve better; or fill "
            "few chunks."
        ),
    ] = "boundaries"
    cohesion: Annotated[
        bool,
        _cut_option(
            "--cohesion",
            help="Keep text together that uses the same words: where the topic changes often, as "
            "in FAQs and manuals. Takes half as long again.",
        ),
    ] = False
    format: Annotated[
        str,
        _cut_option(
            help="How documents are structured: auto (by the file name), text, markdown, html, "
            "yaml, python, …"
        ),
    ] = "auto"
    header: Annotated[
        bool, _cut_option("--header", help="Begin each chunk with the headings that it is under.")
    ] = False
    no_table_header: Annotated[
        bool,
        _cut_option(
            "--no-table-header",
            help="Do not begin the further chunks of a table with its header rows.",
        ),
    ] = False
    render: Annotated[
        Render,
        _cut_option(
            "--as",
            help="Chunk HTML as a reader sees it, without its tags: text or markdown. Offsets are "
            "those of that text; source_start and source_end those of the document.",
        ),
    ] = "source"
    leave_out: Annotated[
        list[str] | None,
        _cut_option(
            "--leave-out",
            metavar="KIND,…",
            help="What HTML and Markdown are chunked without: script, style, svg, data-uri.",
        ),
    ] = None
    strategy: Annotated[
        Strategy, _cut_option(help="Choose all cuts together, or one after another.")
    ] = "optimal"
    on_oversize: Annotated[
        OnOversize,
        _cut_option(
            help="For a single character that exceeds the size: fail, or split it into tokens."
        ),
    ] = "raise"
    no_added_tokens: Annotated[
        bool,
        _cut_option(
            "--no-added-tokens",
            help="Leave no room in the size for the tokens that the tokenizer itself adds.",
        ),
    ] = False

    def arguments(self) -> dict[str, Any]:
        """What a Chunker takes, all of JSON.

        Raises:
            UsageError: a size, or what --break-at says, cannot be read.
        """
        from ctxtools.units import parse_size

        return {
            "chunk_size": [parse_size(each, "--size") for each in self.size.split(",")],
            "chunk_overlap": parse_size(self.overlap, "--overlap"),
            "min_size": parse_size(self.min_size, "--min-size"),
            "strategy": self.strategy,
            "format": self.format,
            "header": self.header,
            "on_oversize": self.on_oversize,
            "repeat_table_header": not self.no_table_header,
            "render": self.render,
            "leave_out": [
                kind for each in self.leave_out or () for kind in each.split(",") if kind
            ],
            "add_special_tokens": not self.no_added_tokens,
            "prefer": self.prefer,
            "overlap_within": self.overlap_within,
            "break_at": self._breaks(),
            "cohesion": self.cohesion,
        }

    def _breaks(self) -> dict[str, int]:
        """What --break-at says, as a Chunker takes it."""
        found: dict[str, int] = {}
        for each in self.break_at or ():
            name, _, level = each.partition("=")
            if name == "heading" and level.isdecimal():
                found[name] = int(level)
            elif each == "page":
                found[name] = True
            else:
                raise UsageError(
                    f"--break-at {each} is neither a level of headings nor page",
                    hint="--break-at heading=2, or --break-at page, or both",
                )
        return found
