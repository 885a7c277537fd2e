"""What holds the texts of a file: itself, or records, rows and cells."""

from codecs import BOM_UTF8

from ctxtools.documents.decode import HEAD
from ctxtools.documents.file import File
from ctxtools.documents.filetypes import Container, file_type, is_extracted, uncompressed_name
from ctxtools.documents.readers.options import ReadOptions
from ctxtools.documents.source import Source
from ctxtools.errors import FormatError
from ctxtools.signatures import binary_type


def find_container(file: File, options: ReadOptions, source: Source) -> Container | None:
    """What holds the texts: by the file's name or, if the user named the file, by the options.

    Raises:
        FormatError: the option is for files of another kind.
    """
    field, column = options.field, options.column
    _, format, _, container, _ = file_type(uncompressed_name(file.path))
    if container in ("parquet", "notebook"):
        return container
    # Looking into a pipe would wait for it: `Reader` does so when it is read.
    extracted = find_extracted(file, options, source) if source.is_sized else None
    if extracted is not None:
        return extracted
    if column is None and field is None:
        return "page" if format == "html" and options.render != "source" else None
    is_table = named_format(file) in ("csv", "tsv")
    if column is not None and is_table:
        return "table"
    if field is not None and file.explicit and is_table:
        raise FormatError(
            f"{file.path}: a table has columns, and no fields",
            hint=f"name the one that holds the text with --column: --column {field}",
        )
    if field is not None and (container == "jsonl" or file.explicit):
        return "jsonl"
    if column is None or not file.explicit:
        return None
    if container == "jsonl":
        raise FormatError(
            f"{file.path}: JSONL has fields, and no columns",
            hint=f"name the one that holds the text with --field: --field {column}",
        )
    return "parquet" if source.is_sized and is_parquet(source) else "table"


def find_extracted(file: File, options: ReadOptions, source: Source) -> Container | None:
    """The container of a document whose text is extracted: by its name or, if the user named the
    file, by its first bytes. What was named with a charset is read as text in that.
    """
    if file.has_to_be_text and options.charset is not None:
        return None
    has_name = is_extracted(file_type(file.path).container)
    head = source.peek(HEAD).removeprefix(BOM_UTF8) if has_name or file.explicit else b""
    if not has_name and not binary_type(head):
        return None
    from ctxtools.documents.readers.extraction.registry import extracted_container

    return extracted_container(file.path, head, named=file.explicit)


def is_parquet(source: Source) -> bool:
    """Whether the bytes are Parquet, whatever the file is called."""
    return source.peek(4) in (b"PAR1", b"PARE")


def named_format(file: File) -> str:
    """The format that the file's name says."""
    return file_type(uncompressed_name(file.path)).format
