"""Timelines made by hand, and a meeting that looks like one."""

from collections.abc import Sequence

import numpy as np

from hoovik.schema.emotion import EMOTIONS, MEETING_PRIOR, Profile
from hoovik.schema.reason import Reason
from replay.timeline import MeetingTimeline, ParticipantTimeline, Results

TICK_S = 0.5
PEAK = 0.75


def results(
    emotions: Sequence[str],
    *,
    times: Sequence[float] | None = None,
    profiles: Sequence[Profile] | None = None,
    flagged: Sequence[int] = (),
    uncertain: Sequence[int] = (),
) -> Results:
    """One result for each emotion, `TICK_S` apart, of which it has 0.75 and each other 0.05."""
    n = len(emotions)
    probs = np.full((n, len(EMOTIONS)), (1 - PEAK) / (len(EMOTIONS) - 1), np.float32)
    for row, emotion in enumerate(emotions):
        probs[row, EMOTIONS.index(emotion)] = PEAK
    anomaly = np.zeros(n, np.bool_)
    anomaly[list(flagged)] = True
    doubts = np.zeros(n, np.bool_)
    doubts[list(uncertain)] = True
    return Results(
        time_s=np.arange(n) * TICK_S if times is None else np.asarray(times, np.float64),
        probs=probs,
        emotion=tuple(emotions),
        uncertain=doubts,
        profile=(Profile.BOTH,) * n if profiles is None else tuple(profiles),
        anomaly=anomaly,
        reasons=tuple((Reason.UNUSUAL_FACE,) if flag else () for flag in anomaly),
        anomaly_score=np.where(anomaly, -0.7, -0.4).astype(np.float32),
    )


def participant(
    own: Results,
    *,
    name: str = "Ann",
    media: str = "ann.mp4",
    offset_s: float = 0.0,
    duration_s: float | None = None,
    fault: str = "",
) -> ParticipantTimeline:
    """A participant whose recording ends with the last result, unless it is told."""
    if duration_s is None:
        duration_s = float(own.time_s[-1]) + TICK_S - offset_s if len(own) else 0.0
    return ParticipantTimeline(name, media, offset_s, duration_s, own, fault)


def meeting(
    *participants: ParticipantTimeline,
    title: str = "Weekly",
    untrained: bool = False,
    tick_s: float = TICK_S,
) -> MeetingTimeline:
    """A meeting of them."""
    bundle = "1.0.0+abc"
    return MeetingTimeline(
        "weekly-1", title, participants, tick_s, bundle, MEETING_PRIOR, untrained
    )


def lively(
    name: str, duration_s: float, *, seed: int, tick_s: float = 0.3, offset_s: float = 0.0
) -> ParticipantTimeline:
    """A recording as a meeting has it: mostly neutral, moods that come and go, turns of speech.

    Args:
        name: of the participant.
        duration_s: of the recording.
        seed: of everything random.
        tick_s: distance of results.
        offset_s: when the recording begins.
    """
    rng = np.random.default_rng(seed)
    n = int(duration_s / tick_s)
    logits = np.tile(np.array([-1.0, -2.2, -2.0, -0.4, -1.2, 1.0]), (n, 1))
    place = 0
    while place < n:
        length = int(rng.integers(15, 60))
        logits[place : place + length, rng.choice(6, p=[0.1, 0.04, 0.04, 0.25, 0.12, 0.45])] += 2.2
        place += length
    logits += rng.normal(0, 0.6, logits.shape)
    kernel = np.ones(5) / 5
    logits = np.apply_along_axis(lambda one: np.convolve(one, kernel, "same"), 0, logits)
    probs = np.exp(logits)
    probs /= probs.sum(axis=1, keepdims=True)
    speaks, seen = _turns(rng, n, 0.45), _turns(rng, n, 0.85)
    there = np.flatnonzero(speaks | seen)
    there = there[there > 3]
    top = [EMOTIONS[one] for one in probs[there].argmax(axis=1)]
    anomaly = (_turns(rng, n, 0.08) | (rng.random(n) < 0.03))[there]
    return ParticipantTimeline(
        name,
        f"/recordings/{name.lower().replace(' ', '-')}.mp4",
        offset_s,
        duration_s,
        Results(
            time_s=offset_s + there * tick_s,
            probs=probs[there].astype(np.float32),
            emotion=tuple(top),
            uncertain=(probs[there] >= 0.2).sum(axis=1) != 1,
            profile=tuple(
                Profile.of(audio=bool(speaks[one]), face=bool(seen[one])) or Profile.BOTH
                for one in there
            ),
            anomaly=anomaly,
            reasons=tuple((Reason.UNUSUAL_FACE,) if flag else () for flag in anomaly),
            anomaly_score=np.where(anomaly, -0.65, -0.45).astype(np.float32),
        ),
    )


def _turns(rng: np.random.Generator, n: int, share: float) -> np.ndarray:
    """(n,) runs of yes and no, the former for about this share of the time."""
    flags = np.zeros(n, np.bool_)
    place = 0
    while place < n:
        length = int(rng.integers(8, 50))
        flags[place : place + length] = rng.random() < share
        place += length
    return flags
