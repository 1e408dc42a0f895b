"""Rooms and their participants, as SimPy processes."""

from collections import deque
from dataclasses import dataclass

from bench.capacity.machine import Thread
from bench.capacity.pool import Steps
from bench.capacity.processes import AUDIO, ENSEMBLE, FACE, FEATURES
from bench.capacity.service import Service
from bench.capacity.slot import NewestSlot
from hoovik.layout import WINDOW_S
from hoovik.settings import SessionSettings

NEAREST_S = float(SessionSettings().face_nearest_s)
SIGHTINGS = 16
"""The nearest one to a step is among the last few."""


@dataclass
class Step:
    """A time step on its way: when it was due and closed, and its newest sample."""

    due_s: float
    closed_s: float
    newest_s: float


class Participant:
    """One who sends, and is answered; bounded as in `hoovik.session.participant`."""

    def __init__(self, service: Service, room: "Room", camera: bool) -> None:
        self._service = service
        self._room = room
        self._proxy, self._ingress = service.door()
        self.camera = camera
        self.heard_s = float("-inf")
        self._seen_s: deque[float] = deque([float("-inf")], maxlen=SIGHTINGS)
        self._frames: NewestSlot[float] = NewestSlot()
        self._windows: NewestSlot[Step] = NewestSlot()
        self._questions: NewestSlot[Step] = NewestSlot()
        load = service.load
        service.start(self._speak(1 / load.chunks_per_s))
        if camera:
            service.start(self._show(1 / load.frames_per_s))

    def _speak(self, every_s: float) -> Steps:
        env = self._service.env
        yield env.timeout(self._service.chance.uniform(0, every_s))
        while True:
            self._service.start(self._chunk())
            yield env.timeout(every_s)

    def _show(self, every_s: float) -> Steps:
        env = self._service.env
        yield env.timeout(self._service.chance.uniform(0, every_s))
        while True:
            self._service.start(self._frame())
            yield env.timeout(every_s)

    def _deliver(self) -> Steps:
        """One message from the socket to the room."""
        service, piece = self._service, self._service.piece
        yield service.work(self._proxy, piece.proxy_s)
        yield service.travel(self._proxy.node, self._ingress.node)
        yield service.work(self._ingress, piece.ingress_s)
        yield service.travel(self._ingress.node, self._room.thread.node)
        yield service.work(self._room.thread, piece.room_s)

    def _chunk(self) -> Steps:
        arrived_s = self._service.env.now
        yield from self._deliver()
        self.heard_s = max(self.heard_s, arrived_s)

    def _frame(self) -> Steps:
        arrived_s = self._service.env.now
        yield from self._deliver()
        frame, _ = self._frames.offer(arrived_s)
        while frame is not None:
            yield from self._ask_pool(FACE)
            self._seen_s.append(frame)
            frame = self._frames.done()

    def _ask_pool(self, *names: str) -> Steps:
        """A request through pools that are chained, and the room taking in the answer."""
        service, place = self._service, self._room.thread.node
        for name in names:
            place = yield from service.pools[name].ask(place)
        yield service.travel(place, self._room.thread.node)
        yield service.work(self._room.thread, service.piece.room_s)

    def close_step(self, due_s: float, *, speaks: bool) -> None:
        """Begin what the room's tick begins for somebody who is live."""
        now = self._service.env.now
        if speaks:
            start, _ = self._windows.offer(Step(due_s, now, self.heard_s))
            if start is not None:
                self._service.start(self._encode(start))
            return
        centre_s = now - WINDOW_S / 2
        nearest_s = min(self._seen_s, key=lambda seen_s: abs(seen_s - centre_s))
        near = abs(nearest_s - centre_s) <= NEAREST_S
        self._ask(Step(due_s, now, nearest_s if near else centre_s))

    def _encode(self, step: Step | None) -> Steps:
        while step is not None:
            yield from self._ask_pool(AUDIO)
            self._ask(step)
            step = self._windows.done()

    def _ask(self, step: Step) -> None:
        start, _ = self._questions.offer(step)
        if start is not None:
            self._service.start(self._predict(start))

    def _predict(self, step: Step | None) -> Steps:
        while step is not None:
            yield from self._ask_pool(FEATURES, ENSEMBLE)
            self._service.start(self._emit(step))
            step = self._questions.done()

    def _emit(self, step: Step) -> Steps:
        service = self._service
        yield service.travel(self._room.thread.node, self._ingress.node)
        yield service.work(self._ingress, service.piece.ingress_s)
        service.tally.answer(step.due_s, step.closed_s, step.newest_s, service.env.now)
        yield service.work(self._proxy, service.piece.proxy_s)


class Room:
    """A room's actor: one thread, one clock, and those who speak."""

    def __init__(self, service: Service, thread: Thread, ray: Thread, size: int) -> None:
        self.thread = thread
        self._ray = ray
        self._service = service
        self._speaking: set[Participant] = set()
        self.participants = [
            Participant(service, self, service.chance.random() < service.load.cameras)
            for _ in range(size)
        ]
        service.start(self._keep_time())
        for _ in range(min(size, service.load.speakers)):
            service.start(self._take_turns())

    def _take_turns(self) -> Steps:
        chance, load = self._service.chance, self._service.load
        speaks = chance.random() < load.talking
        while True:
            if speaks:
                silent = [one for one in self.participants if one not in self._speaking]
                speaker = chance.choice(silent)
                self._speaking.add(speaker)
                yield self._service.env.timeout(chance.expovariate(1 / load.turn_s))
                self._speaking.remove(speaker)
            elif load.pause_s():
                yield self._service.env.timeout(chance.expovariate(1 / load.pause_s()))
            speaks = not speaks

    def _keep_time(self) -> Steps:
        """Close steps on a grid; as in the actor, a late tick is not made up for."""
        service, tick_s = self._service, self._service.load.tick_s
        env, size = service.env, len(self.participants)
        due_s = service.chance.uniform(0, tick_s)
        yield env.timeout(due_s)
        while True:
            service.work(self._ray, size * service.piece.ray_s)
            yield service.work(self.thread, size * service.piece.room_s)
            for one in self._live():
                service.tally.owe(due_s)
                one.close_step(due_s, speaks=one in self._speaking)
            due_s += tick_s
            while due_s <= env.now:
                service.tally.owe(due_s, len(self._live()))
                due_s += tick_s
            yield env.timeout(due_s - env.now)

    def _live(self) -> list[Participant]:
        return [one for one in self.participants if one.camera or one in self._speaking]
