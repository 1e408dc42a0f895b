"""Participants for Locust: they stream the sample meeting, press buttons and burst.

``locust -f bench/locustfile.py --headless -u 6 -r 2 -t 60s --host http://127.0.0.1:8000``;
docs/load-testing.md has the options, and how to read the figures beside ``/stats``.
"""

# Locust first: it lets gevent take the place of threads and sockets.
from locust import events, task  # isort: skip
import json
import os
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import gevent
import socketio
from locust.argument_parser import LocustArgumentParser
from locust.contrib.socketio import SocketIOUser
from locust.env import Environment

from bench.behaviour import Behaviour, Habits
from bench.load import sample_recordings
from hoovik.schema.basis import BasisClock
from hoovik.schema.outbound import Basis
from hoovik_client.recording import CHUNK_SAMPLES, SAMPLE_RATE

RESULT, JOIN, ERROR, ACTION = "RESULT", "JOIN", "ERROR", "ACTION"
"""Kinds of rows in Locust's table; chunks and frames sent have none."""

CHUNK_S = CHUNK_SAMPLES / SAMPLE_RATE
JOIN_TIMEOUT_S = 60.0

_numbers = count()


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    """Options of this file, on the command line and in Locust's page."""
    usual = Habits()
    parser.add_argument("--room-size", type=int, default=8, help="Participants of a room.")
    parser.add_argument(
        "--toggle-every",
        type=float,
        default=usual.toggle_every_s,
        help="Seconds between two buttons of a participant; 0: never.",
    )
    parser.add_argument(
        "--burst-every",
        type=float,
        default=usual.burst_every_s,
        help="Seconds between two bursts of a participant; 0: never.",
    )
    parser.add_argument(
        "--burst-seconds", type=float, default=usual.burst_s, help="Length of a burst."
    )
    parser.add_argument(
        "--burst-fps", type=float, default=usual.burst_fps, help="Frames a second in a burst."
    )
    parser.add_argument("--seed", type=int, default=0, help="Of the buttons' times.")
    parser.add_argument("--summary", default="", help="Write the summary to this file, too.")


class Participant(SocketIOUser):
    """One participant of a room."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        options: Any = environment.parsed_options
        self._number = next(_numbers)
        # Each of Locust's processes has rooms of its own.
        self._id = f"locust-{os.getpid()}-{self._number}"
        self._room = f"locust-{os.getpid()}-{self._number // options.room_size}"
        recordings = sample_recordings()
        self._recording = recordings[self._number % len(recordings)]
        habits = Habits(
            options.toggle_every, options.burst_every, options.burst_seconds, options.burst_fps
        )
        self._behaviour = Behaviour(habits, options.seed + self._number)
        self._sent = BasisClock()
        self._asked_fps = 0.0
        self._joined = gevent.event.Event()
        self.sio.on("*", self._received)

    def on_start(self) -> None:
        """Join."""
        begun_s = time.monotonic()
        socketio.Client.connect(
            self.sio,
            self.host,
            auth={"participantId": self._id, "roomId": self._room, "consent": True},
            transports=["websocket"],
        )
        joined = self._joined.wait(JOIN_TIMEOUT_S)
        fault = None if joined else TimeoutError("no answer to the join")
        self._row(JOIN, "join", 1000 * (time.monotonic() - begun_s), fault)

    def on_stop(self) -> None:
        """Leave."""
        self.sio.disconnect()

    @task
    def meet(self) -> None:
        """Stream until the test ends, by a schedule that does not drift."""
        started_s = time.monotonic()
        sounds, images = self._sounds(), self._images()
        sound_s, image_s = CHUNK_S, 0.0
        while True:
            gevent.sleep(max(0.0, started_s + min(sound_s, image_s) - time.monotonic()))
            now_s = time.monotonic() - started_s
            self._press(now_s)
            if now_s >= sound_s:
                sound_s += CHUNK_S
                self._send_sound(next(sounds))
            if now_s >= image_s:
                image_s = max(image_s, now_s - 1.0) + 1 / self._fps(now_s)
                self._send_image(next(images))

    def _sounds(self) -> Iterator[bytes]:
        audio = self._recording.audio.astype("<f4")
        while True:
            for start in range(0, audio.size - CHUNK_SAMPLES + 1, CHUNK_SAMPLES):
                yield audio[start : start + CHUNK_SAMPLES].tobytes()

    def _images(self) -> Iterator[bytes]:
        while True:
            for _, image in self._recording.frames:
                yield image

    def _press(self, now_s: float) -> None:
        for action in self._behaviour.actions(now_s):
            self._row(ACTION, str(action), 0.0)
            state = {"micEnabled": self._behaviour.mic, "cameraEnabled": self._behaviour.camera}
            self._emit("participant.media_state", state)

    def _fps(self, now_s: float) -> float:
        bursts = self._behaviour.bursts
        fps = self._behaviour.fps(now_s, self._asked_fps)
        if self._behaviour.bursts > bursts:
            self._row(ACTION, "burst", 0.0)
        return fps

    def _send_sound(self, samples: bytes) -> None:
        if self._behaviour.mic and self._emit("audio_chunk", samples):
            self._sent.sounds.note(time.monotonic())

    def _send_image(self, image: bytes) -> None:
        if self._behaviour.camera and self._emit("frame", image):
            self._sent.frames.note(time.monotonic())

    def _emit(self, event: str, payload: Any) -> bool:
        try:
            # Not Locust's own `emit`, which makes a row for each chunk.
            socketio.Client.emit(self.sio, event, payload)
        except socketio.exceptions.SocketIOError:
            return False  # between two connections
        return True

    def _received(self, event: str, payload: Any = None) -> None:
        if event == "server.status":
            if not self._joined.is_set():
                self._asked_fps = payload["targetFps"]
            self._joined.set()
        elif event == "backpressure":
            self._asked_fps = payload["suggestedFps"]
        elif event == "emotion.result":
            sent_s = self._sent.newest_s(Basis.model_validate(payload["basis"]))
            latency_ms = 0.0 if sent_s is None else 1000 * (time.monotonic() - sent_s)
            self._row(RESULT, payload["result"]["modality"], latency_ms)
        elif event == "emotion.error":
            self._row(ERROR, payload["code"], 0.0, RuntimeError(payload["message"]))

    def _row(self, kind: str, name: str, ms: float, fault: Exception | None = None) -> None:
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=ms,
            response_length=0,
            exception=fault,
            context={},
        )


@events.quitting.add_listener
def summarise(environment: Environment, **_: Any) -> None:
    """Print what the participants of all processes together were told, to hold beside `/stats`."""
    stats = environment.stats
    rows = {(kind, name): entry for (name, kind), entry in stats.entries.items()}
    results = {name: entry for (kind, name), entry in rows.items() if kind == RESULT}
    joins = rows.get((JOIN, "join"))
    summary = {
        "participants": joins.num_requests - joins.num_failures if joins else 0,
        "results": sum(entry.num_requests for entry in results.values()),
        "latency_ms": {
            name: {
                "n": entry.num_requests,
                "p50": entry.get_response_time_percentile(0.5),
                "p95": entry.get_response_time_percentile(0.95),
            }
            for name, entry in sorted(results.items())
        },
        "actions": {n: entry.num_requests for (kind, n), entry in rows.items() if kind == ACTION},
        "errors": {n: entry.num_requests for (kind, n), entry in rows.items() if kind == ERROR},
    }
    text = json.dumps(summary)
    print(text)
    options: Any = environment.parsed_options
    if path := options.summary:
        Path(path).write_text(text)
