"""What a replay finds out: results over time, by participant and by meeting."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.reason import Reason

PROBABILITY_COLUMNS = tuple(f"p_{emotion.replace('/', '_')}" for emotion in EMOTIONS)
"""One for each of `EMOTIONS`, in their order: `p_angry` to `p_neutral_calm`."""

RESULTS_SCHEMA = pa.schema(
    [
        ("meeting", pa.string()),
        ("participant", pa.string()),
        ("time_s", pa.float64()),
        ("emotion", pa.string()),
        ("confidence", pa.float32()),
        ("uncertain", pa.bool_()),
        *((name, pa.float32()) for name in PROBABILITY_COLUMNS),
        ("profile", pa.string()),
        ("anomaly", pa.bool_()),
        ("anomaly_reasons", pa.list_(pa.string())),
        ("anomaly_score", pa.float32()),
        ("untrained", pa.bool_()),
        ("bundle", pa.string()),
    ]
)
"""Columns of results.parquet and keys of results.jsonl."""


@dataclass(frozen=True, slots=True)
class Results:
    """N results of one participant, in the order of their times.

    Attributes:
        time_s: (N,) float64, seconds from the start of the meeting.
        probs: (N, 6) float32, smoothed, in the order of `EMOTIONS`; each row sums to 1.
        emotion: what a client is told at each, the most probable.
        uncertain: (N,) bool, whether no single emotion stands out.
        profile: the modalities that each rests on.
        anomaly: (N,) bool, whether a client would suppress it.
        reasons: of each, what is wrong with its input; some are told of results that are not flagged.
        anomaly_score: (N,) float32 p-value in 0..1; higher is more usual.
    """

    time_s: NDArray[np.float64]
    probs: NDArray[np.float32]
    emotion: tuple[str, ...]
    uncertain: NDArray[np.bool_]
    profile: tuple[Profile, ...]
    anomaly: NDArray[np.bool_]
    reasons: tuple[tuple[Reason, ...], ...]
    anomaly_score: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.time_s)

    @property
    def confidence(self) -> NDArray[np.float32]:
        """(N,) probability of the most probable emotion."""
        return np.asarray(self.probs.max(axis=1, initial=0), np.float32)


@dataclass(frozen=True, slots=True)
class ParticipantTimeline:
    """One participant of a meeting.

    Attributes:
        participant: name in the meeting.
        media: path or URL of the recording.
        offset_s: when the recording begins, in seconds from the start of the meeting.
        duration_s: length of what could be read of the recording.
        results: on the meeting's clock.
        fault: why the recording could not be read, or not to its end; empty where it could.
    """

    participant: str
    media: str
    offset_s: float
    duration_s: float
    results: Results
    fault: str = ""


@dataclass(frozen=True, slots=True)
class MeetingTimeline:
    """A meeting on one clock.

    Attributes:
        meeting: name, as of its output folder.
        title: for people; may be empty.
        participants: in the meeting's order.
        tick_s: distance of results where nothing is missing.
        bundle: version of the bundle.
        prior: (6,) class frequencies that the results take for granted.
        untrained: whether the models had random weights.
    """

    meeting: str
    title: str
    participants: tuple[ParticipantTimeline, ...]
    tick_s: float
    bundle: str
    prior: tuple[float, ...]
    untrained: bool = False

    @property
    def duration_s(self) -> float:
        """From the start of the meeting to the end of the last recording."""
        return max((one.offset_s + one.duration_s for one in self.participants), default=0.0)

    def table(self) -> pa.Table:
        """All results, participant by participant, with the columns of `RESULTS_SCHEMA`."""
        return pa.concat_tables(
            [RESULTS_SCHEMA.empty_table(), *(self._rows(one) for one in self.participants)]
        )

    def _rows(self, one: ParticipantTimeline) -> pa.Table:
        results, n = one.results, len(one.results)
        columns = {
            "meeting": [self.meeting] * n,
            "participant": [one.participant] * n,
            "time_s": results.time_s,
            "emotion": results.emotion,
            "confidence": results.confidence,
            "uncertain": results.uncertain,
            **dict(zip(PROBABILITY_COLUMNS, np.ascontiguousarray(results.probs.T), strict=True)),
            "profile": [profile.value for profile in results.profile],
            "anomaly": results.anomaly,
            "anomaly_reasons": [[str(reason) for reason in one] for one in results.reasons],
            "anomaly_score": results.anomaly_score,
            "untrained": [self.untrained] * n,
            "bundle": [self.bundle] * n,
        }
        return pa.table(columns, schema=RESULTS_SCHEMA)
