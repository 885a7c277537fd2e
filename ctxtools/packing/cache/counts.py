"""Tokens of documents that were counted before."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain

from ctxtools.encodings import Encoding, get_encoding, list_encodings
from ctxtools.packing.arguments import Form
from ctxtools.packing.prompt.options import PackOptions
from ctxtools.packing.prompt.render import Entry, Renderer
from ctxtools.parallel import meanwhile

_MANY = 1_000_000  # characters that are worth a thread


@contextmanager
def whole_costs(
    names: Sequence[str],
    texts: Sequence[str],
    bodies: Sequence[str],
    options: PackOptions,
    renderer: Renderer,
) -> Iterator[Callable[[], list[int]]]:
    """The tokens of the entries of whole documents; those that are not known are counted meanwhile.

    Args:
        names: of the documents.
        texts: of them.
        bodies: what goes in of the texts, by the options alone.
        options: of the pack.
        renderer: counts.

    Yields:
        What waits for the tokens, and returns them.
    """
    scope = _scope(options, renderer) if options.known.is_kept else ""
    kinds = [f"tokens {scope} of {name}" for name in names] if scope else []
    costs = [0] * len(names)
    for i, kind in enumerate(kinds):
        found = options.known.get(kind, texts[i])
        if type(found) is int and found > 0:
            costs[i] = found
    missing = [i for i, cost in enumerate(costs) if not cost]
    batches = renderer.batches_of_costs(Entry(names[i], Form.WHOLE, bodies[i]) for i in missing)
    threads = options.threads if sum(len(bodies[i]) for i in missing) > _MANY else 1
    with meanwhile(batches, threads) as counted:

        def finish() -> list[int]:
            for i, cost in zip(missing, chain.from_iterable(counted()), strict=True):
                costs[i] = cost
                if kinds:
                    options.known.put(kinds[i], texts[i], cost)
            return costs

        yield finish


def _scope(options: PackOptions, renderer: Renderer) -> str:
    """What the tokens of an entry depend on beside its name and text, as a short word.

    It is "" where that is not known: of encodings, those that come with ctxtools are.
    """
    name = _packaged(renderer.encoding)
    if not name:
        return ""
    from hashlib import sha256

    empty = renderer.layout.entry(1, Entry("", Form.WHOLE)) + renderer.layout.separator
    facts = (name, options.format, options.template, options.line_numbers, empty)
    return sha256(repr(facts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _packaged(encoding: Encoding) -> str:
    """The name of an encoding that comes with ctxtools, "" of another."""
    made = getattr(encoding, "factory", None)
    if isinstance(made, partial) and made.func is get_encoding and len(made.args) == 1:
        name = made.args[0]
        return name if name in list_encodings() else ""
    return ""
