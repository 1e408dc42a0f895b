import asyncio
import logging
import threading
import time
import uuid
from collections.abc import AsyncIterator
from functools import partial

import ray

from actors.driver import RoomDriver
from actors.logs import set_up_logs
from actors.mailbox import Mailbox
from actors.membership import Displaced, Membership, RoomEvent, Subscriber
from actors.parcel import Delivery, Parcel, PictureItem, Receipt, SoundItem
from actors.reporter import Reporter
from actors.tracing import ResultTraces, set_up_tracing, traceparent
from actors.workers import Workers
from hoovik.errors import CapacityError
from hoovik.schema.drop import Drop
from hoovik.session.effects import Emit
from hoovik.session.room import Room
from hoovik.settings import Settings
from hoovik.telemetry.measures import DROPS, STRAIN, Kind
from hoovik.telemetry.meter import RoomReport

logger = logging.getLogger(__name__)

WAKE_S = 1.0

FAREWELL_S = 2.0
"""A room that ends waits for so long until its last counts are taken."""

SUBSCRIBER_TIMEOUT_S = 10.0
"""An ingress replica that has not been heard of for this long is gone, and its sockets with it."""


class RoomSessionActor:
    """Owns one room: keeps its clock, performs its effects, streams its events to subscribers.

    A restart after a crash begins with an empty room; the ingress replicas join their
    participants again. A room without anyone ends itself after an idle time.
    """

    def __init__(self, room_id: str, settings: Settings, workers: Workers) -> None:
        self._room_id = room_id
        self._settings = settings
        self._subscribers: dict[str, Subscriber] = {}
        self._members: dict[str, Membership] = {}
        # One clock that never runs backwards, in seconds since the epoch.
        self._epoch_s = time.time() - time.monotonic()
        self._idle_since_s = self._now()
        set_up_logs(settings.telemetry)
        set_up_tracing(settings.telemetry, "room")
        self._driver = RoomDriver(
            Room(room_id, settings),
            workers,
            self._emit,
            self._now,
            traces=ResultTraces(settings.telemetry),
        )
        self._meter = self._driver.room.meter
        self._life = uuid.uuid4().hex
        self._reporter = Reporter(
            Kind.HOST, room_id, self._meter, settings.telemetry, self._room_report
        )
        self._clock: asyncio.Task[None] | None = None
        self._beat_s = 0.0
        # A room that restarts with nobody in it has to end as well.
        self._myself = ray.get_runtime_context().current_actor
        threading.Thread(target=self._wake, daemon=True).start()

    def _now(self) -> float:
        return self._epoch_s + time.monotonic()

    def _wake(self) -> None:
        # Not once: just after a restart a call to itself is lost where Ray still holds the actor
        # for dead.
        while self._clock is None:
            self._myself.start_clock.remote()
            time.sleep(WAKE_S)

    async def start_clock(self) -> None:
        """Begin to close time steps, unless they are closed already."""
        if self._clock is None:
            self._clock = asyncio.create_task(self._keep_time())

    async def join(self, subscriber_id: str, connection_id: str, participant_id: str) -> str | None:
        """Let a participant in, in place of any earlier socket; returns why not, else None."""
        try:
            effects = self._driver.room.join(participant_id, self._now())
        except CapacityError as refusal:
            return refusal.message
        self._displace(participant_id, connection_id)
        self._members[participant_id] = Membership(connection_id, subscriber_id)
        self._driver.perform(effects)
        await self.start_clock()
        return None

    async def leave(self, connection_id: str, participant_id: str) -> None:
        """Let a participant go, unless another socket has taken the place."""
        if self._holds(connection_id, participant_id):
            self._remove(participant_id)

    async def deliver(self, parcels: list[Parcel], sent_s: float) -> Receipt:
        """Take in what several sockets sent, each in order.

        Args:
            parcels: one for each socket.
            sent_s: when they were sent, on the clock of their arrivals.
        """
        refused: dict[str, Delivery] = {}
        # Two clocks, one difference: media are as old here as they were there.
        offset_s = self._now() - sent_s
        for parcel in parcels:
            if parcel.participant_id not in self._members:
                refused[parcel.connection_id] = Delivery.UNKNOWN
            elif not self._holds(parcel.connection_id, parcel.participant_id):
                refused[parcel.connection_id] = Delivery.REPLACED
            else:
                self._unpack(parcel, offset_s)
        return self._receipt(refused)

    def _unpack(self, parcel: Parcel, offset_s: float) -> None:
        room, who = self._driver.room, parcel.participant_id
        if parcel.surplus:
            room.surplus(who, parcel.surplus)
        for item in parcel.items:
            if isinstance(item, SoundItem):
                at_s = item.arrived_s + offset_s
                room.audio(who, item.samples, item.source_hz, item.sequence_number, at_s)
            elif isinstance(item, PictureItem):
                room.frame(who, item.image, item.sequence_number, item.arrived_s + offset_s)
            else:
                room.media_state(
                    who, mic_enabled=item.mic_enabled, camera_enabled=item.camera_enabled
                )

    def _receipt(self, refused: dict[str, Delivery] | None = None) -> Receipt:
        beat_in_s = max(0.0, self._beat_s - self._now())
        return Receipt(beat_in_s, self._driver.room.strain, refused or {})

    async def subscribe(self, subscriber_id: str) -> AsyncIterator[list[RoomEvent | Displaced]]:
        """Events of this room for one ingress replica; the first item is empty: subscribed.

        One stream for each replica, however many sockets it holds. All methods share one event
        loop: Ray would run concurrency groups in threads of their own.
        """
        self._close_subscriber(subscriber_id)
        mailbox: Mailbox[RoomEvent | Displaced] = Mailbox(
            self._settings.room.max_events, partial(self._meter.count, DROPS, Drop.EVENTS_FULL)
        )
        self._subscribers[subscriber_id] = Subscriber(mailbox, self._now())
        yield []
        while events := await mailbox.take():
            yield events

    async def keepalive(self, subscriber_id: str) -> Receipt | None:
        """Say that an ingress replica is alive; None if it is not subscribed."""
        subscriber = self._subscribers.get(subscriber_id)
        if subscriber is None:
            return None
        subscriber.seen_s = self._now()
        return self._receipt()

    async def unsubscribe(self, subscriber_id: str) -> None:
        """End one replica's stream, and let go the participants it held."""
        self._close_subscriber(subscriber_id)
        held = [
            participant_id
            for participant_id, member in self._members.items()
            if member.subscriber_id == subscriber_id
        ]
        for participant_id in held:
            self._remove(participant_id)

    def _displace(self, participant_id: str, connection_id: str) -> None:
        earlier = self._members.get(participant_id)
        if earlier is None or earlier.connection_id == connection_id:
            return
        subscriber = self._subscribers.get(earlier.subscriber_id)
        if subscriber is not None:
            subscriber.events.put(Displaced(participant_id, earlier.connection_id))

    def _holds(self, connection_id: str, participant_id: str) -> bool:
        member = self._members.get(participant_id)
        return member is not None and member.connection_id == connection_id

    def _remove(self, participant_id: str) -> None:
        del self._members[participant_id]
        self._driver.perform(self._driver.room.leave(participant_id))
        self._idle_since_s = self._now()

    def _close_subscriber(self, subscriber_id: str) -> None:
        subscriber = self._subscribers.pop(subscriber_id, None)
        if subscriber is not None:
            subscriber.events.close()
            self._idle_since_s = self._now()

    def _emit(self, effect: Emit) -> None:
        member = self._members.get(effect.participant_id)
        if member is None:
            return
        event = RoomEvent(
            effect.participant_id,
            member.connection_id,
            effect.message.event,
            effect.message.to_wire(),
            effect.to_room,
            traceparent(),
        )
        for subscriber_id, subscriber in self._subscribers.items():
            if effect.to_room or subscriber_id == member.subscriber_id:
                subscriber.events.put(event)

    async def _keep_time(self) -> None:
        period_s = self._settings.session.beat_s
        on_tick = False
        self._beat_s = self._now()
        while True:
            self._beat_s += period_s
            await asyncio.sleep(max(0.0, self._beat_s - self._now()))
            now = self._now()
            # A late beat is not made up for: the next one falls on the same grid.
            self._beat_s += period_s * int(max(0.0, now - self._beat_s) / period_s)
            on_tick = not on_tick
            if not on_tick:
                self._driver.perform(self._driver.room.catch_up(now))
                continue
            self._driver.perform(self._driver.room.tick(now))
            self._count()
            await self._look_after(now)

    def _count(self) -> None:
        room = self._driver.room
        self._meter.gauge(STRAIN, value=room.strain)
        self._meter.follow(DROPS, {str(reason): count for reason, count in room.drops.items()})

    def _room_report(self) -> dict[str, RoomReport]:
        people = len(self._driver.room.participant_ids)
        return {self._room_id: RoomReport(self._life, people, len(self._subscribers))}

    async def _look_after(self, now: float) -> None:
        gone = [
            subscriber_id
            for subscriber_id, subscriber in self._subscribers.items()
            if now - subscriber.seen_s > SUBSCRIBER_TIMEOUT_S
        ]
        for subscriber_id in gone:
            logger.warning("an ingress replica fell silent", extra={"room": self._room_id})
            await self.unsubscribe(subscriber_id)
        empty = not self._members and not self._subscribers
        if empty and now - self._idle_since_s > self._settings.room.idle_s:
            logger.info("room ends, idle", extra={"room": self._room_id})
            await asyncio.to_thread(self._reporter.wait, FAREWELL_S)
            # Leaving by `exit_actor` would wait for the long polls of the pools' handles.
            ray.kill(self._myself, no_restart=True)
