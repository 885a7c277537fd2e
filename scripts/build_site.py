"""What mkdocs adds to the site: the reference of the command line, and the results of benchmarks.

Both have their home elsewhere, in the declarations of the commands and in ``benchmarks/results``;
here they become pages when the site is built. `mkdocs.yml` names this file as a hook.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ctxtools.cli.shell.manual import EXIT_CODES
from ctxtools.cli.shell.words import Word, all_commands

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
CLI_PAGE = "reference/cli.md"

_TITLES = {  # by the end of a folder's name; the newest of each is shown
    "cpus": "Tokenizers",
    "chunks": "Chunkers",
    "ids": "Ids",
    "corpus": "Corpora",
    "retrieval": "Retrieval",
    "relevance": "Packs that answer a question",
}


def on_files(files: "Files", config: "MkDocsConfig") -> "Files":
    """Add the pages that are made here; called by mkdocs."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, CLI_PAGE, content=cli_page()))
    for name, content in benchmark_pages():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_content(html: str, **_: object) -> str:
    """Mend what Markdown does not know of docstrings: `::` before a block; called by mkdocs."""
    return html.replace("::</p>", ":</p>")


def on_post_page(output: str, **_: object) -> str:
    """Leave out the mark for which the theme has each reader's browser ask GitHub for stars.

    Called by mkdocs.
    """
    return output.replace(' data-md-component="source"', "")


def on_post_template(output_content: str, **_: object) -> str:
    """The same for the page that stands in for those that are not there; called by mkdocs."""
    return on_post_page(output_content)


def cli_page() -> str:
    """The reference of all commands, as Markdown."""
    lines = [
        "# Command line",
        "",
        "Every command and option, as `ctx COMMAND --help` shows them. Results go to stdout,",
        "everything else to stderr.",
        "",
        "## Exit codes",
        "",
        *_table("code", EXIT_CODES),
    ]
    for command in all_commands():
        lines += [f"## ctx {command.name}", "", *_escaped(command.description).splitlines(), ""]
        rows = [(f"`{each.value}`", _description(each)) for each in command.arguments]
        rows += [(_spellings(each), _description(each)) for each in command.options]
        lines += _table("option", rows)
    return "\n".join(lines)


def _table(title: str, rows: Iterable[tuple[str, str]]) -> list[str]:
    return [f"| {title} | |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows), ""]


def _spellings(option: Word) -> str:
    return ", ".join(f"`{each}`" for each in option.spellings)


def _description(word: Word) -> str:
    text = _escaped(word.help)
    if word.choices:
        text += " One of " + ", ".join(f"`{each}`" for each in word.choices) + "."
    if word.default:
        text += f" Default: `{word.default}`."
    return text.replace("|", "\\|")


def _escaped(text: str) -> str:
    """Help as Markdown that shows it as it is."""
    return re.sub(r"([<>*_\[\]`])", r"\\\1", text)


def benchmark_pages() -> Iterator[tuple[str, str | bytes]]:
    """The page of benchmarks, a page for the newest results of each kind, and their plots."""
    newest = {folder.name.split("-")[-1]: folder for folder in sorted(RESULTS.iterdir())}
    shown = [(title, newest[kind]) for kind, title in _TITLES.items()]
    method = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    links = [f"- [{title}]({folder.name}.md), {folder.name[:10]}" for title, folder in shown]
    title, rest = method.split("\n", 1)
    plot = "![The same text again, one thread, MB/s](warm.svg)"
    yield "benchmarks/index.md", "\n".join([title, "", *links, "", plot, rest])
    for title, folder in shown:
        text = (folder / "README.md").read_text(encoding="utf-8")
        text = re.sub(r"^# (.*)", rf"# {title}: \1", text, count=1)
        yield f"benchmarks/{folder.name}.md", text
        for drawn in sorted(folder.glob("*.svg")):
            yield f"benchmarks/{drawn.name}", drawn.read_bytes()
