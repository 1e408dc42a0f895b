from dataclasses import dataclass, field

from hoovik.settings import RoomSettings

FULL = 1.25
"""A host that has so many times what it should have hands rooms over."""

GRACE_S = 4.0
"""A room that was placed so short a time before a host was asked may still be on its way there."""


@dataclass(frozen=True, slots=True)
class Census:
    """What a host holds.

    Attributes:
        rooms: their names.
        load: their participants; who sends nothing counts for a part of one.
        accepting: whether it takes more rooms.
        pid, node: where it runs.
    """

    rooms: tuple[str, ...]
    load: float
    accepting: bool
    pid: int = 0
    node: str = ""


@dataclass(slots=True)
class _Host:
    rooms: dict[str, float] = field(default_factory=dict)
    load: float = 0.0
    accepting: bool = True
    empty_since_s: float = 0.0


class Roster:
    """Which room host has which room, and how many hosts there should be. Pure: times are arguments.

    Rooms go to the least loaded of the hosts that have some already, and only when those are full
    to one that has none: so there is always one to go to that is warm, when the others fill or die.

    Args:
        settings: how much a host takes, and how many are kept spare.
    """

    def __init__(self, settings: RoomSettings) -> None:
        self._settings = settings
        self._hosts: dict[str, _Host] = {}
        self._of: dict[str, str] = {}

    @property
    def hosts(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self._hosts)

    def host_of(self, room_id: str) -> str | None:
        """Where a room is."""
        return self._of.get(room_id)

    def rooms_of(self, host_id: str) -> set[str]:
        """What a host has."""
        host = self._hosts.get(host_id)
        return set() if host is None else set(host.rooms)

    def add(self, host_id: str, now: float) -> None:
        """Know a host that can take rooms from now on."""
        self._hosts.setdefault(host_id, _Host(empty_since_s=now))

    def lose(self, host_id: str) -> None:
        """Forget a host, and where its rooms were."""
        host = self._hosts.pop(host_id, None)
        for room_id in host.rooms if host is not None else ():
            del self._of[room_id]

    def place(self, room_id: str, now: float) -> str | None:
        """Where a room is, or is to be from now on; None: no host has a place for it."""
        if room_id in self._of:
            return self._of[room_id]
        chosen = self.least_loaded()
        if chosen is not None:
            self.put(room_id, chosen, now)
            # Whoever asks is about to come in; the next census has the true number.
            self._hosts[chosen].load += 1
        return chosen

    def least_loaded(self, but: str | None = None) -> str | None:
        """The host that a room should go to; None where none but `but` takes any."""
        able = [one for one, host in self._hosts.items() if one != but and self._takes(host)]
        return min(able, key=self._order, default=None)

    def put(self, room_id: str, host_id: str, now: float) -> None:
        """Note that a room is at a host."""
        earlier = self._of.get(room_id)
        if earlier is not None:
            self._hosts[earlier].rooms.pop(room_id, None)
        self._of[room_id] = host_id
        self._hosts[host_id].rooms[room_id] = now
        self._hosts[host_id].empty_since_s = now

    def heard(self, host_id: str, census: Census, asked_s: float, now: float) -> set[str]:
        """Bring a host up to date; returns rooms that it must not have, as another has them.

        Args:
            host_id: who answered.
            census: the answer.
            asked_s: when it was asked.
            now: when it answered.
        """
        self.add(host_id, now)
        host = self._hosts[host_id]
        host.accepting, host.load = census.accepting, census.load
        for room_id, placed_s in list(host.rooms.items()):
            if room_id not in census.rooms and asked_s - placed_s > GRACE_S:
                del host.rooms[room_id], self._of[room_id]
        twice = {room for room in census.rooms if self._of.get(room, host_id) != host_id}
        for room_id in census.rooms:
            if room_id not in twice and room_id not in host.rooms:
                self.put(room_id, host_id, now)
        if host.rooms:
            host.empty_since_s = now
        return twice

    def relief(self) -> tuple[str, str] | None:
        """A room to hand over, and to which host: where one has got fuller than it should be.

        People come into rooms that are open, and begin to send, wherever those are.
        """
        most = self._settings.participants_per_host
        for host_id, host in self._hosts.items():
            to = self.least_loaded(but=host_id)
            # A host of one room has nobody to give away; a little more than full is no reason.
            if host.load > FULL * most and len(host.rooms) > 1 and to is not None:
                return next(iter(host.rooms)), to
        return None

    def missing(self) -> int:
        """How many more hosts there should be: one that takes rooms, and the spare ones."""
        wanted = 1 + self._settings.spare_hosts
        return max(0, wanted - sum(map(self._takes, self._hosts.values())))

    def surplus(self, now: float) -> list[str]:
        """Hosts that have been empty for a while, beyond those that are wanted."""
        able = [host_id for host_id, host in self._hosts.items() if self._takes(host)]
        empty = [
            host_id
            for host_id, host in self._hosts.items()
            if not host.rooms
            and (not host.accepting or now - host.empty_since_s > self._settings.idle_s)
        ]
        spared = [host_id for host_id in empty if host_id in able]
        keep = max(0, 1 + self._settings.spare_hosts - (len(able) - len(spared)))
        return [host_id for host_id in empty if host_id not in spared[:keep]]

    def _takes(self, host: _Host) -> bool:
        most = self._settings.rooms_per_host
        return (
            host.accepting
            and host.load < self._settings.participants_per_host
            and (most is None or len(host.rooms) < most)
        )

    def _order(self, host_id: str) -> tuple[bool, float, int]:
        host = self._hosts[host_id]
        return not host.rooms, host.load, len(host.rooms)
