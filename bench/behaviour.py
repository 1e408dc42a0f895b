"""How a participant of a load test behaves, apart from streaming: presses buttons, and bursts."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from hoovik.schema.action import Action


@dataclass(frozen=True, slots=True)
class Habits:
    """How often it does what.

    Attributes:
        toggle_every_s: seconds between two buttons on average; 0: never.
        burst_every_s: seconds from the end of one burst to the next; 0: never.
        burst_s: length of a burst.
        burst_fps: frames a second in one, whatever the service asks for.
    """

    toggle_every_s: float = 10.0
    burst_every_s: float = 30.0
    burst_s: float = 5.0
    burst_fps: float = 30.0


class Behaviour:
    """One participant's, the same for the same seed. Times count from its join, and only rise.

    Attributes:
        mic, camera: whether they are on.
        toggles, bursts: so far.
    """

    def __init__(self, habits: Habits, seed: int) -> None:
        self._habits = habits
        self._random = random.Random(seed)
        self._burst_begins_s = habits.burst_every_s or inf
        self._toggle_s = self._next_toggle(0.0)
        self.mic = self.camera = True
        self.toggles = self.bursts = 0

    def actions(self, now_s: float) -> Iterator[Action]:
        """Buttons that are pressed by now."""
        while now_s >= self._toggle_s:
            self._toggle_s = self._next_toggle(self._toggle_s)
            self.toggles += 1
            if self._random.random() < 0.5:
                self.mic = not self.mic
                yield Action.UNMUTE if self.mic else Action.MUTE
            else:
                self.camera = not self.camera
                yield Action.CAMERA_ON if self.camera else Action.CAMERA_OFF

    def fps(self, now_s: float, asked_fps: float) -> float:
        """Frames a second to send now."""
        if now_s >= self._burst_begins_s + self._habits.burst_s:
            self._burst_begins_s += self._habits.burst_s + self._habits.burst_every_s
            self.bursts += 1
        return self._habits.burst_fps if now_s >= self._burst_begins_s else asked_fps

    def _next_toggle(self, after_s: float) -> float:
        every_s = self._habits.toggle_every_s
        return after_s + self._random.uniform(0.5, 1.5) * every_s if every_s else inf
