"""A collector of traces, as an operator would run one."""

from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PARTS = {
    "EncodeAudio": "room host",
    "AudioFeatures": "AudioFeatures",
    "EncodeFace": "room host",
    "FaceFeatures": "FaceFeatures",
    "Predict": "room host",
    "FeatureEngineering": "FeatureEngineering",
    "Ensemble": "Ensemble",
    "Ingress": "Ingress",
}
"""Spans of a result below its root, and the process that each comes from."""

Traces = dict[bytes, dict[str, tuple[Span, str, int]]]
"""By trace, then name: the span, its process's name and number."""


class Collector(ThreadingHTTPServer):
    """Takes in spans as OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.traces: Traces = defaultdict(dict)

    def complete(self) -> Traces:
        """Traces that have all of a result's parts."""
        whole = {"result", *PARTS}
        return {name: spans for name, spans in list(self.traces.items()) if whole <= set(spans)}


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = {one.key: one.value for one in resource.resource.attributes}
            name, pid = about["process.name"].string_value, about["process.pid"].int_value
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.server.traces[span.trace_id][span.name] = (span, name, pid)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
