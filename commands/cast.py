"""Who plays in a demo: the participants of a meeting, or one for each media file."""

from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from hoovik.layout import SAMPLE_RATE
from hoovik.media.meeting import Meeting, load_meeting
from hoovik.schema.action import Action
from hoovik_client.recording import Recording, read_recording

SAMPLE_MEETING = Path(__file__).resolve().parent.parent / "samples" / "meeting"


@dataclass(frozen=True)
class Cast:
    """Recordings by participant, and how long they last.

    Attributes:
        meeting: the script that they follow, where there is one.
    """

    recordings: dict[str, Recording]
    duration_s: float
    meeting: Meeting | None = None


def cast_of(inputs: list[Path]) -> Cast:
    """Cast of a meeting's folder, of media files, or of the sample meeting; raises MediaError."""
    if not inputs:
        return _meeting(SAMPLE_MEETING)
    if len(inputs) == 1 and (inputs[0].is_dir() or inputs[0].suffix in (".yaml", ".yml")):
        return _meeting(inputs[0])
    recordings = {path.stem: read_recording(path) for path in inputs}
    return Cast(recordings, _longest(recordings))


def _meeting(path: Path) -> Cast:
    meeting = load_meeting(path)
    recordings = {}
    for participant in meeting.participants:
        script = tuple(
            (event.time_s, event.action)
            for event in meeting.events
            if event.participant == participant.name
        )
        recordings[participant.name] = _recording(participant.file, script, participant.offset_s)
    duration_s = meeting.duration_s if isfinite(meeting.duration_s) else _longest(recordings)
    return Cast(recordings, duration_s, meeting)


def _longest(recordings: dict[str, Recording]) -> float:
    return max(recording.duration_s for recording in recordings.values())


def _recording(
    path: Path, script: tuple[tuple[float, Action], ...] = (), offset_s: float = 0.0
) -> Recording:
    own = read_recording(path)
    silence = np.zeros(round(offset_s * SAMPLE_RATE) if own.audio.size else 0, np.float32)
    frames = tuple((offset_s + time_s, image) for time_s, image in own.frames)
    audio = np.concatenate([silence, own.audio])
    return Recording(audio, frames, offset_s + own.duration_s, script)
