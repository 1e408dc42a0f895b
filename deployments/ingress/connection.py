import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Protocol

from actors.mailbox import Mailbox
from actors.parcel import Parcel, SoundItem, StateItem
from actors.supervisor import Supervisor
from actors.tracing import span
from deployments.ingress.decoding import MediaDecoder, SoundFile
from deployments.ingress.inbox import LIMITS, Inbox
from hoovik.errors import (
    CapacityError,
    ConsentRequiredError,
    ForbiddenParticipantError,
    HoovikError,
    ProtocolError,
)
from hoovik.schema.drop import Drop
from hoovik.schema.inbound import Join, MediaState, Message, Ping, Role, parse
from hoovik.schema.outbound import (
    Backpressure,
    Basis,
    EmotionError,
    EmotionResult,
    OutboundEvent,
    Pong,
    ServerStatus,
)
from hoovik.session.messages import server_status
from hoovik.settings import Settings
from hoovik.telemetry.measures import DROPS, ERRORS, LATENCY, Stage
from hoovik.telemetry.meter import Meter

logger = logging.getLogger(__name__)

MAX_OUTGOING = 200
"""Messages kept for a client that does not read."""

SEND_S = 30.0
"""A client that takes nothing for so long is gone."""

Send = Callable[[str, dict[str, Any]], Awaitable[None]]
Close = Callable[[HoovikError], Awaitable[None]]


class Place(Protocol):
    """A room, as a connection sees it."""

    async def add(self, connection: "Connection") -> None:
        """Enter; returns once the room has let the connection in."""
        ...

    async def remove(self, connection: "Connection") -> None:
        """Leave."""
        ...

    def brought(self, connection: "Connection", *, urgent: bool) -> None:
        """Something came in that the next delivery should take, at once where it is urgent."""
        ...


class Connection:
    """One socket, whatever its transport: validates what comes in and never makes it wait.

    Args:
        join: who the socket speaks for, and where.
        send: writes one event to the socket.
        close: ends the socket, because of an error that it has been told.
        place: the room.
        meter: counts what is lost here, errors, and how long results took.
    """

    def __init__(
        self,
        join: Join,
        send: Send,
        close: Close,
        place: Place,
        settings: Settings,
        meter: Meter,
    ) -> None:
        self.id = uuid.uuid4().hex
        self.join = join
        self._send = send
        self._close = close
        self._place = place
        self._settings = settings
        self._decoder = MediaDecoder(join.participant_id, settings)
        self._meter = meter
        self._drop = partial(meter.count, DROPS)
        self._inbox = Inbox(
            settings.session.target_fps,
            self._drop,
            sound_s=settings.audio.max_buffer_s,
            picture_bytes=settings.face.max_bytes,
        )
        self._outbox: Mailbox[tuple[str, dict[str, Any], str | None]] = Mailbox(
            MAX_OUTGOING, partial(meter.count, DROPS, Drop.OUTBOX_FULL)
        )
        self._supervisor = Supervisor()
        self._decoding: set[asyncio.Task[None]] = set()
        self._eviction: asyncio.Task[None] | None = None
        self._may_be_read = join.consent or not settings.auth.require_consent
        self._was_told = False

    @property
    def is_observer(self) -> bool:
        """Whether the socket only watches."""
        return self.join.role is Role.OBSERVER

    @property
    def state(self) -> StateItem:
        """The participant's buttons, as last pressed."""
        return self._decoder.state

    def open(self) -> None:
        """Enter the room in the background; media sent meanwhile wait in the inbox."""
        self._supervisor.keep("enter a room", self._enter)
        self._supervisor.keep("write to a socket", self._write)

    async def ended(self) -> None:
        """Leave the room: the socket is gone."""
        self._supervisor.close()
        for task in self._decoding:
            task.cancel()
        # A socket that this connection itself closes ends within that very task.
        if self._eviction is not None and self._eviction is not asyncio.current_task():
            self._eviction.cancel()
        await self._place.remove(self)

    def hear(self, event: str, payload: Any) -> None:
        """Take in one event as it came; raises HoovikError where it is at fault."""
        try:
            message = parse(event, payload)
        except ProtocolError:
            self._decoder.skip(event, payload)
            raise
        self.receive(message)

    def receive(self, message: Message) -> None:
        """Take in one message; raises HoovikError where it is at fault."""
        if isinstance(message, Ping):
            self.say(Pong(ts=time.time()))
            return
        if self.is_observer:
            raise ForbiddenParticipantError("an observer sends no media and has no media state")
        if not self._may_be_read and not isinstance(message, MediaState):
            self._refuse_media()
            return
        for item in self._decoder.decode(message):
            if isinstance(item, SoundFile):
                self._decode(item)
                continue
            self._inbox.put(item)
            self._place.brought(self, urgent=isinstance(item, StateItem))

    def _decode(self, file: SoundFile) -> None:
        if len(self._decoding) >= LIMITS[SoundFile]:
            self._drop(Drop.INBOX_FULL)
            return
        self._inbox.put(file)
        task = asyncio.create_task(self._open(file))
        self._decoding.add(task)
        task.add_done_callback(self._decoding.discard)

    async def _open(self, file: SoundFile) -> None:
        sound: SoundItem | None = None
        try:
            sound = await self._decoder.open(file)
        except CapacityError:
            self._drop(Drop.INBOX_FULL)
        except HoovikError as error:
            self.complain(error)
        finally:
            self._inbox.settle(file, sound)
            self._place.brought(self, urgent=False)

    def parcel(self) -> Parcel | None:
        """What came in since the last one; None: nothing."""
        items, surplus = self._inbox.take()
        if not items and not surplus:
            return None
        return Parcel(self.join.room_id, self.id, self.join.participant_id, items, surplus)

    def _refuse_media(self) -> None:
        # In words once: a client that takes no notice sends fifteen of them a second.
        if self._was_told:
            return
        self._was_told = True
        raise ConsentRequiredError(
            'this service reads only who has agreed to it: join with "consent": true'
        )

    def say(self, message: OutboundEvent) -> None:
        """Send one message of the ingress's own."""
        self.forward(message.event, message.to_wire())

    def forward(self, event: str, payload: dict[str, Any], trace: str | None = None) -> None:
        """Send one message that a room made; a client too slow to read loses the oldest."""
        if event == Backpressure.event:
            self._inbox.ask(payload["suggestedFps"], time.monotonic())
        elif event == ServerStatus.event:
            self._inbox.ask(payload["targetFps"], time.monotonic())
        self._outbox.put((event, payload, trace))

    def complain(self, error: HoovikError) -> None:
        """Tell the client what was wrong with what it sent."""
        self.say(error_message(error, self.join.participant_id))

    def expel(self, error: HoovikError) -> None:
        """Tell the client why it has to go, and end its socket, in the background."""
        if self._eviction is not None:
            return
        self._meter.count(ERRORS, error.code)
        message = error_message(error, self.join.participant_id)
        self._end(
            partial(self._send, message.event, message.to_wire()), partial(self._close, error)
        )

    def _end(self, *steps: Callable[[], Awaitable[None]]) -> None:
        if self._eviction is None:
            self._eviction = asyncio.create_task(self._evict(steps))

    async def _evict(self, steps: Iterable[Callable[[], Awaitable[None]]]) -> None:
        for step in steps:
            try:
                async with asyncio.timeout(SEND_S):
                    await step()
            except Exception:
                logger.info("a socket was gone before it was closed", extra=self._who)

    async def _write(self) -> None:
        while messages := await self._outbox.take():
            for event, payload, trace in messages:
                try:
                    with span("Ingress", trace):
                        async with asyncio.timeout(SEND_S):
                            await self._send(event, payload)
                except Exception as fault:
                    cause = type(fault).__name__
                    logger.info("a socket takes no messages: %s", cause, extra=self._who)
                    self._end(partial(self._close, HoovikError("it took no messages")))
                    return
                self._measure(event, payload)

    @property
    def _who(self) -> dict[str, str]:
        return {"room": self.join.room_id, "participant": self.join.participant_id}

    def _measure(self, event: str, payload: dict[str, Any]) -> None:
        if event == EmotionError.event:
            self._meter.count(ERRORS, payload["code"])
        elif event == EmotionResult.event and not self.is_observer:
            begun_s = self._decoder.arrivals.newest_s(Basis.model_validate(payload["basis"]))
            if begun_s is not None:
                latency_ms = 1000 * (time.monotonic() - begun_s)
                profile = payload["result"]["modality"]
                observe = partial(self._meter.observe, LATENCY, profile)
                observe(Stage.END_TO_END, value=latency_ms)
                # The room's clock began when the sample had come there.
                observe(Stage.INGRESS, value=latency_ms - payload["latencyMs"])

    async def _enter(self) -> None:
        try:
            await self._place.add(self)
        except HoovikError as refusal:
            self.expel(refusal)
        except Exception:
            logger.exception("a connection failed", extra=self._who)
            self.expel(HoovikError("the service failed; connect again"))
        else:
            if self.is_observer:
                join, now = self.join, time.time()
                self.say(
                    server_status(self._settings, join.room_id, join.participant_id, None, now)
                )


def error_message(error: HoovikError, participant_id: str | None = None) -> EmotionError:
    """The wire message of an error."""
    return EmotionError(
        code=error.code, message=error.message, participant_id=participant_id, ts=time.time()
    )
