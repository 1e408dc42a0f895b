"""Makes the sample meeting: ``python samples/make_meeting.py --out samples/meeting``."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import yaml
from expression import apply
from face_mesh import FaceMesh, Image
from likeness import recolour, reshape
from performance import Passage, perform
from portrait import Portrait, cut, landmarks, mirror
from recording import write_recording
from skimage.data import astronaut
from voice import SAMPLE_RATE, Delivery, Sound, loudness, room_tone, speak, speech_intervals

from hoovik.media.meeting import Meeting

TITLE = "Monday planning"
DURATION_S = 36.0
FPS = 20
SIZE = (640, 360)


@dataclass(frozen=True)
class Line:
    """One thing said."""

    start_s: float
    mood: str
    text: str


@dataclass(frozen=True)
class Role:
    """One participant: voice, moods and lines."""

    file: str
    voice: str
    seed: int
    deliveries: dict[str, Delivery]
    lines: tuple[Line, ...]


ROLES = {
    "mira": Role(
        "mira.mp4",
        "en+f2",
        11,
        {
            "calm": Delivery(45, 150, 80, 60),
            "happy": Delivery(75, 185, 120, 170),
            "sad": Delivery(30, 115, 55, 35),
        },
        (
            Line(1.0, "calm", "Good morning. Thank you for coming. Let us look at the plan."),
            Line(12.5, "happy", "That is wonderful! I never thought it would work so well!"),
            Line(24.5, "sad", "I am so sorry. We have lost the room, and all of our notes."),
            Line(33.0, "calm", "Hello, I am back again."),
        ),
    ),
    "jonas": Role(
        "jonas.webm",
        "en+m3",
        23,
        {
            "angry": Delivery(60, 215, 170, 120),
            "sad": Delivery(25, 120, 60, 35),
            "happy": Delivery(80, 190, 120, 170),
        },
        (
            Line(6.5, "angry", "No, no, no! This is the third time! I told all of you, and nobody listened!"),
            Line(18.0, "sad", "I know. It was a long and lonely week, and now I am tired."),
            Line(28.8, "happy", "Look at this, everyone! We made it, all the numbers are up!"),
        ),
    ),
}  # fmt: skip

EVENTS = [
    (14.2, "mira", "camera_off"),  # while she speaks
    (17.2, "mira", "camera_on"),
    (20.0, "jonas", "mute"),  # while he speaks, camera on
    (23.4, "jonas", "unmute"),
    (25.0, "jonas", "mute"),  # both off for three seconds
    (25.0, "jonas", "camera_off"),
    (28.0, "jonas", "unmute"),
    (28.0, "jonas", "camera_on"),
    (29.4, "mira", "leave"),
    (32.0, "mira", "join"),
]

HEADER = """\
# The sample meeting, made by samples/make_meeting.py. Times are seconds from the start of each file.
# Every file has its face in view and is meant to be seen from the first frame to the last, and its
# voice goes on while the microphone is off: it is the client that stops sending, as `events` say.
# `speech` is when there is voice in the file.
"""


def portraits() -> dict[str, Portrait]:
    """Mira is the photograph as it is; Jonas is drawn from it."""
    photo, points = astronaut(), landmarks()
    brows = np.concatenate([points["right_brow"], points["left_brow"]])[:, :2]
    return {
        "mira": cut(photo, left=50, top=5, width=356),
        "jonas": reshape(mirror(cut(recolour(photo, brows), left=70, top=4, width=330))),
    }


def record(role: Role, rng: np.random.Generator) -> tuple[Sound, Sound, list[Passage]]:
    """Voice alone and voice in its room, (n,) at 48 kHz each, and the passages with their moods."""
    voice = np.zeros(int(DURATION_S * SAMPLE_RATE), np.float32)
    passages = []
    for line in role.lines:
        said = speak(line.text, role.voice, role.deliveries[line.mood])
        start, end_s = int(line.start_s * SAMPLE_RATE), line.start_s + len(said) / SAMPLE_RATE
        voice[start : start + len(said)] += said
        passages.append(Passage(line.start_s, end_s, line.mood))
    return voice, voice + room_tone(len(voice), rng), passages


def film(
    portrait: Portrait, passages: list[Passage], voice: Sound, rng: np.random.Generator
) -> Iterator[Image]:
    """RGB frames (360, 640, 3) of the portrait saying the passages."""
    mesh = FaceMesh(portrait.image, portrait.points[:, :2], portrait.mouth)
    level = loudness(voice, np.arange(int(DURATION_S * FPS)) / FPS)
    for pose in perform(passages, level, FPS, rng):
        yield cv2.resize(mesh.draw(apply(portrait, pose)), SIZE, interpolation=cv2.INTER_AREA)


def make(out: Path) -> Meeting:
    """Write the media files and ``meeting.yaml`` into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    participants = []
    for name, portrait in portraits().items():
        role = ROLES[name]
        rng = np.random.default_rng(role.seed)
        voice, sound, passages = record(role, rng)
        write_recording(out / role.file, film(portrait, passages, voice, rng), FPS, sound)
        speech = [list(interval) for interval in speech_intervals(voice)]
        participants.append({"name": name, "file": role.file, "speech": speech})
    description = {
        "title": TITLE,
        "duration_s": DURATION_S,
        "participants": participants,
        "events": [{"time_s": t, "participant": p, "action": a} for t, p, a in EVENTS],
    }
    meeting = Meeting.model_validate(description)
    text = yaml.safe_dump(description, sort_keys=False, default_flow_style=None, width=100)
    (out / "meeting.yaml").write_text(HEADER + text, encoding="utf-8")
    return meeting


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "meeting")
    make(parser.parse_args().out)
