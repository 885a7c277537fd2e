"""Making a server of the tools that there are."""

from collections.abc import Sequence
from functools import cache
from os import PathLike
from typing import Any, get_args

from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp_types import ToolAnnotations

from ctxtools.models import Registry
from ctxtools.services.mcp.call import Limits
from ctxtools.services.mcp.jail import Jail
from ctxtools.services.mcp.server import Server
from ctxtools.services.mcp.targets import DEFAULT, find_target
from ctxtools.services.mcp.tools.chunk import chunk
from ctxtools.services.mcp.tools.count import count, fits
from ctxtools.services.mcp.tools.memory import memory
from ctxtools.services.mcp.tools.messages import messages
from ctxtools.services.mcp.tools.models import models
from ctxtools.services.mcp.tools.pack import pack

_TOOLS = (count, fits, chunk, pack, messages, models, memory)
_READS_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def make_server(
    roots: Sequence[str | PathLike[str]] = (".",),
    *,
    limits: Limits | None = None,
    registry: Registry | None = None,
    model: str = DEFAULT,
) -> Server:
    """A server of the tools of ctxtools, by the Model Context Protocol.

    Args:
        roots: the folders that clients may read.
        limits: what a call may take.
        registry: the models that are known; None is those that come with ctxtools.
        model: the model or encoding that counts where a call does not say.

    Raises:
        UsageError: a root is no folder.
        UnknownModelError: ``model`` is unknown.
        UnknownEncodingError: its tokenizer is not here.
    """
    registry = registry or Registry.packaged()
    find_target(model, registry)
    jail = Jail(roots)
    return Server(jail, list(_tools()), limits or Limits(), registry, model)


@cache
def _tools() -> tuple[Tool, ...]:
    return tuple(map(_tool, _TOOLS))


def _tool(function: Any) -> Tool:
    tool = Tool.from_function(function, annotations=_READS_ONLY, structured_output=True)
    tool.parameters = _short(tool.parameters)
    found = tool.fn_metadata
    tool.fn_metadata = _TextsAsSent(
        **{name: getattr(found, name) for name in FuncMetadata.model_fields}
    )
    assert tool.fn_metadata.output_schema is not None
    tool.fn_metadata.output_schema = _short(tool.fn_metadata.output_schema)
    return tool


class _TextsAsSent(FuncMetadata):
    """What the SDK knows of a tool, whose arguments that may be texts stay as they were sent: it
    would read those that are JSON, such as ``null`` or ``{}``, as what they say."""

    def pre_parse_json(self, data: dict[str, Any]) -> dict[str, Any]:
        fields = self.arg_model.model_fields
        texts = {
            name for name in data if name in fields and str in get_args(fields[name].annotation)
        }
        return super().pre_parse_json(data) | {name: data[name] for name in texts}


def _short(schema: Any, *, is_names: bool = False) -> Any:
    """A schema in fewer tokens: without titles, which repeat names, and with optional arguments as
    those that may be left out, rather than null."""
    if isinstance(schema, list):
        return [_short(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if not is_names:
        schema = {k: v for k, v in schema.items() if k != "title"}
        options = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
        if len(options) == 1 and schema.get("default", ...) is None:
            schema = {k: v for k, v in schema.items() if k not in ("anyOf", "default")} | options[0]
        elif schema.get("default", ...) in (None, ""):
            schema.pop("default")
            schema |= {"anyOf": options} if options else {}
    return {
        name: _short(value, is_names=name in ("properties", "$defs") and not is_names)
        for name, value in schema.items()
    }
