"""A room's process: the service's own `Room`, with simulated time and simulated calls."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

from actors.calls import call_size
from bench.capacity.link import Link, Socket
from bench.capacity.load import SESSION
from bench.capacity.machine import Thread
from bench.capacity.pool import Call, Steps
from bench.capacity.processes import AUDIO, ENSEMBLE, FACE, FEATURES
from bench.capacity.service import Service
from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.layout import AUDIO_DIM, FACE_DIM
from hoovik.models.prediction import Prediction
from hoovik.schema.emotion import EMOTIONS
from hoovik.schema.outbound import EmotionResult
from hoovik.session.effects import Effect, Emit, EncodeAudio, EncodeFace, Predict
from hoovik.session.room import Room
from hoovik.settings import Settings

Request = TypeVar("Request", EncodeAudio, EncodeFace, Predict)

SETTINGS = Settings(session=SESSION)

EMBEDDING = np.zeros(AUDIO_DIM, np.float32)
READING = FaceReading(np.zeros(FACE_DIM, np.float32), FaceTrack(0.5, 0.5, 0.5, 0.0))
PREDICTION = Prediction(np.full(len(EMOTIONS), 1 / len(EMOTIONS), np.float32), False, 0.0)


class RoomProcess:
    """Keeps a room's clock and performs its effects, as `RoomSessionActor` and `RoomDriver` do.

    Attributes:
        room: decides what is asked for and answered.
        thread: all that it works.
    """

    def __init__(self, service: Service, thread: Thread, size: int) -> None:
        self.room = Room("simulated", SETTINGS)
        self.thread = thread
        self._service = service
        self._beat_s = service.chance.uniform(0, SESSION.tick_s)
        self._begun_s: dict[str, float] = {}
        self._asked_s: dict[str, float] = {}  # when the step began that the models are asked about
        self._each_s: dict[type, float] = {}
        self._links: dict[Thread, Link] = {}
        self._sockets = [self._enter(str(number)) for number in range(size)]
        service.start(self._keep_time())
        for _ in range(min(size, service.load.speakers)):
            service.start(self._take_turns())

    def _enter(self, name: str) -> Socket:
        ingress = self._service.door()
        if ingress not in self._links:
            self._links[ingress] = Link(
                self._service, ingress, self.room, self.thread, lambda: self._beat_s
            )
        self.room.join(name, self._service.env.now)
        camera = self._service.chance.random() < self._service.load.cameras
        return Socket(self._service, self._links[ingress], name, camera=camera)

    def _take_turns(self) -> Steps:
        chance, load = self._service.chance, self._service.load
        speaks = chance.random() < load.talking
        while True:
            if speaks:
                speaker = chance.choice([one for one in self._sockets if not one.speaks])
                speaker.speaks = True
                yield self._service.env.timeout(chance.expovariate(1 / load.turn_s))
                speaker.speaks = False
            elif load.pause_s():
                yield self._service.env.timeout(chance.expovariate(1 / load.pause_s()))
            speaks = not speaks

    def _keep_time(self) -> Steps:
        service, env, on_tick = self._service, self._service.env, False
        while True:
            yield env.timeout(max(0.0, self._beat_s - env.now))
            yield service.work(self.thread, 0.0)  # its turn comes after what is under way
            on_tick = not on_tick
            # Whoever speaks or is seen is owed a result each tick, be it late or left out.
            beats = 1 + int((env.now - self._beat_s) / SESSION.beat_s)
            quiet = sum(not one.camera and not one.speaks for one in self._sockets)
            ticks = (beats + on_tick) // 2
            service.tally.owe(self._beat_s, ticks * (len(self._sockets) - quiet))
            self._beat_s += SESSION.beat_s * beats
            effects = self.room.tick(env.now) if on_tick else self.room.catch_up(env.now)
            begun = {one.ticket.participant_id for one in effects if not isinstance(one, Emit)}
            # Whoever is silent and unseen has a microphone that is listened to.
            steps = len(begun) + on_tick * quiet
            yield service.work(self.thread, steps * service.shell.step)
            self._perform(effects)

    def _perform(self, effects: Iterable[Effect]) -> None:
        """Start every effect, those of a kind together."""
        windows: list[EncodeAudio] = []
        images: list[EncodeFace] = []
        questions: list[Predict] = []
        now = self._service.env.now
        for effect in effects:
            if isinstance(effect, EncodeAudio | EncodeFace):
                self._begun_s[effect.ticket.participant_id] = now
            if isinstance(effect, EncodeAudio):
                windows.append(effect)
            elif isinstance(effect, EncodeFace):
                images.append(effect)
            elif isinstance(effect, Predict):
                questions.append(effect)
                who = effect.ticket.participant_id
                self._asked_s[who] = self._begun_s[who]
            elif isinstance(effect.message, EmotionResult):
                begun_s = self._asked_s[effect.participant_id]
                for link in self._links.values():
                    link.post(effect.message, begun_s)
        self._start(self._hear, windows)
        self._start(self._see, images)
        self._start(self._predict, questions)

    def _start(self, carry_out: Callable[[list[Request]], Steps], work: list[Request]) -> None:
        size = call_size(self._each_s.get(type(work[0]), 0.0)) if work else 1
        for first in range(0, len(work), size):
            self._service.start(carry_out(work[first : first + size]))

    def _hear(self, work: list[EncodeAudio]) -> Steps:
        heard = yield from self._ask(len(work), AUDIO)
        effects: list[Effect] = []
        for one in work:
            effects += self.room.audio_encoded(
                one.ticket, EMBEDDING, self._service.env.now, work_s=heard.work_s
            )
        self._each_s[EncodeAudio] = heard.each_s
        self._perform(effects)

    def _see(self, work: list[EncodeFace]) -> Steps:
        seen = yield from self._ask(len(work), FACE)
        effects: list[Effect] = []
        for one in work:
            effects += self.room.face_encoded(
                one.ticket,
                READING,
                self._service.env.now,
                work_s=seen.work_s,
                depth=seen.depth,
                each_s=seen.each_s,
            )
        self._each_s[EncodeFace] = seen.each_s
        self._perform(effects)

    def _predict(self, work: list[Predict]) -> Steps:
        queueing = self.room.queueing
        said = yield from self._ask(len(work), FEATURES, ENSEMBLE)
        now = self._service.env.now
        shared = self._service.queueing.tell(queueing, now)
        for one in work:
            self._perform(
                self.room.predicted(one.ticket, PREDICTION, now, work_s=said.work_s, shared=shared)
            )

    def _ask(self, requests: int, *names: str) -> Steps:
        """One call through pools that are chained; half of its work is to ask, half to listen."""
        service, place, work_s = self._service, self.thread.node, 0.0
        half_ms = len(names) * service.shell.room_call / 2
        yield service.work(self.thread, half_ms)
        for name in names:
            call: Call = yield from service.pools[name].ask(place, requests)
            place, work_s = call.node, work_s + call.work_s
        yield service.travel(place, self.thread.node)
        yield service.work(self.thread, half_ms)
        call.work_s = work_s
        return call
