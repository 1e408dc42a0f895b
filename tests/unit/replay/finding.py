"""Inputs made of empty files, and what they lead to."""

from pathlib import Path

from replay.inputs import MeetingRecording, Resolved, resolve

DESCRIPTION = """
title: Monday planning
participants:
- {name: mira, file: mira.mp4}
- {name: jonas, file: late/jonas.webm, offset_s: 12.5}
events:
- {time_s: 14.0, participant: mira, action: mute}
"""


def touch(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def describe(file: Path, text: str = DESCRIPTION) -> Path:
    touch(file)
    file.write_text(text, encoding="utf-8")
    return file


def found(*inputs: Path | str) -> list[MeetingRecording]:
    """Meetings of inputs of which each leads to one at least."""
    resolved = resolve([str(one) for one in inputs])
    assert resolved.faults == ()
    return list(resolved.recordings)


def media(meeting: MeetingRecording) -> dict[str, str]:
    return {one.name: one.media for one in meeting.participants}


def faults(resolved: Resolved) -> dict[str, str]:
    return {fault.input: fault.reason for fault in resolved.faults}
