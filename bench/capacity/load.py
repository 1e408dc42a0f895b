"""Who meets whom, and who speaks."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import comb

from hoovik.settings import SessionSettings

ROOM_SIZES: Mapping[int, float] = {2: 0.4, 4: 0.3, 8: 0.2, 12: 0.1}

SESSION = SessionSettings()
"""Rules of the rooms, and with them the pace at which participants are owed results."""


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
    """

    participants: int
    room_sizes: Mapping[int, float] = field(default_factory=lambda: dict(ROOM_SIZES))
    speakers: int = 1
    talking: float = 0.9
    turn_s: float = 6.0
    cameras: float = 1.0
    frames_per_s: float = SESSION.target_fps
    chunks_per_s: float = 10.0

    def rooms(self, seed: int) -> list[int]:
        """Sizes of the rooms, drawn; the last one takes whoever is left."""
        chance = random.Random(seed)
        sizes, weights = list(self.room_sizes), list(self.room_sizes.values())
        rooms: list[int] = []
        while (left := self.participants - sum(rooms)) > 0:
            rooms.append(min(left, chance.choices(sizes, weights)[0]))
        return rooms

    def moments(self, size: int) -> Iterator[tuple[int, int, float]]:
        """What a room may look like at a moment: who speak, cameras that are on, how probable."""
        for speaking, spoken in enumerate(_binomial(min(size, self.speakers), self.talking)):
            for cameras, seen in enumerate(_binomial(size, self.cameras)):
                if spoken * seen:
                    yield speaking, cameras, spoken * seen

    def pause_s(self) -> float:
        """Mean time for which a floor is empty after a turn."""
        return self.turn_s * (1 - self.talking) / self.talking


def _binomial(n: int, share: float) -> list[float]:
    return [comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
