"""Counting a request: messages, tools and media, as a model gets them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypedDict, Unpack

from ctxtools.checks import check_integer, check_type
from ctxtools.encodings import Encoding, as_encoding
from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import (
    ChatFormat,
    ChatOptions,
    Counted,
    Rendered,
    find_format,
    named_format,
)
from ctxtools.messages.chat.turns import as_turns
from ctxtools.messages.meter import Meter
from ctxtools.messages.parts import CountedMessages
from ctxtools.messages.request import Request, Shape
from ctxtools.messages.shapes.body import Body
from ctxtools.messages.shapes.detect import read_request as _read_request
from ctxtools.messages.shapes.sources import checked_sources
from ctxtools.messages.unshown import unshown
from ctxtools.models import Estimate, Model, get_model

# The format of an encoding that was named without a model, by what specs.py says of it.
_FORMAT_OF = {"openai": "gpt-4o", "deepseek": "deepseek-v4-pro", "harmony": "gpt-oss-120b"}


class Asked(TypedDict, total=False):
    """The arguments of `count_messages` beside the messages."""

    model: Model | str | None
    encoding: Encoding | str | None
    tools: Any
    tool_choice: Any
    response_format: Any
    system: Any
    shape: Shape | None
    thinking: bool | None
    effort: str | None
    chat_format: str | None
    version: str | None
    template: str | os.PathLike[str] | None
    template_options: Mapping[str, Any] | None
    now: datetime | None
    generation_prompt: bool
    media_sizes: Mapping[str, Any] | None
    media_tokens: int | None
    files: str | os.PathLike[str] | None


class Format(Protocol):
    """What shows a request to a model: a row of formats.toml, or a template."""

    @property
    def name(self) -> str:
        """For people."""

    def render(self, request: Request, options: ChatOptions) -> Rendered | None:
        """The request as the model sees it; None if that is not known."""

    def count(self, request: Request, meter: Meter, options: ChatOptions) -> Counted:
        """The request's parts."""


class _Target(NamedTuple):
    """What counts: a tokenizer, and the model that it is of, with the name that was given.

    An edition of a model may have a format of its own, as DeepSeek-R1-0528 has.
    """

    encoding: Encoding
    model: Model | None
    estimate: Estimate | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request, and all that counting it takes.

    Attributes:
        request: as it was read.
        format: how the model sees it.
        options: of the format.
        meter: counts texts and media.
        notes: on how the three were chosen.
        model: by name; None if only an encoding was given.
    """

    request: Request
    format: Format
    options: ChatOptions
    meter: Meter
    notes: tuple[str, ...]
    model: str | None

    def render(self) -> Rendered | None:
        """The request as the model sees it; None if only its number of tokens is known.

        Raises:
            UsageError: the format cannot show something of the request, which is named.
        """
        return self.format.render(self._shown(), self.options)

    def count(self) -> CountedMessages:
        """The request's parts; errors are those of `count_messages`."""
        found = self.format.count(self._shown(), self.meter, self.options)
        notes = (*self.notes, *found.notes, *self.meter.notes)
        is_template = _is_template(self.format)
        more = [*unshown(self.request, found.parts, notes, traced=is_template)]
        if self.options.template and not (is_template or self.format.name == "harmony"):
            more.append(f"{self.format.name} has no use for template_options")
        if self.options.version is not None and not _has_versions(self.format):
            more.append(
                f"{self.format.name} has no versions: {self.options.version!r:.40} is not used"
            )
        return CountedMessages(
            found.parts, (*dict.fromkeys((*notes, *more)),), self.format.name, self.model
        )

    def _shown(self) -> Request:
        return self.request if isinstance(self.format, ChatFormat) else as_turns(self.request)


def _is_template(format_: Format) -> bool:
    return not isinstance(format_, ChatFormat) or format_.module == "template"


def _has_versions(format_: Format) -> bool:
    return isinstance(format_, ChatFormat) and format_.module in ("deepseek.encoders", "mistral")


def count_messages(
    messages: Any,
    *,
    model: Model | str | None = None,
    encoding: Encoding | str | None = None,
    tools: Any = None,
    tool_choice: Any = None,
    response_format: Any = None,
    system: Any = None,
    shape: Shape | None = None,
    thinking: bool | None = None,
    effort: str | None = None,
    chat_format: str | None = None,
    version: str | None = None,
    template: str | os.PathLike[str] | None = None,
    template_options: Mapping[str, Any] | None = None,
    now: datetime | None = None,
    generation_prompt: bool = True,
    media_sizes: Mapping[str, Any] | None = None,
    media_tokens: int | None = None,
    files: str | os.PathLike[str] | None = None,
) -> CountedMessages:
    """The tokens of a request: of its messages, its tools and its media, as a model gets them.

    >>> count_messages([{"role": "user", "content": "Hello"}], model="gpt-4o").total
    8

    Nothing is counted as nothing: what has no count is an error that names it. What is known only
    roughly has an interval.

    Args:
        messages: a list of messages as OpenAI (chat and responses), Anthropic, Gemini or LangChain
            take them, of tuples of a role and a text, or the whole body of a request.
        model: a name, in any spelling; its tokenizer, chat format and media rules count. None is
            the body's, if that names one.
        encoding: counts texts in place of the model's tokenizer, or without a model.
        tools: that the model may call, in any interface's form.
        tool_choice: which is to be called, likewise.
        response_format: the form of the answer, likewise.
        system: a system text that stands beside the messages.
        shape: the interface that the messages are written for; None finds out.
        thinking: whether the model thinks before it answers; None is the format's default.
        effort: how much, as the format knows it.
        chat_format: how the model sees the messages, by a format's or another model's name.
        version: of the format's encoder, where several disagree.
        template: in place of the model's format: a Jinja template, a file or a model's folder that
            has one, a model whose template is packaged, or ``hf:organisation/model`` on the hub.
        template_options: further values for a template; of harmony, ``model_identity`` and
            ``conversation_start_date``, where None leaves the date out.
        now: the time that a format writes; None is the present.
        generation_prompt: the model's answer is opened at the end.
        media_sizes: the measures of what lies elsewhere, by its address, its path or its id:
            (width, height) of an image, (width, height, seconds) of a video, the seconds of a
            recording, the pages of a document.
        media_tokens: of each image, video, recording or document that has no rule or no measures.
        files: a folder in which files that messages name may be opened; None opens none.

    Raises:
        UsageError: something is malformed, or is not counted; its path is named.
        UnknownModelError: no model has that name.
        UnknownEncodingError: the model's tokenizer is not packaged, and none is given.
        MissingExtraError: the model's format needs a library that is not installed.
    """
    return prepare(
        messages,
        model=model,
        encoding=encoding,
        tools=tools,
        tool_choice=tool_choice,
        response_format=response_format,
        system=system,
        shape=shape,
        thinking=thinking,
        effort=effort,
        chat_format=chat_format,
        version=version,
        template=template,
        template_options=template_options,
        now=now,
        generation_prompt=generation_prompt,
        media_sizes=media_sizes,
        media_tokens=media_tokens,
        files=files,
    ).count()


def prepare(messages: Any, **asked: Unpack[Asked]) -> Prepared:
    """A request that is read, with all that counts or renders it; see `count_messages`."""
    media_tokens = asked.get("media_tokens")
    if media_tokens is not None:
        media_tokens = check_integer("media_tokens", media_tokens, 0)
    sources = checked_sources(
        asked.get("files"), asked.get("media_sizes"), unmeasured=media_tokens is not None
    )
    request, body = _read_request(
        messages,
        sources=sources,
        shape=asked.get("shape"),
        system=asked.get("system"),
        tools=asked.get("tools"),
        tool_choice=asked.get("tool_choice"),
        response_format=asked.get("response_format"),
    )
    target = _target(asked.get("model"), asked.get("encoding"), body)
    model = target.model
    format_, notes = _format(target, asked.get("chat_format"), asked.get("template"))
    meter = Meter(
        target.encoding,
        model.name if model else None,
        target.estimate,
        media_tokens,
        modalities=model.modalities if model and model.context else None,
    )
    return Prepared(request, format_, _options(body, asked), meter, notes, meter.model)


def _target(model: Model | str | None, encoding: Encoding | str | None, body: Body) -> _Target:
    if model is None and encoding is None:
        model = body.model
        if model is None:
            raise UsageError(
                "neither a model nor an encoding is named",
                hint='such as model="gpt-4o", or encoding="o200k_base"',
            )
    name = model.name if isinstance(model, Model) else model or ""
    if model is not None and not isinstance(model, Model):
        check_type("model", model, str)
        model = get_model(model)
    if encoding is not None:
        return _Target(as_encoding(encoding), model, None, name)
    assert model is not None
    if model.encoding is None and model.estimate:
        from ctxtools.encodings import find_encoding

        found = find_encoding(model.estimate.encoding, within=model.project)
        return _Target(found, model, model.estimate, name)
    return _Target(model.load_encoding(), model, None, name)


def _format(
    target: _Target, chat_format: str | None, template: str | os.PathLike[str] | None
) -> tuple[Format, tuple[str, ...]]:
    if template is not None:
        check_type("template", template, str, os.PathLike)
        from ctxtools.messages.chat.template import find_template

        return find_template(template, target.encoding), ()
    if chat_format is not None:
        check_type("chat_format", chat_format, str)
        return named_format(chat_format), ()
    if target.model is not None:
        if found := find_format(target.name) or find_format(target.model.name):
            return found, ()
        return named_format("generic"), ()
    return _format_of_encoding(target.encoding)


def _format_of_encoding(encoding: Encoding) -> tuple[ChatFormat, tuple[str, ...]]:
    from ctxtools.encodings.files.specs import SPECS

    spec = SPECS.get(encoding.name)
    if spec is None:
        return named_format("generic"), ()
    name = "gpt-4" if spec.name == "cl100k_base" else _FORMAT_OF.get(spec.chat, spec.chat)
    found = find_format(name)
    if found is None and spec.chat != name:
        return named_format("generic"), ()
    found = found or named_format(name)
    return found, (f"framed as {found.name}, as most models of {encoding.name} are",)


def _options(body: Body, asked: Asked) -> ChatOptions:
    for name, type_ in (
        ("thinking", bool),
        ("effort", str),
        ("version", str),
        ("now", datetime),
        ("template_options", Mapping),
    ):
        if (value := asked.get(name)) is not None:
            check_type(name, value, type_)
    thinking, effort = asked.get("thinking"), asked.get("effort")
    return ChatOptions(
        thinking=body.thinking if thinking is None else thinking,
        effort=body.effort if effort is None else effort,
        version=asked.get("version"),
        now=asked.get("now"),
        generation_prompt=bool(asked.get("generation_prompt", True)),
        template={**body.template, **(asked.get("template_options") or {})},
    )
