"""What one timeline comes to in numbers. Flagged results count in coverage alone."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.reason import Reason
from replay.timeline import ParticipantTimeline, Results


@dataclass(frozen=True, slots=True)
class EmotionFigures:
    """How often each emotion was told, and how probable it was.

    Attributes:
        n: results that they rest on, the flagged ones left out.
        uncertain: of these, in which no single emotion stands out.
        shares: (6,) of those results, in the order of `EMOTIONS`; NaN where n is 0.
        mean_probs: (6,) over those results; NaN where n is 0.
    """

    n: int
    uncertain: int
    shares: NDArray[np.float64]
    mean_probs: NDArray[np.float64]

    def top(self) -> int | None:
        """Index of what was told most; the first of equals, None without results."""
        return int(self.shares.argmax()) if self.n else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a recording led to a result.

    Attributes:
        ticks: that the recording has room for.
        profiles: results by what they rest on, flagged ones among them.
        flagged: results that a client would suppress.
        reasons: results by what is wrong with their input, told alone or why they are flagged.
    """

    ticks: int
    profiles: dict[Profile, int]
    flagged: int
    reasons: dict[Reason, int]

    @property
    def results(self) -> int:
        """Ticks with a result."""
        return sum(self.profiles.values())

    @property
    def audio(self) -> int:
        """Ticks whose result rests on the voice, alone or with the face."""
        return sum(n for profile, n in self.profiles.items() if profile.has_audio)

    @property
    def face(self) -> int:
        """Ticks whose result rests on the face, alone or with the voice."""
        return sum(n for profile, n in self.profiles.items() if profile.has_face)

    def of_ticks(self, n: int) -> float | None:
        """Share of the recording's ticks; None where it has none."""
        return n / self.ticks if self.ticks else None

    @property
    def flagged_share(self) -> float | None:
        """Share of the results that are flagged; None without results."""
        return self.flagged / self.results if self.results else None


def emotion_figures(results: Results) -> EmotionFigures:
    """Shares and means over the results that are not flagged, each of which counts the same."""
    usual = ~results.anomaly
    n = int(usual.sum())
    if n == 0:
        none = np.full(len(EMOTIONS), np.nan)
        return EmotionFigures(0, 0, none, none)
    told = np.asarray(results.emotion)[usual]
    return EmotionFigures(
        n=n,
        uncertain=int(results.uncertain[usual].sum()),
        shares=np.array([np.mean(told == emotion) for emotion in EMOTIONS], np.float64),
        mean_probs=results.probs[usual].mean(axis=0, dtype=np.float64),
    )


def coverage(one: ParticipantTimeline, tick_s: float) -> Coverage:
    """Results against the ticks that fit into the recording."""
    results = one.results
    counts = Counter(results.profile)
    told = Counter(reason for one in results.reasons for reason in one)
    return Coverage(
        # The first tick of a recording may fall on its start, and its last on its end.
        ticks=max(round(one.duration_s / tick_s), len(results)),
        profiles={profile: counts[profile] for profile in Profile},
        flagged=int(results.anomaly.sum()),
        reasons={reason: told[reason] for reason in Reason if told[reason]},
    )
