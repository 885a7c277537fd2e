"""The sandbox in which transformers renders chat templates, with texts that know their origin.

Rules and names are those of transformers 5.24.0, `utils/chat_template_utils.py`.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from ctxtools.messages.chat.jinja.traced import Traced, joined, origin_of, retrace


class RefusedError(TemplateError):
    """The template called ``raise_exception``."""


class Environment(ImmutableSandboxedEnvironment):
    """What a template finds; ``strftime_now`` comes with the variables."""

    concat = staticmethod(joined)  # of what a block writes
    intercepted_binops = frozenset("%")

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[_Generation, loopcontrols],
            loader=_NoLoader(),
        )
        self.filters["tojson"] = _tojson
        self.filters["join"] = _join_filter(self.filters["join"])
        for name in ("format", "indent", "wordwrap", "truncate"):
            self.filters[name] = _retracing(self.filters[name])
        self.globals.update(raise_exception=_raise, dict=_Dict(), namespace=_Namespace)
        self._safe: dict[tuple[type, str], bool] = {}

    def compiled(self, source: str) -> jinja2.Template:
        """A template, whose ``~`` keeps origins."""
        template = self.from_string(source)
        names = template.root_render_func.__globals__
        names["str_join"] = lambda values: joined([*map(str, values)])
        return template

    def getattr(self, obj: Any, attribute: str) -> Any:
        # The sandbox looks for an attribute first; keys of messages are seldom called like one.
        if isinstance(obj, dict) and attribute in obj and not hasattr(dict, attribute):
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        # The sandbox asks what the type of an object is, at length, for each that is read.
        key = type(obj), attr
        if key not in self._safe:
            self._safe[key] = super().is_safe_attribute(obj, attr, value)
        return self._safe[key]

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        result = super().call(__context, __obj, *args, **kwargs)
        if type(result) is str and type(getattr(__obj, "__self__", None)) is str:
            return retrace(result, [*args, *kwargs.values()])  # a method of a literal
        return result

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        result = super().call_binop(context, operator, left, right)
        return retrace(result, [right]) if type(result) is str else result


class _NoLoader(jinja2.BaseLoader):
    """Other files for ``include``, ``import`` and ``extends``: there are none."""

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        raise SecurityError(f"it reads another file, {template!r:.100}")


def clock(now: datetime, asked: list[str]) -> Callable[[str], str]:
    """``strftime_now``.

    Args:
        now: the time that it shows.
        asked: what it is asked for.
    """

    def strftime_now(format: str) -> str:
        asked.append(format)
        return now.strftime(format)

    return strftime_now


def _raise(message: str) -> None:
    raise RefusedError(message)


def _tojson(
    x: Any,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """JSON without the escapes for HTML that Jinja's own filter writes."""
    text = json.dumps(
        x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )
    origin = first_origin(x)
    return text if origin is None else Traced(text, ((len(text), origin),))


def first_origin(value: Any) -> int | None:
    """The origin of the first text in a value; None if there is none of a user's."""
    if isinstance(value, Traced):
        return origin_of(value)
    inner: Iterable[Any] = ()
    if isinstance(value, Mapping):
        inner = (each for item in value.items() for each in item)
    elif isinstance(value, list | tuple):
        inner = value
    return next((o for each in inner if (o := first_origin(each)) is not None), None)


def _join_filter(original: Callable[..., str]) -> Callable[..., str]:
    @jinja2.pass_eval_context
    def join(context: Any, value: Any, d: str = "", attribute: Any = None) -> str:
        if attribute is not None or context.autoescape:
            return original(context, value, d, attribute)
        return joined([*map(str, value)], str(d))

    return join


def _retracing(original: Callable[..., Any]) -> Callable[..., Any]:
    """A filter whose result has the origins of its arguments."""

    def filtered(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        return retrace(result, args) if type(result) is str else result

    if hasattr(original, "jinja_pass_arg"):  # what it is given beside its arguments
        filtered.jinja_pass_arg = original.jinja_pass_arg  # type: ignore[attr-defined]
    return filtered


class _Generation(Extension):
    """``{% generation %}…{% endgeneration %}``, which marks what the assistant wrote."""

    tags = {"generation"}  # noqa: RUF012

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller: Macro) -> str:
        return caller()


class _Dict:
    """``dict``, without the attributes of the class."""

    def __call__(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return dict(*args, **kwargs)

    def fromkeys(self, *args: Any) -> dict[Any, Any]:
        return dict.fromkeys(*args)


class _Namespace(Namespace):
    """A namespace without names that begin with an underscore."""

    def __init__(*args: Any, **kwargs: Any) -> None:  # as Jinja's: `self` may be a name
        self, *others = args
        values = dict(*others, **kwargs)
        for name in values:
            _check_name(name)
        Namespace.__init__(self, values)

    def __setitem__(self, name: str, value: Any) -> None:
        _check_name(name)
        super().__setitem__(name, value)


def _check_name(name: object) -> None:
    if isinstance(name, str) and name.startswith("_"):
        raise SecurityError(f"a namespace takes no name that begins with an underscore: {name!r}")
