r"""What a stranger may hand to ``ctx``, and what has to hold for every command on all of it.

Inputs are made by code: a module of builders for each kind. A builder's name is in the tests' ids.

    files.py            files that are wrong in a way of their own
    media.py            images, videos, recordings and PDFs
    conversations.py    messages, tools and what they name
    templates.py        chat templates
    damages.py          a sample of every reader and every format, and ways to damage any file
    folders.py          names, links, pipes, ignore files, repositories
    configurations.py   ctxtools.toml and pyproject.toml of a project
    tokenizers.py       tokenizer files
    model_tables.py     tables of models, for ``ctx models import``
    arguments.py        values on the command line

``test_inputs.py`` runs every command on every input it takes, each run in a process of its own
(``running.py``, ``server.py``) with limits on memory and processor time, and fails unless

- the exit code is 0, 1 or 2, and no stream has a traceback or a panic;
- no control, bidi override or the like is on a terminal, nor on a pipe but in a raw result;
- files and folders are as they were, but for the output; no temporary file is left;
- no program was run but git and Python, and nothing was connected to;
- the user's secret was neither printed nor written to the output.

**To add an input** write a builder in the module of its kind::

    @file("deep.ipynb", "--outputs")        # the name of the file; options that it needs
    def nested_notebook() -> bytes: ...     # the contents

    @folder
    def fifo_named_gitignore(here: Path) -> None: ...    # builds into the current folder

``expected_failure={"chunk": "why"}`` marks a command that still fails, until it is mended: the
mark fails when it passes. The whole takes less than a minute: keep inputs small, and do not wait.

**To add a command, a reader or a format**: ``test_coverage.py`` says where.
"""
