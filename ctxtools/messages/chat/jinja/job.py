"""One rendering of a template: in this process, or in a child with limits (`serve`).

What goes in and comes out is JSON, so that both ways are one. A text with an origin is written as
``["t", text, origin]``, a list as ``["l", items]``, a mapping as ``["m", [[key, value], …]]``, a
message as ``["c", number, [[key, value], …]]``; numbers, booleans, null and other texts stay.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict

from ctxtools.messages.chat.jinja.traced import Traced, spans_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctxtools.isolated import Frames


class Task(TypedDict):
    """What is to be rendered.

    Attributes:
        source: of the template.
        variables: encoded, see above.
        now: ISO 8601.
        tokens: spellings of added tokens, to say which of them the template's own texts have.
        most: characters that may come out.
    """

    source: str
    variables: Any
    now: str
    tokens: list[str]
    most: int


class Outcome(NamedTuple):
    """What came of it.

    Attributes:
        text: the rendering; "" if it failed.
        spans: (length, origin, number of the message that was read last, or -1).
        body: characters before the generation prompt.
        reads: names of the variables that the template reads.
        literal: those of the tokens that are in the template's own texts.
        asked_time: it depends on the time.
        error: what went wrong; "" if nothing did.
        kind: of the error: "syntax", "refused", "unsafe", "long" or "failed".
    """

    text: str = ""
    spans: Sequence[tuple[int, int, int]] = ()
    body: int = 0
    reads: Sequence[str] = ()
    literal: Sequence[str] = ()
    asked_time: bool = False
    error: str = ""
    kind: str = ""


def serve(request: dict[str, Any], file: Any, data: bytes) -> "Frames":
    """The job of a child process."""
    outcome = run(json.loads(data))
    yield {}, json.dumps(outcome).encode()


def run(task: Task) -> Outcome:
    """Render a template. Whatever goes wrong in it is in the outcome."""
    from jinja2 import TemplateError, TemplateSyntaxError
    from jinja2.exceptions import SecurityError

    from ctxtools.messages.chat.jinja.environment import RefusedError

    try:
        compiled = _compiled(task["source"])
    except TemplateSyntaxError as error:
        return Outcome(error=f"line {error.lineno}: {error.message}", kind="syntax")
    except Exception as error:  # a constant expression may fail in any way, too
        return Outcome(error=_described(error), kind="syntax")
    asked: list[str] = []
    try:
        text, spans = _rendered(compiled.template, task, asked)
        return Outcome(
            text,
            spans,
            _body_length(compiled.template, task, text),
            compiled.reads,
            [token for token in task["tokens"] if token in compiled.literals],
            bool(asked),
        )
    except RefusedError as error:
        return Outcome(error=str(error.message), kind="refused")
    except SecurityError as error:
        return Outcome(error=str(error.message), kind="unsafe")
    except _LongError:
        return Outcome(error=f"it writes more than {task['most']:,} characters", kind="long")
    except MemoryError:
        return Outcome(error="it takes too much memory", kind="long")
    except RecursionError:
        return Outcome(error="it calls itself without end", kind="long")
    except TemplateError as error:
        return Outcome(error=str(error.message or error), kind="failed")
    except Exception as error:  # whatever a template does to values that it did not expect
        return Outcome(error=_described(error), kind="failed")


class _Compiled(NamedTuple):
    template: Any
    reads: list[str]
    literals: str


@lru_cache(maxsize=8)
def _compiled(source: str) -> _Compiled:
    from jinja2 import meta, nodes

    from ctxtools.messages.chat.jinja.environment import Environment

    environment = Environment()
    tree = environment.parse(source)
    texts = {node.data for node in tree.find_all(nodes.TemplateData)}
    texts |= {n.value for n in tree.find_all(nodes.Const) if isinstance(n.value, str)}
    reads = sorted(meta.find_undeclared_variables(tree))
    return _Compiled(environment.compiled(source), reads, "\0".join(texts))


def _described(error: BaseException) -> str:
    first, *_ = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


class _LongError(Exception):
    pass


class _Reader:
    """Which message was read last."""

    def __init__(self) -> None:
        self.message = -1


class _Message(dict[Any, Any]):
    """A message, which says when it is read."""

    def __init__(self, items: Any, number: int, reader: _Reader) -> None:
        super().__init__(items)
        self._number, self._reader = number, reader

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        self._reader.message = self._number
        return value

    def get(self, key: Any, default: Any = None) -> Any:
        self._reader.message = self._number
        return super().get(key, default)


_Message.__module__, _Message.__name__ = "builtins", "dict"  # as errors of templates call it


def _decoded(value: Any, reader: _Reader, *, traced: bool = True) -> Any:
    """A value as the template gets it."""
    if type(value) is not list:
        return value
    kind, *others, inner = value
    if kind == "t":
        text = others[0]
        return Traced(text, ((len(text), inner),)) if traced else text
    if kind == "l":
        return [_decoded(each, reader, traced=traced) for each in inner]
    pairs = [
        (_decoded(key, reader, traced=traced), _decoded(each, reader, traced=traced))
        for key, each in inner
    ]
    return _Message(pairs, others[0], reader) if kind == "c" else dict(pairs)


def _rendered(
    template: Any, task: Task, asked: list[str]
) -> tuple[str, list[tuple[int, int, int]]]:
    reader = _Reader()
    texts: list[str] = []
    spans: list[tuple[int, int, int]] = []
    for text in _written(template, task, _decoded(task["variables"], reader), asked):
        texts.append(text)
        for size, origin in spans_of(text):
            if size and spans and spans[-1][1:] == (origin, reader.message):
                spans[-1] = (spans[-1][0] + size, origin, reader.message)
            elif size:
                spans.append((size, origin, reader.message))
    return str("".join(texts)), spans


def _written(
    template: Any, task: Task, variables: dict[str, Any], asked: list[str]
) -> Iterator[str]:
    """What a template writes, text by text."""
    from ctxtools.messages.chat.jinja.environment import clock

    variables["strftime_now"] = clock(datetime.fromisoformat(task["now"]), asked)
    length = 0
    for text in template.root_render_func(template.new_context(variables)):
        length += len(text)
        if length > task["most"]:
            raise _LongError
        yield text


def _body_length(template: Any, task: Task, text: str) -> int:
    """The characters before the generation prompt, if that is an addition."""
    variables = _decoded(task["variables"], _Reader(), traced=False)
    variables["add_generation_prompt"] = False
    try:
        body = "".join(_written(template, task, variables, []))
    except Exception:  # a template may take the last message only with a prompt after it
        return len(text)
    return len(body) if text.startswith(body) else len(text)
