"""One result followed through the processes that made it, by spans that a collector received."""

import asyncio
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import websockets
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from ray import serve

from bench.ports import free_port
from deployments.options import DEFAULTS
from hoovik.schema.framing import pack_audio, pack_event, pack_frame
from hoovik.settings import ServeSettings, Settings, TelemetrySettings
from serve_app import application
from tests.e2e.guests import talker

APPLICATION = "traced"
CHUNK = 1600
PARTS = {
    "EncodeAudio": "room",
    "AudioFeatures": "AudioFeatures",
    "EncodeFace": "room",
    "FaceFeatures": "FaceFeatures",
    "Predict": "room",
    "FeatureEngineering": "FeatureEngineering",
    "Ensemble": "Ensemble",
    "Ingress": "Ingress",
}
"""Spans of a result below its root, and the process that each comes from."""

Traces = dict[bytes, dict[str, tuple[Span, str, int]]]
"""By trace, then name: the span, its process's name and number."""

pytestmark = pytest.mark.timeout(120)


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


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def traced(settings: Settings) -> Iterator[str]:
    """The service once more, beside the other, with these settings."""
    serve.run(application(settings), name=APPLICATION, route_prefix="/traced")
    try:
        yield f"ws://127.0.0.1:{settings.serve.port}/ws"
    finally:
        serve.delete(APPLICATION)


async def test_a_result_is_one_trace_across_processes(service: str, collector: Collector) -> None:
    anywhere = {name: {"ray_actor_options": {"num_cpus": 0}} for name in DEFAULTS}
    settings = Settings(
        serve=ServeSettings(port=free_port(), deployments=anywhere),
        telemetry=TelemetrySettings(
            traces_url=f"http://127.0.0.1:{collector.server_port}/v1/traces", traced_share=1.0
        ),
    )
    with traced(settings) as address:
        results = await _talk(address, collector)
    assert len(collector.complete()) >= 3
    assert len(collector.complete()) <= results
    for spans in collector.complete().values():
        root, _, room_pid = spans["result"]
        assert {name: spans[name][1] for name in PARTS} == PARTS
        assert len({pid for _, _, pid in spans.values()}) == 6
        ids = {span.span_id for span, _, _ in spans.values()}
        for span, name, pid in spans.values():
            assert span is root or span.parent_span_id in ids
            assert pid == room_pid or name != "room"
            assert span.start_time_unix_nano <= span.end_time_unix_nano
        began = [spans[name][0].start_time_unix_nano for name in ("EncodeAudio", "Predict")]
        assert root.start_time_unix_nano <= began[0] <= began[1] <= root.end_time_unix_nano


async def _talk(address: str, collector: Collector) -> int:
    """Speak and show a face until some results have been traced; results told."""
    recording, told = talker(), Counter()

    def note(event: str) -> None:
        told[event] += 1

    async with websockets.connect(address, max_size=None) as socket:
        await socket.send(pack_event("auth", {"participantId": "ada", "roomId": "traced"}))

        async def listen() -> None:
            async for message in socket:
                note(json.loads(message)["event"])

        listener = asyncio.create_task(listen())
        until_s = time.monotonic() + 40
        number = 0
        while len(collector.complete()) < 3 and time.monotonic() < until_s:
            start = number * CHUNK % (recording.audio.size - CHUNK)
            samples = recording.audio[start : start + CHUNK].astype("<f4").tobytes()
            await socket.send(pack_audio(samples))
            await socket.send(pack_frame(recording.frames[number // 2 % 20][1]))
            await asyncio.sleep(0.1)
            number += 1
        listener.cancel()
    return told["emotion.result"]
