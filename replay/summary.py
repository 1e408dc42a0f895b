"""What summary.json holds: a meeting in figures that a program can read."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from hoovik.schema.emotion import EMOTIONS
from replay.changes import Change, changes
from replay.figures import Coverage, EmotionFigures, coverage, emotion_figures
from replay.timeline import MeetingTimeline, ParticipantTimeline

DIGITS = 4


def summary(timeline: MeetingTimeline) -> dict[str, Any]:
    """Plain values for `json.dumps`; a figure that does not exist is None.

    Times are seconds: of changes on the meeting's clock. Shares are 0..1: `shares` and
    `mean_probs` of the results that are not flagged, those of `coverage` of the recording's ticks,
    `flagged_share` of all results.
    """
    return {
        "meeting": timeline.meeting,
        "title": timeline.title,
        "duration_s": rounded(timeline.duration_s),
        "tick_s": timeline.tick_s,
        "bundle": timeline.bundle,
        "prior": dict(zip(EMOTIONS, timeline.prior, strict=True)),
        "untrained": timeline.untrained,
        "participants": [_participant(one, timeline.tick_s) for one in timeline.participants],
    }


def _participant(one: ParticipantTimeline, tick_s: float) -> dict[str, Any]:
    emotions, covered = emotion_figures(one.results), coverage(one, tick_s)
    top = emotions.top()
    return {
        "participant": one.participant,
        "media": one.media,
        "offset_s": rounded(one.offset_s),
        "duration_s": rounded(one.duration_s),
        "fault": one.fault,
        "results": covered.results,
        "flagged": covered.flagged,
        "flagged_share": rounded(covered.flagged_share),
        "anomaly_reasons": {reason.value: n for reason, n in covered.reasons.items()},
        "counted": emotions.n,
        "uncertain_share": rounded(emotions.uncertain / emotions.n if emotions.n else None),
        "top": None if top is None else EMOTIONS[top],
        "shares": _by_emotion(emotions, emotions.shares),
        "mean_probs": _by_emotion(emotions, emotions.mean_probs),
        "coverage": _coverage(covered),
        "changes": [_change(change) for change in changes(one, tick_s)],
    }


def _by_emotion(emotions: EmotionFigures, values: Iterable[float]) -> dict[str, float] | None:
    if emotions.n == 0:
        return None
    return {
        emotion: round(float(value), DIGITS)
        for emotion, value in zip(EMOTIONS, values, strict=True)
    }


def _coverage(covered: Coverage) -> dict[str, Any]:
    def share(n: int) -> float | None:
        return rounded(covered.of_ticks(n))

    return {
        "ticks": covered.ticks,
        "with_result": share(covered.results),
        "with_voice": share(covered.audio),
        "with_face": share(covered.face),
        "profiles": {
            profile.value: {"n": n, "share": share(n)} for profile, n in covered.profiles.items()
        },
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        name: rounded(value) if isinstance(value, float) else value
        for name, value in asdict(change).items()
    }


def rounded(value: float | None) -> float | None:
    """A figure with as many digits as a summary has."""
    return None if value is None else round(float(value), DIGITS)
