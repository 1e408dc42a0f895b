from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hoovik.features.anomaly import MIN_VALID_STEPS
from hoovik.features.sequence import Sequence, build_sequence
from hoovik.layout import WINDOW_S
from hoovik.schema.drop import Drop
from hoovik.schema.emotion import Profile
from hoovik.schema.reason import Reason
from hoovik.session.effects import Timings
from hoovik.session.sight import CameraFrame, FaceStream, Sighting
from hoovik.session.voice import SpeechWindow
from hoovik.telemetry.measures import Stage


@dataclass(slots=True, eq=False)
class Step:
    """One time step.

    Attributes:
        number: counts up over the participant's life.
        closed_s: when its window ended, 0.3 s after its centre.
        due: whether media for it were arriving when it closed.
        begun: whether its features were asked for.
        window: the sound behind it, where there was speech.
        frame: the frame that is looked at for it, until the answer comes.
        audio: (1024,) float32, once encoded.
        waits_for: features that are under way and that it waits for, by what would be lost.
        encode_s: how long the slower of its features was being computed.
    """

    number: int
    closed_s: float
    due: bool
    begun: bool = False
    window: SpeechWindow | None = None
    frame: CameraFrame | None = None
    audio: NDArray[np.float32] | None = None
    waits_for: set[Drop] = field(default_factory=set)
    encode_s: float = 0.0

    @property
    def time_s(self) -> float:
        """Its centre."""
        return self.closed_s - WINDOW_S / 2


@dataclass(frozen=True, slots=True)
class Question:
    """One sequence on its way to the models, what it rests on, and what is wrong with the media."""

    step: Step
    sequence: Sequence
    window: SpeechWindow | None
    sighting: Sighting | None
    faults: tuple[Reason, ...] = ()

    @property
    def rests_on_face(self) -> bool:
        """Whether any of its steps shows a face."""
        return self.sequence.profile.has_face

    @property
    def newest_s(self) -> float:
        """Arrival of the newest sample that the answer will rest on."""
        arrivals = [basis.arrived_s for basis in (self.window, self.sighting) if basis is not None]
        return max(arrivals, default=self.step.time_s)

    def timings(self, anomaly: bool, now: float, work_s: float) -> Timings:
        """The time from the newest sample to an answer at `now`, computed for `work_s`, in stages."""
        spent_s = {
            Stage.CLOCK: self.step.closed_s - self.newest_s,
            Stage.ENCODE: self.step.encode_s,
            Stage.PREDICT: work_s,
        }
        spent_s[Stage.QUEUE] = now - self.newest_s - sum(spent_s.values())
        return Timings(self.sequence.profile, anomaly, spent_s)


def question_about(
    step: Step, steps: Iterable[Step], sight: FaceStream, live: Profile, nearest_s: float
) -> Question | None:
    """What to ask the models at a step; None where nothing is new since the last answer.

    Of two modalities one that is unfit is left out: the other alone says more than both.

    Args:
        step: whose features are there.
        steps: the last ones, in order; later ones than `step` are passed over.
        sight: what was seen.
        live: the modalities that are.
        nearest_s: a face this near to a step belongs to it.
    """
    earlier = [one for one in steps if one.number <= step.number]
    times, vectors, expressions = sight.recent(step.closed_s)
    sighting = sight.nearest(step.time_s) if live.has_face else None
    heard = step.window.faults if step.window is not None else ()
    seen = (
        *(sighting.faults if sighting is not None else ()),
        *((Reason.FROZEN,) if live.has_face and sight.is_frozen else ()),
    )
    if heard and sighting is not None and not seen:
        live = Profile.VIDEO_ONLY
    elif seen and step.audio is not None and not heard:
        live = Profile.AUDIO_ONLY
    sequence = build_sequence(
        [one.time_s for one in earlier],
        [one.audio for one in earlier],
        times,
        vectors,
        live,
        expressions=expressions,
        nearest_s=nearest_s,
    )
    # A modality that is live but has no feature in any step, as when its worker was lost, would
    # only be announced to the models, not shown.
    profile = Profile.of(audio=bool(sequence.audio_mask.any()), face=bool(sequence.face_mask.any()))
    if profile is None:
        return None
    window = step.window if profile.has_audio and step.audio is not None else None
    sighting = sighting if profile.has_face else None
    if window is None and sighting is None:
        return None
    masks = (sequence.audio_mask, sequence.face_mask)
    faults = [*heard, *seen]
    if any(0 < mask.sum() < MIN_VALID_STEPS for mask in masks):
        faults.append(Reason.TOO_SHORT)
    if sight.shows_nobody and not profile.has_face:
        faults.append(Reason.NO_FACE)
    return Question(step, replace(sequence, profile=profile), window, sighting, tuple(faults))


class Outstanding:
    """What one participant's requests wait for: at most one answer of each pool.

    A pool that let a step down is in doubt until it answers in time.

    Args:
        late_s: an answer within this time is in time.
        answer_s: one that takes longer than this is overdue.
    """

    def __init__(self, late_s: float, answer_s: float) -> None:
        self._late_s = late_s
        self._answer_s = answer_s
        # By what would be lost: the step, and when it was asked for.
        self._asked: dict[Drop, tuple[Step, float]] = {}
        self._doubted: set[Drop] = set()

    def __contains__(self, what: Drop) -> bool:
        return what in self._asked

    def ask(self, what: Drop, step: Step, now: float) -> None:
        """Note that something is asked for a step."""
        self._asked[what] = step, now

    def take(self, what: Drop, number: int, now: float) -> Step | None:
        """The step of that number that an answer is for; None: it comes too late for anything."""
        step, asked_s = self._asked.get(what, (None, 0.0))
        if step is None or step.number != number:
            return None
        del self._asked[what]
        if now - asked_s < self._late_s:
            self._doubted.discard(what)
        return step

    def overdue(self, now: float) -> list[tuple[Drop, Step]]:
        """Give up what takes too long: what is lost, and of which step."""
        given_up = [
            (what, step)
            for what, (step, asked_s) in self._asked.items()
            if now - asked_s > self._answer_s
        ]
        for what, _ in given_up:
            del self._asked[what]
            self._doubted.add(what)
        return given_up

    def doubt(self, what: Drop) -> None:
        """Note that a pool has let a step down."""
        self._doubted.add(what)

    def in_doubt(self, what: Drop) -> bool:
        """Whether a pool has let a step down, and not answered in time since."""
        return what in self._doubted

    def forget(self, what: Drop, step: Step | None = None) -> None:
        """Let an answer find nothing; with a step, only if it is for that one."""
        asked = self._asked.get(what)
        if asked is not None and step in (None, asked[0]):
            del self._asked[what]
