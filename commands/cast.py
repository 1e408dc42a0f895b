"""Who plays in a demo: the participants of a meeting, or one for each media file."""

from dataclasses import dataclass
from pathlib import Path

from hoovik.media.clip import read_clip
from hoovik.media.meeting import Meeting, load_meeting
from hoovik.schema.action import Action
from hoovik_client.player import Recording

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
    recordings = {path.stem: _recording(path) for path in inputs}
    return Cast(recordings, max(recording.duration_s for recording in recordings.values()))


def _meeting(path: Path) -> Cast:
    meeting = load_meeting(path)
    recordings = {}
    for participant in meeting.participants:
        script = tuple(
            (event.time_s, event.action)
            for event in meeting.events
            if event.participant == participant.name
        )
        recordings[participant.name] = _recording(participant.file, script)
    return Cast(recordings, meeting.duration_s, meeting)


def _recording(path: Path, script: tuple[tuple[float, Action], ...] = ()) -> Recording:
    clip = read_clip(path)
    frames = tuple((frame.time_s, frame.jpeg) for frame in clip.frames)
    return Recording(clip.audio, frames, clip.duration_s, script)
