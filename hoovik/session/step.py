from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.features.sequence import Sequence
from hoovik.layout import WINDOW_S
from hoovik.session.sight import Picture, Sighting
from hoovik.session.voice import Window


@dataclass(slots=True)
class Step:
    """One time step.

    Attributes:
        number: counts up over the participant's life.
        closed_s: when its window ended, 0.3 s after its centre.
        due: whether media for it were arriving when it closed.
        begun: whether its features were asked for.
        window: the sound behind it, where there was speech.
        picture: the frame that is looked at for it, until the answer comes.
        audio: (1024,) float32, once encoded.
        asked: features that were asked for.
        pending: those of them that it still waits for.
        encode_s: how long the slower of its features was being computed.
    """

    number: int
    closed_s: float
    due: bool
    begun: bool = False
    window: Window | None = None
    picture: Picture | None = None
    audio: NDArray[np.float32] | None = None
    asked: int = 0
    pending: int = 0
    encode_s: float = 0.0

    @property
    def time_s(self) -> float:
        """Its centre."""
        return self.closed_s - WINDOW_S / 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is not answered yet: its time step, and when it was asked."""

    number: int
    asked_s: float


@dataclass(frozen=True, slots=True)
class Question:
    """One sequence on its way to the models, and what it rests on."""

    step: Step
    sequence: Sequence
    window: Window | None
    sighting: Sighting | None

    @property
    def rests_on_face(self) -> bool:
        """Whether any of its steps shows a face."""
        return self.sequence.profile.has_face

    @property
    def newest_s(self) -> float:
        """Arrival of the newest sample that the answer will rest on."""
        arrivals = [basis.arrived_s for basis in (self.window, self.sighting) if basis is not None]
        return max(arrivals, default=self.step.time_s)
