from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from actors.parcel import (
    Displaced,
    Entry,
    HostEvent,
    Parcel,
    PictureItem,
    Refusal,
    RoomEvent,
    SoundItem,
    StateItem,
)
from actors.tracing import traceparent
from hoovik.layout import SEQ_LEN
from hoovik.schema.drop import Drop
from hoovik.session.effects import Effect, Emit, Timings
from hoovik.session.room import Room
from hoovik.telemetry.measures import ANOMALIES, DROPS, RESULTS
from hoovik.telemetry.meter import Key, RoomReport

RETURN_S = 60.0
"""Who left so short a time ago comes back to a place that is still theirs."""

LATELY = 5.0
"""Seconds over which it is judged what a room takes."""

Post = Callable[[str, HostEvent], None]
"""Hands an event to a link; takes the link's name first."""

Measure = Callable[[Timings], None]
"""Takes in where the time of a result went."""


@dataclass(frozen=True, slots=True)
class Member:
    """A socket in a room, and the ingress replica that holds it."""

    connection_id: str
    link_id: str


@dataclass(frozen=True, slots=True)
class RoomState:
    """A whole room on its way from host to host.

    Attributes:
        room: with all that it remembers of its participants.
        now_s: its time as it left.
        life: its own name for as long as it remembers.
        members: sockets of its participants.
        observers: sockets that watch.
        counts: what it counted and did not report.
        left_s: who left lately, and how long ago.
    """

    room: Room
    now_s: float
    life: str
    members: dict[str, Member]
    observers: dict[str, Member]
    counts: Counter[Key]
    left_s: dict[str, float]


@dataclass(slots=True)
class HostedRoom:
    """What is one room's alone: its state machine, who speaks in it, who watches it, what it cost.

    Times are the host's; a room that came from another host goes on by its own clock, which is
    `ahead_s` ahead of this one.

    Attributes:
        room: the state machine.
        life: a name that it keeps as long as it remembers; one that begins anew has another.
        post: takes what it says.
        measure: takes how long its results took.
        members: by participant.
        observers: by connection.
        cpu_s: what it has taken of its host.
        lately_s: the same a second, over the last seconds.
        empty_since_s: since when nobody is in it.
    """

    room: Room
    life: str
    post: Post
    measure: Measure
    empty_since_s: float
    ahead_s: float = 0.0
    members: dict[str, Member] = field(default_factory=dict)
    observers: dict[str, Member] = field(default_factory=dict)
    cpu_s: float = 0.0
    lately_s: float = 0.0
    _quiet_ticks: int = 0
    _left_s: dict[str, float] = field(default_factory=dict)
    _counts: Counter[Key] = field(default_factory=Counter)
    _drops: Counter[Drop] = field(default_factory=Counter)
    _reported_cpu_s: float = 0.0
    _stock_cpu_s: float = 0.0

    @classmethod
    def taken_over(cls, state: RoomState, post: Post, measure: Measure, now: float) -> "HostedRoom":
        """The room of another host, as it left there."""
        hosted = cls(state.room, state.life, post, measure, now, ahead_s=state.now_s - now)
        hosted.members, hosted.observers = state.members, state.observers
        hosted._left_s = {who: now - ago_s for who, ago_s in state.left_s.items()}
        hosted._counts, hosted._drops = Counter(state.counts), Counter(state.room.drops)
        return hosted

    def state(self, now: float) -> RoomState:
        """All of it, for another host."""
        members, observers = dict(self.members), dict(self.observers)
        left_s = {who: now - left_s for who, left_s in self._left_s.items()}
        return RoomState(
            self.room,
            self.time(now),
            self.life,
            members,
            observers,
            self.report().counts,
            left_s,
        )

    def time(self, now: float) -> float:
        """The host's time on the room's clock."""
        return now + self.ahead_s

    @property
    def links(self) -> set[str]:
        """Ingress replicas with sockets in it."""
        everyone = (*self.members.values(), *self.observers.values())
        return {member.link_id for member in everyone}

    def enter(self, entry: Entry, link_id: str, now: float) -> list[Effect]:
        """Let a socket in, in place of any earlier one of its participant; raises CapacityError."""
        member = Member(entry.connection_id, link_id)
        who = entry.participant_id
        if who is None:
            self.observers[entry.connection_id] = member
            return []
        effects = self.room.join(who, self.time(now))
        earlier = self.members.get(who)
        if earlier is not None and earlier.connection_id != entry.connection_id:
            self.post(earlier.link_id, Displaced(self.room.id, who, earlier.connection_id))
        self.members[who] = member
        return effects + self._press(who, entry.state)

    def leave(self, connection_id: str, now: float) -> list[Effect]:
        """Let a socket go, if it is here."""
        self.observers.pop(connection_id, None)
        gone = [who for who, one in self.members.items() if one.connection_id == connection_id]
        effects: list[Effect] = []
        for who in gone:
            del self.members[who]
            self._left_s[who] = now
            effects += self.room.leave(who)
        self._note_empty(now)
        return effects

    def knows(self, participant_id: str, now: float) -> bool:
        """Whether somebody is in the room, or was a moment ago."""
        self._left_s = {
            who: left_s for who, left_s in self._left_s.items() if now - left_s < RETURN_S
        }
        return participant_id in self.members or participant_id in self._left_s

    def forget_link(self, link_id: str, now: float) -> list[Effect]:
        """Let every socket of an ingress replica go."""
        everyone = (*self.members.values(), *self.observers.values())
        effects: list[Effect] = []
        for member in [one for one in everyone if one.link_id == link_id]:
            effects += self.leave(member.connection_id, now)
        return effects

    def _note_empty(self, now: float) -> None:
        if not self.members and not self.observers:
            self.empty_since_s = now

    def idle_s(self, now: float) -> float:
        """How long nobody has been in it."""
        return 0.0 if self.members or self.observers else now - self.empty_since_s

    def unpack(self, parcel: Parcel, offset_s: float, now: float) -> Refusal | None:
        """Take in what a socket sent, in order; returns why not, where it is not taken.

        Args:
            parcel: with times on its sender's clock.
            offset_s: from that clock to the host's.
            now: nothing has arrived later than this.
        """
        member = self.members.get(parcel.participant_id)
        if member is None:
            return Refusal.UNKNOWN
        if member.connection_id != parcel.connection_id:
            return Refusal.REPLACED
        self._quiet_ticks = 0
        room, who = self.room, parcel.participant_id
        if parcel.surplus:
            room.surplus(who, parcel.surplus)
        for item in parcel.items:
            if isinstance(item, StateItem):
                self._press(who, item)
                continue
            arrived_s = self.time(min(now, item.arrived_s + offset_s))
            if isinstance(item, SoundItem):
                room.audio(who, item.samples, item.source_hz, item.sequence_number, arrived_s)
            elif isinstance(item, PictureItem):
                room.frame(who, item.image, item.sequence_number, arrived_s)
        return None

    def _press(self, who: str, state: StateItem) -> list[Effect]:
        return self.room.media_state(
            who, mic_enabled=state.mic_enabled, camera_enabled=state.camera_enabled
        )

    @property
    def is_asleep(self) -> bool:
        """Whether closing its steps would change nothing: all that it remembers of are empty."""
        return self._quiet_ticks > SEQ_LEN

    def close_steps(self, now: float) -> list[Effect]:
        """Close a step of everybody in it; after enough of them with nothing to read it sleeps."""
        effects = self.room.close_steps(self.time(now))
        busy = self.room.under_way or self.room.sending(self.time(now))
        self._quiet_ticks = 0 if busy else self._quiet_ticks + 1
        return effects

    def emit(self, effect: Emit) -> None:
        """Say something to a participant, and where it is for all to the observers."""
        if effect.timings is not None:
            self._counts[RESULTS,] += 1
            self._counts[ANOMALIES,] += effect.timings.anomaly
            self.measure(effect.timings)
        member = self.members.get(effect.participant_id)
        if member is None:
            return
        event = RoomEvent(
            self.room.id,
            effect.participant_id,
            member.connection_id,
            effect.message.event,
            effect.message.to_wire(),
            effect.to_room,
            traceparent(),
        )
        links = {member.link_id}
        if effect.to_room:
            links |= {one.link_id for one in self.observers.values()}
        for link_id in links:
            self.post(link_id, event)

    def take_stock(self) -> None:
        """Once a second: what it took lately."""
        taken_s, self._stock_cpu_s = self.cpu_s - self._stock_cpu_s, self.cpu_s
        self.lately_s += (taken_s - self.lately_s) / LATELY

    def report(self) -> RoomReport:
        """What it counted since the last time."""
        drops = self.room.drops
        for reason, count in drops.items():
            self._counts[DROPS, str(reason)] += count - self._drops[reason]
        self._drops = Counter(drops)
        counts, self._counts = +self._counts, Counter()
        cpu_s, self._reported_cpu_s = self.cpu_s - self._reported_cpu_s, self.cpu_s
        return RoomReport(
            life=self.life,
            participants=len(self.members),
            links=len(self.links),
            counts=counts,
            cpu_s=cpu_s,
        )
