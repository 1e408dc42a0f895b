import asyncio
import logging
import os
import pickle
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from statistics import median_low

from ray import cloudpickle

from actors.calls import MAX_CALL
from actors.clocks import LeastOffset
from actors.driver import RoomDriver
from actors.hosted_room import HostedRoom, RoomState
from actors.logs import set_up_logs
from actors.mailbox import Mailbox
from actors.parcel import Departed, Entry, HostEvent, Parcel, Receipt, Refusal, Refused
from actors.reporter import Reporter
from actors.roster import Census
from actors.supervisor import Supervisor
from actors.tracing import ResultTraces, set_up_tracing
from actors.workers import Workers
from hoovik.errors import CapacityError
from hoovik.models.bundle import voices_of
from hoovik.schema.drop import Drop
from hoovik.session.congestion import Congestion
from hoovik.session.effects import Effect, Timings
from hoovik.session.room import Room, Turn, in_turn
from hoovik.settings import Settings
from hoovik.telemetry.measures import DROPS, LATENCY, STRAIN, Kind
from hoovik.telemetry.meter import Meter, RoomReport

logger = logging.getLogger(__name__)

FAREWELL_S = 2.0
"""A host that ends waits for so long until its last counts are taken."""

LINK_TIMEOUT_S = 10.0
"""An ingress replica that has not been heard of for this long is gone, and its sockets with it."""

WARM_UP_S = 60.0

COUNT_S = 2.0
"""What its rooms counted is there within one beat, or its event loop is stuck."""

CARE_S = 1.0

FAIR = 2.0
"""A room that takes more than twice what its participants would in another one waits longer."""

NEGLIGIBLE_S = 0.02
"""CPU seconds a second that no room need save."""

PHASES = 2
"""Rooms tick in turns, each beat those of one phase: what the pools are asked for comes evenly."""

CROWD = MAX_CALL
"""Participants that one phase has before there is another: fewer make a call, and calls cost."""

IDLE_WEIGHT = 0.1
"""What somebody who sends nothing takes of a host, beside somebody who does."""


@dataclass(slots=True)
class _Link:
    """One ingress replica that has sockets here; a slow one loses the oldest events."""

    events: Mailbox[HostEvent]
    seen_s: float
    offset: LeastOffset = field(default_factory=LeastOffset)


class RoomHost:
    """A process of many rooms: keeps their time, performs their effects, streams what they say.

    All that rooms need of the pools with one beat goes in one call. A room that raises is closed
    and begins anew, alone. A host that dies takes its rooms along; the ingress replicas bring their
    sockets to another.

    Args:
        host_id: its name.
        settings: of the service.
        workers: the pools, pickled: who starts a host need not know them.
    """

    def __init__(self, host_id: str, settings: Settings, workers: bytes | Workers) -> None:
        set_up_logs(settings.telemetry)
        set_up_tracing(settings.telemetry, "room host")
        self._settings = settings
        self._voices = voices_of(settings)
        self._rooms: dict[str, HostedRoom] = {}
        self._phases: dict[str, int] = {}
        self._links: dict[str, _Link] = {}
        self._accepting = True
        # One clock that never runs backwards, in seconds since the epoch.
        self._epoch_s = time.time() - time.monotonic()
        self._beat_s = 0.0
        self._fair_cpu_s = float("inf")
        self._congestion = Congestion(settings.session.tick_s / 3)
        self._workers: Workers = (
            cloudpickle.loads(workers) if isinstance(workers, bytes) else workers
        )
        self._driver: RoomDriver[HostedRoom] = RoomDriver(
            self._workers,
            lambda hosted: hosted.time(self._now()),
            self._inside,
            # A room itself gives an answer up after `answer_s`; this one comes after that.
            timeout_s=settings.session.answer_s + settings.session.tick_s,
            traces=ResultTraces(settings.telemetry),
        )
        self._meter = Meter()
        self._reporter = Reporter(
            Kind.HOST, host_id, self._meter, settings.telemetry, self._room_reports
        )
        self._supervisor = Supervisor()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reported: dict[str, RoomReport] = {}
        # Rooms that are here no more, with what they counted last.
        self._ended: dict[str, RoomReport] = {}

    def _now(self) -> float:
        return self._epoch_s + time.monotonic()

    def _begin(self) -> None:
        # Ray runs the constructor outside the event loop.
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._beat_s = self._now()
            self._supervisor.keep("clock", self._keep_time, essential=True)
            self._supervisor.keep("care", self._look_after)

    async def warm_up(self) -> None:
        """Find the way to the pools, so that the first room need not."""
        self._begin()
        await asyncio.wait_for(self._workers.reach(), WARM_UP_S)

    async def census(self) -> Census:
        """What it holds."""
        self._begin()
        now = self._now()
        load = 0.0
        for hosted in list(self._rooms.values()):
            with self._inside(hosted):
                sending = hosted.room.sending(hosted.time(now))
                load += sending + IDLE_WEIGHT * (len(hosted.members) - sending)
        return Census(tuple(self._rooms), load, self._accepting, os.getpid(), os.uname().nodename)

    async def open(self, room_ids: Iterable[str]) -> None:
        """Have these rooms, those that are here already as they are."""
        self._begin()
        for room_id in room_ids:
            if room_id not in self._rooms:
                room = Room(room_id, self._settings, self._congestion, self._voices)
                life = uuid.uuid4().hex
                self._keep(HostedRoom(room, life, self._post, self._measure, self._now()))

    async def close(self, room_ids: Iterable[str]) -> None:
        """Have these rooms no more: they are elsewhere."""
        for room_id in room_ids:
            if room_id in self._rooms:
                self._close(self._rooms[room_id], whole=False)

    async def accept(self, accepting: bool) -> None:
        """Say whether it takes more rooms; the directory asks."""
        self._accepting = accepting

    async def end(self) -> bool:
        """Say farewell before this process is ended; False, and nothing, where rooms are open."""
        if self._rooms:
            return False
        self._accepting = False
        await asyncio.to_thread(self._reporter.wait, FAREWELL_S)
        return True

    async def hand_over(self, room_id: str) -> bytes | None:
        """Give a room away with all it knows; what is under way for it is given up.

        Returns:
            A `RoomState`, pickled here: arrays that Ray brings by itself cannot be written to.
        """
        hosted = self._rooms.get(room_id)
        if hosted is None:
            return None
        state = pickle.dumps(hosted.state(self._now()))
        self._close(hosted, whole=True)
        self._ended.pop(room_id, None)  # the next host reports for it
        return state

    async def take_over(self, pickled: bytes) -> None:
        """Go on with a room of another host; what it says waits for the links that follow it."""
        self._begin()
        state: RoomState = pickle.loads(pickled)
        state.room.congestion = self._congestion
        self._keep(HostedRoom.taken_over(state, self._post, self._measure, self._now()))

    async def enter(self, link_id: str, entries: list[Entry]) -> dict[str, Refused]:
        """Let sockets into their rooms; returns who may not, by connection."""
        self._hear(link_id)
        refused: dict[str, Refused] = {}
        made: list[tuple[HostedRoom, list[Effect]]] = []
        for entry in entries:
            hosted = self._rooms.get(entry.room_id)
            if hosted is None:
                refused[entry.connection_id] = Refused(Refusal.ELSEWHERE)
            elif words := self._too_busy_for(entry, hosted):
                refused[entry.connection_id] = Refused(Refusal.FULL, words)
            else:
                with self._inside(hosted):
                    try:
                        made.append((hosted, hosted.enter(entry, link_id, self._now())))
                    except CapacityError as full:
                        refused[entry.connection_id] = Refused(Refusal.FULL, full.message)
        self._driver.perform(made)
        return refused

    def _too_busy_for(self, entry: Entry, hosted: HostedRoom) -> str:
        who, most = entry.participant_id, self._settings.serve.max_strain
        if who is None or entry.returns or hosted.knows(who, self._now()):
            return ""
        if (strain := self._congestion.strain) > most:
            return f"the service cannot begin {strain:.0%} of its time steps; try again later"
        if self._congestion.is_pressed and most < 1:
            return "the service has more to do at this moment than it can; try again later"
        return ""

    async def leave(self, link_id: str, sockets: list[tuple[str, str]]) -> None:
        """Let sockets go: (room, connection) of each."""
        self._hear(link_id)
        for room_id, connection_id in sockets:
            hosted = self._rooms.get(room_id)
            if hosted is not None:
                with self._inside(hosted):
                    self._driver.perform([(hosted, hosted.leave(connection_id, self._now()))])

    async def deliver(self, link_id: str, parcels: list[Parcel], sent_s: float) -> Receipt:
        """Take in what the sockets of an ingress replica sent, each in order.

        Args:
            link_id: the replica.
            parcels: one for each socket.
            sent_s: when they were sent, on the clock of their arrivals.
        """
        now = self._now()
        offset_s = self._hear(link_id).offset.told(sent_s, now)
        refused: dict[str, Refusal] = {}
        for parcel in parcels:
            hosted = self._rooms.get(parcel.room_id)
            why: Refusal | None = Refusal.ELSEWHERE
            if hosted is not None:
                with self._inside(hosted):
                    why = hosted.unpack(parcel, offset_s, now)
            if why is not None:
                refused[parcel.connection_id] = why
        return self._receipt(refused)

    async def subscribe(self, link_id: str) -> AsyncIterator[list[HostEvent]]:
        """What all rooms say to the sockets of one ingress replica; the first item is empty.

        One stream for each replica: a new one takes the place of the last. All methods share one
        event loop: Ray would run concurrency groups in threads of their own.
        """
        self._begin()
        link, earlier = self._hear(link_id), self._links[link_id].events
        link.events = self._mailbox()
        for event in earlier.drain():
            link.events.put(event)
        earlier.close()
        events = link.events
        yield []
        while said := await events.take():
            yield said

    async def keepalive(self, link_id: str) -> Receipt:
        """Say that an ingress replica is alive."""
        self._hear(link_id)
        return self._receipt({})

    async def unsubscribe(self, link_id: str) -> None:
        """End an ingress replica's stream, and let its sockets go."""
        link = self._links.pop(link_id, None)
        if link is None:
            return
        link.events.close()
        for hosted in list(self._rooms.values()):
            with self._inside(hosted):
                self._driver.perform([(hosted, hosted.forget_link(link_id, self._now()))])

    def _receipt(self, refused: dict[str, Refusal]) -> Receipt:
        return Receipt(max(0.0, self._beat_s - self._now()), refused)

    def _hear(self, link_id: str) -> _Link:
        """The link, of which every call is a sign of life."""
        if link_id not in self._links:
            self._links[link_id] = _Link(self._mailbox(), self._now())
        link = self._links[link_id]
        link.seen_s = self._now()
        return link

    def _mailbox(self) -> Mailbox[HostEvent]:
        on_drop = partial(self._meter.count, DROPS, Drop.EVENTS_FULL)
        return Mailbox(self._settings.room.max_events, on_drop)

    def _post(self, link_id: str, event: HostEvent) -> None:
        if link_id not in self._links:
            # A room that was handed over is here before the links that follow it.
            self._links[link_id] = _Link(self._mailbox(), self._now())
        self._links[link_id].events.put(event)

    def _measure(self, timings: Timings) -> None:
        for stage, spent_s in timings.spent_s.items():
            self._meter.observe(LATENCY, timings.profile, stage, value=1000 * spent_s)

    def _keep(self, hosted: HostedRoom) -> None:
        room_id = hosted.room.id
        self._rooms[room_id] = hosted
        crowds = Counter(dict.fromkeys(range(PHASES), 0))
        for other, phase in self._phases.items():
            crowds[phase] += max(1, len(self._rooms[other].members))
        least = min(crowds, key=lambda phase: crowds[phase])
        self._phases[room_id] = 0 if crowds[0] < CROWD else least

    def _close(self, hosted: HostedRoom, *, whole: bool) -> None:
        """Have a room no more, and tell its links, which ask the directory where it is now."""
        room_id = hosted.room.id
        if self._rooms.get(room_id) is not hosted:
            return
        del self._rooms[room_id], self._phases[room_id]
        if self._settings.telemetry.report_s:
            self._ended[room_id] = hosted.report()
        for link_id in hosted.links:
            self._post(link_id, Departed(room_id, whole))

    def _inside(self, hosted: HostedRoom) -> "_Inside":
        return _Inside(self, hosted)

    def _fail(self, hosted: HostedRoom) -> None:
        logger.exception("a room failed, and begins anew", extra={"room": hosted.room.id})
        self._close(hosted, whole=False)

    async def _keep_time(self) -> None:
        period_s = self._settings.session.tick_s / PHASES
        phase = 0
        while True:
            self._beat_s += period_s
            await asyncio.sleep(max(0.0, self._beat_s - self._now()))
            now = self._now()
            # A late beat is not made up for: the next one falls on the same grid.
            self._beat_s += period_s * int(max(0.0, now - self._beat_s) / period_s)
            phase = (phase + 1) % PHASES
            self._beat(phase, now)

    def _beat(self, phase: int, now: float) -> None:
        made: list[tuple[HostedRoom, list[Effect]]] = []
        for hosted in [self._rooms[one] for one, own in self._phases.items() if own == phase]:
            if not hosted.is_asleep:
                with self._inside(hosted):
                    made.append((hosted, hosted.close_steps(now)))
        if phase == 0:
            self._congestion.adjust()
            self._meter.gauge(STRAIN, value=self._congestion.strain)
        self._driver.perform([*made, *self._steps(now)])

    def _steps(self, now: float) -> list[tuple[HostedRoom, list[Effect]]]:
        """Begin waiting steps of all rooms, as many as the pools can be asked for."""
        turns: list[Turn] = []
        under_way = most = 0
        for hosted in [one for one in self._rooms.values() if not one.is_asleep]:
            with self._inside(hosted):
                room, room_now = hosted.room, hosted.time(now)
                turns += room.waiting(room_now, self._weight(hosted))
                under_way, most = under_way + room.under_way, most + room.most(room_now)
        begun: list[tuple[HostedRoom, list[Effect]]] = []
        for turn in in_turn(turns, under_way, self._congestion.limit(most)):
            hosted = self._rooms[turn.room.id]
            with self._inside(hosted):
                begun.append((hosted, turn.room.begin(turn, hosted.time(now))))
        return begun

    def _weight(self, hosted: HostedRoom) -> float:
        """Less than 1 for a room that takes more than its share of this process."""
        fair_s = max(NEGLIGIBLE_S, self._fair_cpu_s * max(1, len(hosted.members)))
        return min(1.0, fair_s / max(1e-9, hosted.lately_s))

    def _share_cpu(self) -> None:
        """See what each room took lately, and what is a fair share of that for one participant."""
        for hosted in self._rooms.values():
            hosted.take_stock()
        each_s = [one.lately_s / max(1, len(one.members)) for one in self._rooms.values()]
        self._fair_cpu_s = FAIR * median_low(each_s or [0.0])

    async def _look_after(self) -> None:
        """Let go who has fallen silent, and rooms that nobody is in."""
        while True:
            await asyncio.sleep(CARE_S)
            now = self._now()
            self._share_cpu()
            silent = [
                link_id
                for link_id, link in self._links.items()
                if now - link.seen_s > LINK_TIMEOUT_S
            ]
            for link_id in silent:
                logger.warning("an ingress replica fell silent")
                await self.unsubscribe(link_id)
            for hosted in list(self._rooms.values()):
                if hosted.idle_s(now) > self._settings.room.idle_s:
                    logger.info("room ends, idle", extra={"room": hosted.room.id})
                    self._close(hosted, whole=True)

    def _room_reports(self) -> dict[str, RoomReport]:
        """What each room counted; for the reporter, which has a thread of its own."""
        if self._loop is None:
            return {}
        counting = asyncio.run_coroutine_threadsafe(self._count_rooms(), self._loop)
        try:
            self._reported = counting.result(COUNT_S)
        except TimeoutError:
            # A loop that is stuck keeps its rooms, which count nothing meanwhile.
            counting.cancel()
            self._reported = {
                room_id: replace(report, counts=Counter(), cpu_s=0.0)
                for room_id, report in self._reported.items()
            }
        return self._reported

    async def _count_rooms(self) -> dict[str, RoomReport]:
        ended, self._ended = self._ended, {}
        return ended | {room_id: hosted.report() for room_id, hosted in self._rooms.items()}


class _Inside:
    """What one room does: metered, and its exceptions are its own."""

    __slots__ = ("_begun_s", "_host", "_hosted")

    def __init__(self, host: RoomHost, hosted: HostedRoom) -> None:
        self._host = host
        self._hosted = hosted

    def __enter__(self) -> None:
        self._begun_s = time.thread_time()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._hosted.cpu_s += time.thread_time() - self._begun_s
        if kind is None or not issubclass(kind, Exception):
            return False
        self._host._fail(self._hosted)
        return True
