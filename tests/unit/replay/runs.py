"""Two runs made by hand."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hoovik.schema.emotion import MEETING_PRIOR
from replay.comparison import Comparison, Run, compare, run_of
from replay.outputs import RESULTS
from replay.timeline import MeetingTimeline, ParticipantTimeline, Results
from tests.unit.replay.timelines import TICK_S, participant


def timeline(
    *participants: ParticipantTimeline,
    meeting: str = "weekly",
    bundle: str = "1.0.0+a",
    untrained: bool = False,
) -> MeetingTimeline:
    """A meeting in a run."""
    return MeetingTimeline(meeting, "", participants, TICK_S, bundle, MEETING_PRIOR, untrained)


def run(*meetings: MeetingTimeline, name: str = "old") -> Run:
    """A run without files."""
    return run_of(pa.concat_tables([one.table() for one in meetings]), name)


def written(folder: Path, *meetings: MeetingTimeline) -> Path:
    """The results of a run as files, a folder a meeting; returns the folder of the run."""
    for one in meetings:
        (folder / one.meeting).mkdir(parents=True)
        pq.write_table(one.table(), folder / one.meeting / RESULTS)
    return folder


def compared(a: Results, b: Results) -> Comparison:
    """Two runs over Ann alone."""
    return compare(
        run(timeline(participant(a))),
        run(timeline(participant(b), bundle="1.1.0+b"), name="new"),
    )
