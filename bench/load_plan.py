import argparse
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Self

from hoovik.schema.action import Action

AWAY_S = 3.0
"""How long a microphone or a camera stays off, and somebody who has left stays away."""

INTERRUPTIONS = (
    (Action.MUTE, Action.UNMUTE),
    (Action.CAMERA_OFF, Action.CAMERA_ON),
    (Action.LEAVE, Action.JOIN),
)


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Who streams what for how long, what else they do, and when counting begins.

    Attributes:
        participants: how many.
        seconds: length of the window that counts.
        rooms: that they are dealt out to.
        join_seconds: in which they join one after another, evenly; 0: at once.
        warm: whether everybody has been answered before `warmup` begins; else it begins with the
            first connection, so that rooms open meanwhile.
        warmup: seconds before the window.
        idle: whether they only join, and send nothing.
        fps: frames a second of each camera.
        speaking: share of the time that each participant speaks.
        burst_fps: frames a second in a burst; 0: there is none.
        burst_seconds: its length.
        burst_after: seconds from the beginning of the window to that of the burst.
        heed: whether frames are thinned to what a ``backpressure`` suggests.
        interrupt_every: seconds from one mute, camera off or leave of each participant to its next,
            half of it to one and a half, at least twice `AWAY_S`; 0: they stay and never press a
            button.
        move: whether somebody who comes again does so in a new room, every second time on average.
        seed: of who does what when.
    """

    participants: int
    seconds: float
    rooms: int = 1
    join_seconds: float = 0.0
    warm: bool = False
    warmup: float = 0.0
    idle: bool = False
    fps: float = 5.0
    speaking: float = 1.0
    burst_fps: float = 0.0
    burst_seconds: float = 20.0
    burst_after: float = 10.0
    heed: bool = True
    interrupt_every: float = 0.0
    move: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.rooms <= self.participants:
            raise ValueError(
                f"{self.participants} participants fill 1 to {self.participants} rooms, got {self.rooms}"
            )
        if self.interrupt_every and self.interrupt_every < 2 * AWAY_S + 1:
            raise ValueError(f"at least {2 * AWAY_S + 1:g} s apart, got {self.interrupt_every}")

    def camera_fps(self, at_s: float) -> float:
        """Frames a second that a camera gives, `at_s` seconds into the window."""
        bursts = 0 <= at_s - self.burst_after < self.burst_seconds
        return self.burst_fps if self.burst_fps and bursts else self.fps

    def actions(self, participant: int) -> Iterator[tuple[float, Action]]:
        """(time in seconds, action) of a participant without end, the same for the same seed."""
        chance, at_s = random.Random(f"{self.seed} {participant}"), 0.0
        while self.interrupt_every:
            at_s += chance.uniform(0.5, 1.5) * self.interrupt_every
            begin, end = chance.choice(INTERRUPTIONS)
            yield at_s, begin
            yield at_s + AWAY_S, end

    def room_names(self, participant: int, prefix: str) -> Iterator[str]:
        """Room of each join of a participant, without end."""
        chance, visits = random.Random(f"{self.seed} rooms {participant}"), 0
        room = f"{prefix}-{participant % self.rooms}"
        while True:
            yield room
            visits += 1
            if self.move and chance.random() < 0.5:
                room = f"{prefix}-{participant}-{visits}"

    def as_arguments(self) -> list[str]:
        """The plan for the command line of `bench.load`."""
        arguments = []
        for name, value in asdict(self).items():
            option = name.replace("_", "-")
            if isinstance(value, bool):
                arguments.append(f"--{option}" if value else f"--no-{option}")
            else:
                arguments += [f"--{option}", str(value)]
        return arguments

    @classmethod
    def add_options(cls, parser: argparse.ArgumentParser) -> None:
        """Options of a command line, by the names of the attributes."""
        for field in fields(cls):
            option = f"--{field.name.replace('_', '-')}"
            if field.type is bool:
                parser.add_argument(
                    option, action=argparse.BooleanOptionalAction, default=field.default
                )
            elif field.name in ("participants", "seconds"):
                parser.add_argument(option, type=field.type, required=True)
            else:
                parser.add_argument(option, type=field.type, default=field.default)

    @classmethod
    def from_options(cls, options: argparse.Namespace) -> Self:
        """The plan of a command line."""
        return cls(**{field.name: getattr(options, field.name) for field in fields(cls)})
