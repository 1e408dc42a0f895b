"""Who meets whom, and who speaks."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

ROOM_SIZES: Mapping[int, float] = {2: 0.4, 4: 0.3, 8: 0.2, 12: 0.1}


@dataclass(frozen=True)
class Load:
    """Participants in rooms, who take turns.

    In each room `speakers` have the floor at a time. A turn lasts `turn_s` on average, and before
    the next one that floor is empty for so long that somebody has it `talking` of the time. As many
    speakers as participants and `talking` 1: nobody ever pauses.

    Attributes:
        participants: in all rooms together.
        room_sizes: share of the rooms by size.
        speakers: floors in a room; no more than it has participants.
        talking: share of the time in which somebody has a floor.
        turn_s: mean of a turn (exponential).
        cameras: share of participants whose camera is on. Every microphone is.
        frames_per_s, chunks_per_s: what each sends, speaking or not.
        tick_s: one time step, `Settings.session.tick_s`.
    """

    participants: int
    room_sizes: Mapping[int, float] = field(default_factory=lambda: dict(ROOM_SIZES))
    speakers: int = 1
    talking: float = 0.9
    turn_s: float = 6.0
    cameras: float = 1.0
    frames_per_s: float = 5.0
    chunks_per_s: float = 10.0
    tick_s: float = 0.3

    def rooms(self, chance: random.Random) -> list[int]:
        """Sizes of the rooms; the last one takes whoever is left."""
        sizes, weights = list(self.room_sizes), list(self.room_sizes.values())
        rooms: list[int] = []
        while (left := self.participants - sum(rooms)) > 0:
            rooms.append(min(left, chance.choices(sizes, weights)[0]))
        return rooms

    def speaking_share(self) -> float:
        """Expected share of the participants who speak at a moment."""
        mean_size = sum(size * share for size, share in self.room_sizes.items())
        floors = sum(min(size, self.speakers) * share for size, share in self.room_sizes.items())
        return self.talking * floors / mean_size

    def pause_s(self) -> float:
        """Mean time for which a floor is empty after a turn."""
        return self.turn_s * (1 - self.talking) / self.talking
