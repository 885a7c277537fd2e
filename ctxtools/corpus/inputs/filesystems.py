"""Where files are: this machine, or an object store by its URI."""

import os
import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from ctxtools.errors import ReadError, UsageError, import_extra

_QUERY = re.compile(r"\?(\w+=[^&?]*(?:&\w+=[^&?]*)*)\Z")
_OPTIONS = ("region", "endpoint_override", "scheme", "anonymous")  # pyarrow's names, but the last
_CONNECT, _REQUEST, _ATTEMPTS = 10, 60, 3  # seconds, and how often a request is made
_HINT = "write a URI as s3://bucket/folder"


class Location(NamedTuple):
    """A file or folder on a filesystem.

    Attributes:
        filesystem: one of pyarrow.
        path: on that.
        scheme: what URIs of it start with; "" on this machine.
        query: what they end with.
    """

    filesystem: Any
    path: str
    scheme: str = ""
    query: str = ""

    def uri(self, path: str) -> str:
        """That of another path on the filesystem."""
        return f"{self.scheme}{path}{self.query}"


def open_filesystem(uri: str) -> Location:
    """Where a path or URI is.

    ``s3://bucket/key?region=…&endpoint_override=http://host:port&anonymous=true`` says what the
    environment does not: AWS_REGION, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and the like.

    Raises:
        ReadError: there is no such filesystem.
        UsageError: an option of a URI is unknown.
    """
    filesystems = import_extra("pyarrow.fs", "a corpus", "parquet")
    if "://" not in uri:
        return Location(filesystems.LocalFileSystem(), os.path.realpath(uri))
    scheme = uri.partition("://")[0]
    try:
        if scheme == "s3":
            return _s3(filesystems, uri)
        filesystem, path = filesystems.FileSystem.from_uri(uri)
    except (OSError, ValueError, NotImplementedError, ImportError) as error:
        if isinstance(error, UsageError):
            raise
        raise ReadError(f"{uri}: {error}", hint=_HINT) from None
    is_local = isinstance(filesystem, filesystems.LocalFileSystem)
    return Location(filesystem, path, "" if is_local else f"{scheme}://")


def split_query(uri: str) -> tuple[str, str]:
    """A URI without its options, and these, with a question mark; "" for none or a path."""
    found = _QUERY.search(uri) if "://" in uri else None
    return (uri[: found.start()], found[0]) if found else (uri, "")


def _s3(filesystems: Any, uri: str) -> Location:
    """An S3 bucket. Requests give up after a while, where pyarrow's own defaults take minutes."""
    start, query = split_query(uri)
    options = dict(parse_qsl(query[1:]))
    if unknown := [name for name in options if name not in _OPTIONS]:
        raise UsageError(
            f"{uri}: unknown option {unknown[0]!r}", hint=f"choose one of {', '.join(_OPTIONS)}"
        )
    path = start.removeprefix("s3://").rstrip("/")
    if not path:
        raise ReadError(f"{uri}: no bucket", hint=_HINT)
    endpoint = options.get("endpoint_override") or _first_set(
        "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"
    )
    scheme, separator, host = endpoint.rpartition("://")
    region = options.get("region") or _first_set("AWS_REGION", "AWS_DEFAULT_REGION")
    if not region and not endpoint:
        region = filesystems.resolve_s3_region(path.partition("/")[0])
    filesystem = filesystems.S3FileSystem(
        anonymous=options.get("anonymous") == "true",
        region=region or None,
        scheme=options.get("scheme") or (scheme if separator else "https"),
        endpoint_override=host.rstrip("/") or None,
        connect_timeout=_CONNECT,
        request_timeout=_REQUEST,
        retry_strategy=filesystems.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )
    return Location(filesystem, path, "s3://", query)


def _first_set(*names: str) -> str:
    """The first of some environment variables that has a value; "" for none."""
    return next((value for name in names if (value := os.environ.get(name))), "")
