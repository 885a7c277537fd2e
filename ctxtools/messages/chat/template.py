"""Conversations by a model's Jinja chat template, as ``apply_chat_template`` renders them.

The reference is transformers 5.24.0 with ``sanitize_control_tokens``: special tokens are those that
the template writes; their spellings in a user's text are text. What is beside this module is in
``jinja/``. A template that did not come with ctxtools is a stranger's program, and is rendered in a
child process with limits of time and memory.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path

from ctxtools.checks import check_type
from ctxtools.encodings import Encoding
from ctxtools.errors import FormatError, UsageError, import_extra
from ctxtools.escape import one_line
from ctxtools.messages.chat.formats import ChatOptions, Counted, Rendered, find_format
from ctxtools.messages.chat.jinja.cutting import Token, pieces_of
from ctxtools.messages.chat.jinja.job import Outcome, Task, run, serve
from ctxtools.messages.chat.jinja.sources import (
    Template,
    packaged_template,
    template_at,
    template_in_text,
)
from ctxtools.messages.chat.jinja.values import EFFORT, THINKING, Reading, Values, values_of
from ctxtools.messages.chat.tally import tally
from ctxtools.messages.meter import Meter
from ctxtools.messages.request import Request
from ctxtools.messages.unshown import named_messages
from ctxtools.models import Model

_OLDEST_JINJA = (3, 1, 6)  # those before have known ways out of the sandbox

# Bounds for a stranger's template: ordinary ones take milliseconds.
_SECONDS = 5.0
_SECONDS_PER_BYTE = 2e-6  # of the request
_MEMORY = 1 << 29  # bytes
_MEMORY_PER_BYTE = 50  # of the request
_MAX_OUTPUT = 1 << 24  # characters above those of the request
_MAX_GROWTH = 8  # a text that is shown several times

_MAX_SHOWN = 300  # characters of what a template says


@dataclass(frozen=True, slots=True)
class TemplateFormat:
    """A chat format that a template makes; it can do what a `ChatFormat` can.

    Attributes:
        template: with the tokens that belong to it.
    """

    template: Template

    @property
    def name(self) -> str:
        """For people."""
        return f"chat template of {self.template.name}"

    @property
    def source(self) -> str:
        """Where it is from."""
        return self.template.name

    def render(self, request: Request, options: ChatOptions) -> Rendered:
        """The conversation as the model sees it.

        Raises:
            UsageError: the template refuses the conversation, or cannot show something of it.
            FormatError: it is no template, or takes too long.
            MissingExtraError: jinja2 is not installed.
        """
        return render_template(self.template, request, options)

    def count(self, request: Request, meter: Meter, options: ChatOptions) -> Counted:
        """The tokens of the conversation.

        Raises:
            CtxtoolsError: as `render`; or a medium has no rule.
        """
        rendered = _with_tokens(self.template, meter.encoding).render(request, options)
        return Counted(tally(rendered.pieces, meter), rendered.notes)


def _with_tokens(template: Template, encoding: Encoding) -> TemplateFormat:
    """A format whose control tokens are the encoding's, if the template comes without."""
    tokens = template.tokens or tuple(map(Token, encoding.special_tokens))
    return TemplateFormat(replace(template, tokens=tokens))


def find_template(
    source: "str | os.PathLike[str] | Model", encoding: Encoding | None = None
) -> TemplateFormat:
    """The chat template that a user means.

    Args:
        source: a model's folder; a ``.jinja`` file, ``tokenizer_config.json`` or
            ``chat_template.json``; ``hf:organisation/model`` for the hub; a model, or its name, of
            which the template is packaged; or the template itself.
        encoding: has the control tokens, if the template comes without any.

    Raises:
        UsageError: there is none.
        ReadError: the file cannot be read.
        FormatError: it is no template.
        NetworkError: it had to come from the hub and did not.
    """
    template = _found(source)
    return TemplateFormat(template) if encoding is None else _with_tokens(template, encoding)


def _found(source: "str | os.PathLike[str] | Model") -> Template:
    if isinstance(source, Model):
        source = source.name
    check_type("template", source, str, os.PathLike)
    if isinstance(source, str):
        if source.startswith("hf:"):
            from ctxtools.messages.chat.jinja.hub import template_on_hub

            return template_on_hub(source.removeprefix("hf:"))
        if "{{" in source or "{%" in source:
            return template_in_text(source)
        row = None if os.path.exists(source) else find_format(source)
        if row is not None and row.module == "template":
            return packaged_template(str(row.figures["template"]))
    path = Path(source)
    if not os.path.exists(path):
        raise UsageError(
            f"no chat template: {one_line(str(source)):.200} is neither a file or folder nor a "
            "model whose template is packaged",
            hint="give a model's folder, a .jinja file, or hf:organisation/model",
        )
    return template_at(path)


def render(request: Request, options: ChatOptions, *, template: str) -> Rendered:
    """A conversation by a packaged template; `ctxtools.messages.chat.formats` calls it.

    Args:
        request: the messages and tools.
        options: what is asked for.
        template: its name.
    """
    return render_template(packaged_template(template), request, options)


def render_template(template: Template, request: Request, options: ChatOptions) -> Rendered:
    """A conversation by a template.

    Args:
        template: any, with the tokenizer's added tokens.
        request: the messages and tools.
        options: what is asked for.

    Raises:
        UsageError: the template refuses the conversation, or cannot show something of it.
        FormatError: it is no template, or takes too long.
        MissingExtraError: jinja2 is not installed.
    """
    _check_jinja()
    values, outcome, notes = _read_either_way(template, request, options)
    pieces = pieces_of(outcome, values, template.tokens, template.placeholders)
    return Rendered(pieces, (*notes, *_notes(request, options, values, outcome)))


def _check_jinja() -> None:
    jinja2 = import_extra("jinja2", "a chat template", "chat")
    version = tuple(int(part) for part in jinja2.__version__.split(".")[:3] if part.isdigit())
    if version < _OLDEST_JINJA:
        raise UsageError(
            f"chat templates need jinja2 3.1.6 or later, and {jinja2.__version__} is installed",
            hint="pip install --upgrade jinja2",
        )


def _read_either_way(
    template: Template, request: Request, options: ChatOptions
) -> tuple[Values, Outcome, tuple[str, ...]]:
    """What a template makes of a request: as it was given, or as the template understands it.

    Some take contents as texts only, and not as lists; some take arguments as mappings only, and
    not as JSON. Servers convert them then, and so does this.
    """
    first: tuple[Values, Outcome, tuple[str, ...]] | None = None
    for reading in _readings(request):
        values = values_of(request, options, template.named_tokens, reading)
        outcome = _outcome(template, values, options, has_tools=bool(request.tools))
        if outcome.kind in ("syntax", "long", "unsafe"):
            break
        result = values, outcome, tuple(_notes_on(reading))
        lost = (values.owners[origin].kind for origin in _left_out(values, outcome))
        if not outcome.error and not {*lost} & _CONVERTED:
            return result
        if first is None or (first[1].error and not outcome.error):
            first = result
    if first is None or first[1].error:
        raise _error(template, outcome if first is None else first[1])
    return first


_CONVERTED = {"text", "refusal", "tool result"}  # what another reading may show


def _readings(request: Request) -> Iterable[Reading]:
    """The ways to read a request that differ for it, as it was given first."""
    raws = [message.raw or {} for message in request.messages]
    flat = any(isinstance(raw.get("content"), list) for raw in raws)
    parsed = any(isinstance(arguments, str) for arguments in _arguments(request))
    filled = any(raw and raw.get("content") is None for raw in raws)
    choices = ((False, True) if each else (False,) for each in (parsed, filled, flat))
    for parses, fills, flattens in product(*choices):
        yield Reading(flat=flattens, parsed=parses, filled=fills)


def _notes_on(reading: Reading) -> Iterable[str]:
    if reading.flat:
        yield "contents that are lists of texts were joined, since the template reads only texts"
    if reading.parsed:
        yield "arguments of calls were parsed, since the template reads only mappings"
    if reading.filled:
        yield 'contents that are absent were taken for ""'


def _arguments(request: Request) -> Iterable[object]:
    for message in request.messages:
        calls = (message.raw or {}).get("tool_calls")
        for call in calls if isinstance(calls, list | tuple) else ():
            function = call.get("function") if isinstance(call, Mapping) else None
            yield function.get("arguments") if isinstance(function, Mapping) else None
        yield from (getattr(each, "arguments", None) for each in message.content)


def _outcome(
    template: Template,
    values: Values,
    options: ChatOptions,
    *,
    has_tools: bool,
) -> Outcome:
    """The template rendered: in this process if it came with ctxtools, or else in a child."""
    source = template.with_tools if has_tools and template.with_tools else template.source
    length = sum(map(len, values.texts.values()))
    task = Task(
        source=source,
        variables=values.variables,
        now=(options.now or datetime.now()).isoformat(),
        tokens=[token.spelling for token in template.tokens],
        most=_MAX_OUTPUT + _MAX_GROWTH * length,
    )
    if template.trusted:
        return run(task)
    from ctxtools.isolated import Ended, Run

    data = json.dumps(task).encode()
    job = Run(
        f"{serve.__module__}:{serve.__name__}",
        {},
        data=data,
        memory=_MEMORY + _MEMORY_PER_BYTE * len(data),
        seconds=_SECONDS + _SECONDS_PER_BYTE * len(data),
    )
    try:
        _, answer = next(job)
        for _ in job:  # it ends
            pass
        return _checked(json.loads(answer), len(values.owners), len(values.frames))
    except Ended as error:
        return Outcome(error=str(error), kind="long")
    except (ValueError, RecursionError):
        return Outcome(error="its rendering is not one", kind="unsafe")
    finally:
        job.close()


def _checked(answer: object, origins: int, messages: int) -> Outcome:
    """What a child answered, which may be anything if the template took it over.

    Raises:
        ValueError: it is no outcome.
    """
    match answer:
        case [
            str(text), list(spans), int(body), list(reads), list(literal), bool(asked),
            str(error), str(kind),
        ]:  # fmt: skip
            checked = [_checked_span(each, origins, messages) for each in spans]
            if sum(length for length, _, _ in checked) == len(text):
                return Outcome(text, checked, body, reads, literal, asked, error, kind)
    raise ValueError


def _checked_span(span: object, origins: int, messages: int) -> tuple[int, int, int]:
    match span:
        case [int(length), int(origin), int(message)]:
            if length >= 0 and -1 <= origin < origins and -1 <= message < messages:
                return length, origin, message
    raise ValueError


def _error(template: Template, outcome: Outcome) -> UsageError | FormatError:
    name, said = one_line(template.name), one_line(outcome.error)[:_MAX_SHOWN]
    if outcome.kind == "refused":
        return UsageError(f"{name} refuses the conversation: {said}")
    if outcome.kind == "syntax":
        return FormatError(f"{name} is not a Jinja template: {said}")
    if outcome.kind == "unsafe":
        return FormatError(
            f"{name} does what a chat template may not do: {said}",
            hint="use a template that you trust; transformers would refuse this one, too",
        )
    if outcome.kind == "long":
        return FormatError(
            f"{name} cannot be rendered: {said}", hint="the template may never come to an end"
        )
    return UsageError(
        f"{name} cannot show the conversation: {said}",
        hint="it may expect other roles, or a content that is text",
    )


def _left_out(values: Values, outcome: Outcome) -> Iterable[int]:
    """The origins of texts that should be in the rendering, and are not."""
    shown = {origin for _, origin, _ in outcome.spans}
    for origin, text in values.texts.items():
        if origin not in shown and text.strip() not in outcome.text:
            yield origin


def _notes(
    request: Request, options: ChatOptions, values: Values, outcome: Outcome
) -> Iterable[str]:
    lost: dict[str, list[int | None]] = {}
    for origin in _left_out(values, outcome):
        owner = values.owners[origin]
        lost.setdefault(owner.kind, []).append(owner.message)
    for kind, messages in lost.items():
        yield f"the template leaves out the {kind} of {named_messages(messages)}"
    tools = [i for i, owner in enumerate(values.owners) if owner.kind == "tools"]
    if tools and not any(origin in tools for _, origin, _ in outcome.spans):
        yield "the template does not show tools"
    if any((message.raw or {}).get("role") == "function" for message in request.messages):
        yield "results with the role function are shown as those of tools"
    if outcome.asked_time and options.now is None:
        yield "the template shows the current date, so the count depends on the day"
    reads = set(outcome.reads)
    if options.thinking is not None and not reads & set(THINKING):
        yield "the template has no switch for thinking"
    if (request.response_format or {}).get("type", "text") != "text":
        yield "the template does not show the response format"
    if options.effort is not None and not reads & set(EFFORT):
        yield "the template does not read the effort"
    for name in options.template:
        if name not in reads:
            yield f"the template does not read {one_line(name)}"
