from collections import Counter, deque
from dataclasses import dataclass, field

from hoovik.schema.stats import RoomCounts
from hoovik.telemetry.measures import ANOMALIES, DROPS, RESULTS, Source
from hoovik.telemetry.meter import Key, Report, RoomReport

RATE_REPORTS = 3
"""Rates are those over a process's last reports, some twelve seconds."""

HANDED_OVER_S = 10.0
"""A room that was handed over is in its next host's report by then."""

ROOMS_SHOWN = 100


@dataclass(slots=True)
class _Room:
    """One room over its life, restarts and hosts included.

    Attributes:
        host: who reported it last; None: nobody has it.
        left_s: since when nobody has.
        lost: whether that is because its host fell silent.
        recent: its last reports, and the time that each is of.
    """

    newest: RoomReport
    host: Source | None = None
    left_s: float = 0.0
    lost: bool = False
    totals: Counter[Key] = field(default_factory=Counter)
    restarts: int = 0
    recent: deque[tuple[RoomReport, float]] = field(
        default_factory=lambda: deque(maxlen=RATE_REPORTS)
    )

    def take(self, host: Source, news: RoomReport, span_s: float) -> None:
        self.restarts += news.life != self.newest.life
        self.host, self.newest = host, news
        self.totals.update(news.counts)
        self.recent.append((news, span_s))

    def told(self, name: str) -> RoomCounts:
        span_s = sum(span_s for _, span_s in self.recent)
        return RoomCounts(
            room=name,
            participants=self.newest.participants,
            ingress_replicas=self.newest.links,
            results_per_s=sum(news.counts[RESULTS,] for news, _ in self.recent) / span_s,
            cpu=sum(news.cpu_s for news, _ in self.recent) / span_s,
            results=self.totals[RESULTS,],
            anomalies=self.totals[ANOMALIES,],
            drops={key[1]: n for key, n in sorted(self.totals.items()) if key[0] == DROPS and n},
            restarts=self.restarts,
        )


class Rooms:
    """The rooms that hosts report. One that another host has next, with the same life, moved."""

    def __init__(self) -> None:
        self._rooms: dict[str, _Room] = {}

    def __len__(self) -> int:
        return sum(room.host is not None for room in self._rooms.values())

    @property
    def participants(self) -> int:
        """Participants in all of them."""
        return sum(room.newest.participants for room in self._rooms.values() if room.host)

    def take(self, host: Source, report: Report, now: float) -> None:
        """Take in what a host says of its rooms; one that it no longer names has left it."""
        for name, news in report.rooms.items():
            room = self._rooms.get(name)
            begun_anew = room is not None and room.newest.life != news.life
            if room is None or (begun_anew and room.host is None and not room.lost):
                room = self._rooms[name] = _Room(news)
            room.take(host, news, report.span_s)
        self._leave(host, now, set(report.rooms))

    def leave(self, host: Source, now: float, *, lost: bool) -> None:
        """Note that a host is gone, in order or lost, and with it the rooms nobody else has."""
        self._leave(host, now, set(), lost=lost)

    def expire(self, now: float) -> None:
        """Forget rooms that have ended."""
        for name, room in list(self._rooms.items()):
            if room.host is None and now - room.left_s > HANDED_OVER_S:
                del self._rooms[name]

    def fullest(self) -> list[RoomCounts]:
        """Those with the most participants."""
        told = [room.told(name) for name, room in self._rooms.items() if room.host]
        return sorted(told, key=lambda room: (-room.participants, room.room))[:ROOMS_SHOWN]

    def _leave(self, host: Source, now: float, but: set[str], *, lost: bool = False) -> None:
        for name, room in self._rooms.items():
            if room.host == host and name not in but:
                room.host, room.left_s, room.lost = None, now, lost
