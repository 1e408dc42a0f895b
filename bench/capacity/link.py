"""Between participants and their room: sockets, and what an ingress replica does for them."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from actors.parcel import Item, PictureItem, SoundItem
from bench.capacity.load import SESSION
from bench.capacity.machine import Thread
from bench.capacity.pool import Steps
from bench.capacity.service import Service
from deployments.ingress.beat import Beat
from deployments.ingress.inbox import Inbox
from hoovik.layout import SAMPLE_RATE
from hoovik.schema.outbound import EmotionResult
from hoovik.session.room import Room

PITCH_HZ = 120
HARMONICS = 20


@cache
def vowel(seconds: float) -> NDArray[np.float32]:
    """A steady voice, (n,) float32 at 16 kHz, which voice activity takes for speech."""
    times_s = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    waves = [np.sin(2 * np.pi * PITCH_HZ * k * times_s) / k for k in range(1, HARMONICS)]
    voice: NDArray[np.float64] = np.sum(waves, axis=0)
    return (0.1 * voice).astype(np.float32)


class Socket:
    """One participant, who sends chunks and frames all the time.

    Silence is work for the ingress alone: the room would look at it and find nothing.

    Attributes:
        name: the participant.
        inbox: what the room has not taken yet.
        camera: whether it is on.
        speaks: whether there is a voice in the chunks of now.
    """

    def __init__(self, service: Service, link: "Link", name: str, *, camera: bool) -> None:
        self.name = name
        self.inbox = Inbox(SESSION.target_fps, lambda: None)
        self.camera = camera
        self.speaks = False
        self._service = service
        self._ingress = link.ingress
        link.sockets[name] = self
        service.start(self._sound(1 / service.load.chunks_per_s))
        if camera:
            service.start(self._pictures(1 / service.load.frames_per_s))

    def _sound(self, every_s: float) -> Steps:
        env, samples, number = self._service.env, vowel(every_s), 0
        yield env.timeout(self._service.chance.uniform(0, every_s))
        while True:
            number += 1
            chunk = SoundItem(number, samples, SAMPLE_RATE, env.now) if self.speaks else None
            self._arrive(chunk)
            yield env.timeout(every_s)

    def _pictures(self, every_s: float) -> Steps:
        env, number = self._service.env, 0
        yield env.timeout(self._service.chance.uniform(0, every_s))
        while True:
            number += 1
            self._arrive(PictureItem(number, b"", env.now))
            yield env.timeout(every_s)

    def _arrive(self, item: Item | None) -> None:
        read = self._service.work(self._ingress, self._service.shell.message)
        if item is not None:
            read.callbacks.append(lambda _: self.inbox.put(item))


class Link:
    """One ingress replica's tie to one room, as `RoomLink`: brings media, and takes results.

    Args:
        service: where it all runs.
        ingress: the replica.
        room: decides what becomes of the media.
        thread: of the room's process.
        next_beat_s: when the room will look at its media.

    Attributes:
        ingress: the replica.
        sockets: those of the room that it holds, by participant.
    """

    def __init__(
        self,
        service: Service,
        ingress: Thread,
        room: Room,
        thread: Thread,
        next_beat_s: Callable[[], float],
    ) -> None:
        self.ingress = ingress
        self.sockets: dict[str, Socket] = {}
        self._service = service
        self._room = room
        self._thread = thread
        self._next_beat_s = next_beat_s
        self._outbox: list[tuple[EmotionResult, float]] = []
        self._passing = False
        service.start(self._deliver())

    def _deliver(self) -> Steps:
        """One call for all sockets just before each beat, as far as the room's answers tell it."""
        service, env = self._service, self._service.env
        beat = Beat(SESSION.beat_s)
        while True:
            yield env.timeout(beat.wait_s(env.now))
            sent_s = env.now
            yield service.work(self.ingress, service.shell.ingress_call)
            parcels = [(name, socket.inbox.take()) for name, socket in self.sockets.items()]
            yield service.travel(self.ingress.node, self._thread.node)
            yield service.work(self._thread, service.shell.room_call)
            for name, (items, surplus) in parcels:
                self._unpack(name, items, surplus)
            beat_in_s = max(0.0, self._next_beat_s() - env.now)
            yield service.travel(self._thread.node, self.ingress.node)
            beat.told(sent_s, env.now, beat_in_s)

    def _unpack(self, name: str, items: list[Item], surplus: int) -> None:
        room = self._room
        if surplus:
            room.surplus(name, surplus)
        for item in items:
            if isinstance(item, SoundItem):
                room.audio(name, item.samples, item.source_hz, item.sequence_number, item.arrived_s)
            elif isinstance(item, PictureItem):
                room.frame(name, item.image, item.sequence_number, item.arrived_s)

    def post(self, result: EmotionResult, begun_s: float) -> None:
        """A result goes out with all that gather until the room's process comes to it."""
        self._outbox.append((result, begun_s))
        if not self._passing:
            self._passing = True
            self._service.start(self._pass_on())

    def _pass_on(self) -> Steps:
        service, room = self._service, self._thread
        while self._outbox:
            yield service.work(room, service.shell.room_call)
            results, self._outbox = self._outbox, []
            yield service.travel(room.node, self.ingress.node)
            yield service.work(self.ingress, service.shell.ingress_call)
            for result, begun_s in results:
                if result.participant_id in self.sockets:
                    yield service.work(self.ingress, service.shell.message)
                    newest_s = result.ts - result.latency_ms / 1000
                    service.tally.answer(begun_s, newest_s, service.env.now)
        self._passing = False
