"""One result on its way through the processes, as OpenTelemetry spans; off unless a URL is set.

A trace begins when a room closes a time step and ends when the result is written to its socket.
Between processes its name travels as a W3C ``traceparent``, and only where the trace is sampled.
"""

import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from hoovik.session.effects import Ticket
from hoovik.settings import TelemetrySettings

EXPORT_MS = 1000
MAX_OPEN = 256
"""Results whose trace is open at once in a host; beyond that the oldest end."""

_TRACER = trace.get_tracer("hoovik")
_PROPAGATOR = TraceContextTextMapPropagator()


def set_up_tracing(settings: TelemetrySettings, process: str) -> None:
    """Send this process's spans to the collector that the settings name, if they name one."""
    if settings.traces_url is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.traced_share)),
        resource=Resource.create(
            {"service.name": "hoovik", "process.name": process, "process.pid": os.getpid()}
        ),
    )
    exporter = OTLPSpanExporter(endpoint=settings.traces_url)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EXPORT_MS))
    trace.set_tracer_provider(provider)


def traceparent() -> str | None:
    """Name of the span that this code runs in, for another process; None where none is sampled."""
    if not trace.get_current_span().get_span_context().trace_flags.sampled:
        return None
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier["traceparent"]


@contextmanager
def span(name: str, parent: str | None) -> Iterator[Span]:
    """A part of the trace that another process named; without one, nothing is recorded."""
    if parent is None:
        yield trace.INVALID_SPAN
        return
    context = _PROPAGATOR.extract({"traceparent": parent})
    with _TRACER.start_as_current_span(name, context=context) as recorded:
        yield recorded


ResultName = tuple[str, Ticket]
"""Which result of which room."""


class ResultTraces:
    """The traces of the results of a host's rooms, from the closing of a time step to what comes of it.

    Args:
        settings: without a URL in them nothing is traced.
    """

    def __init__(self, settings: TelemetrySettings) -> None:
        self._on = settings.traces_url is not None
        self._open: OrderedDict[ResultName, Span] = OrderedDict()

    @contextmanager
    def part(self, name: str, names: Sequence[ResultName]) -> Iterator[None]:
        """One piece of the work for some results, as the span that the code within runs in.

        What other processes add to it they add to one of the traces that are sampled.
        """
        if not self._on:
            yield
            return
        pieces = [self._piece(name, one) for one in names]
        sampled = (one for one in pieces if one.get_span_context().trace_flags.sampled)
        try:
            with trace.use_span(next(sampled, trace.INVALID_SPAN)):
                yield
        finally:
            for piece in pieces:
                piece.end()

    def _piece(self, name: str, result: ResultName) -> Span:
        if result not in self._open:
            self._open[result] = _TRACER.start_span("result")
            while len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)[1].end()
        return _TRACER.start_span(name, trace.set_span_in_context(self._open[result]))

    @contextmanager
    def inside(self, name: ResultName) -> Iterator[None]:
        """What the code within does belongs to this result."""
        if not self._on:
            yield
            return
        with trace.use_span(self._open.get(name, trace.INVALID_SPAN)):
            yield

    def end(self, name: ResultName) -> None:
        """Nothing more comes of a time step."""
        result = self._open.pop(name, None)
        if result is not None:
            result.end()
