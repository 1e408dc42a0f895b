import argparse
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Who streams what for how long, and when counting begins.

    Attributes:
        participants: how many, in rooms of eight.
        seconds: length of the window that counts.
        warmup: seconds of the same load before it.
        fps: frames a second of each camera.
        speaking: share of the time that each participant speaks.
        burst_fps: frames a second in a burst; 0: there is none.
        burst_seconds: its length.
        burst_after: seconds from the beginning of the window to that of the burst.
        heed: whether frames are thinned to what a ``backpressure`` suggests.
    """

    participants: int
    seconds: float
    warmup: float = 0.0
    fps: float = 5.0
    speaking: float = 1.0
    burst_fps: float = 0.0
    burst_seconds: float = 20.0
    burst_after: float = 10.0
    heed: bool = True

    def camera_fps(self, at_s: float) -> float:
        """Frames a second that a camera gives, `at_s` seconds into the window."""
        bursts = 0 <= at_s - self.burst_after < self.burst_seconds
        return self.burst_fps if self.burst_fps and bursts else self.fps

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

    @staticmethod
    def add_options(parser: argparse.ArgumentParser) -> None:
        """Options of a command line, by the names of the attributes."""
        parser.add_argument("--participants", type=int, required=True)
        parser.add_argument("--seconds", type=float, required=True)
        parser.add_argument("--warmup", type=float, default=0.0)
        parser.add_argument("--fps", type=float, default=5.0)
        parser.add_argument("--speaking", type=float, default=1.0)
        parser.add_argument("--burst-fps", type=float, default=0.0)
        parser.add_argument("--burst-seconds", type=float, default=20.0)
        parser.add_argument("--burst-after", type=float, default=10.0)
        parser.add_argument("--heed", action=argparse.BooleanOptionalAction, default=True)

    @classmethod
    def from_options(cls, options: argparse.Namespace) -> Self:
        """The plan of a command line."""
        return cls(**{name: getattr(options, name) for name in cls.__dataclass_fields__})
