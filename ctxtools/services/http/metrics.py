"""What was served, in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/. Written by hand: four numbers need no
library.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
OTHER = "other"
"""The endpoint of requests for what is not served: their paths are a stranger's."""


class Metrics:
    """Counts of requests, by endpoint."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._hung_up = 0
        self._tokens: Counter[str] = Counter()
        self._seconds: dict[str, list[int]] = {}
        self._sums: defaultdict[str, float] = defaultdict(float)

    def answered(self, endpoint: str, status: int, seconds: float, tokens: int) -> None:
        """A request was answered.

        Args:
            endpoint: its path, or `OTHER`.
            status: of HTTP.
            seconds: from its first byte that the application saw, to its answer.
            tokens: that were counted.
        """
        self._requests[endpoint, status] += 1
        self._tokens[endpoint] += tokens
        buckets = self._seconds.get(endpoint)
        if buckets is None:
            buckets = self._seconds[endpoint] = [0] * (len(_BUCKETS) + 1)
        buckets[bisect_left(_BUCKETS, seconds)] += 1
        self._sums[endpoint] += seconds

    def hung_up(self) -> None:
        """A client hung up before its request was answered."""
        self._hung_up += 1

    def text(self, busy: int) -> str:
        """All of it.

        Args:
            busy: requests that are being counted in threads.
        """
        return "\n".join((*self._lines(busy), ""))

    def _lines(self, busy: int) -> Iterator[str]:
        yield from _heading("requests_total", "counter", "Requests by endpoint and status.")
        for (endpoint, status), number in sorted(self._requests.items()):
            yield _line("requests_total", number, endpoint=endpoint, status=str(status))
        yield from _heading("disconnects_total", "counter", "Clients that did not wait.")
        yield _line("disconnects_total", self._hung_up)
        yield from _heading("tokens_total", "counter", "Tokens that were counted.")
        for endpoint, number in sorted(self._tokens.items()):
            yield _line("tokens_total", number, endpoint=endpoint)
        yield from _heading("working", "gauge", "Requests that threads count, or will.")
        yield _line("working", busy)
        yield from _heading("seconds", "histogram", "Time to the answer.")
        for endpoint, buckets in sorted(self._seconds.items()):
            total = 0
            for limit, number in zip((*map(str, _BUCKETS), "+Inf"), buckets, strict=True):
                total += number
                yield _line("seconds_bucket", total, endpoint=endpoint, le=limit)
            yield _line("seconds_sum", round(self._sums[endpoint], 6), endpoint=endpoint)
            yield _line("seconds_count", total, endpoint=endpoint)


def _heading(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP ctx_serve_{name} {text}"
    yield f"# TYPE ctx_serve_{name} {kind}"


def _line(name: str, value: float, **labels: str) -> str:
    shown = ",".join(f'{key}="{each}"' for key, each in labels.items())
    return f"ctx_serve_{name}{{{shown}}} {value}" if shown else f"ctx_serve_{name} {value}"
