from pathlib import Path

import cv2
import numpy as np
import pytest

from hoovik.errors import MediaError
from hoovik.schema.action import Action
from hoovik.schema.emotion import Profile
from hoovik.schema.outbound import Backpressure, EmotionError
from hoovik.session.messages import server_status
from hoovik.settings import Settings
from hoovik_client import read_recording, recording_of
from hoovik_client.recording import Recording
from hoovik_client.sender import Sender
from tests.meeting import Meeting


def test_a_file_is_what_it_shows_and_says(meeting_folder: Path) -> None:
    recording = read_recording(meeting_folder / "mira.mp4")
    assert recording.duration_s == pytest.approx(36.0, abs=0.2)
    assert recording.audio.size == pytest.approx(16_000 * 36, rel=0.01)
    assert len(recording.frames) == pytest.approx(5 * 36, abs=2)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.mp4").write_text("no media")
    with pytest.raises(MediaError):
        read_recording(tmp_path / "note.mp4")


def test_arrays_become_sound_at_16_khz_and_pictures() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000).astype(np.float32)
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 255
    recording = recording_of(tone, sample_rate=48_000, images=[red] * 3, fps=2.0)
    assert recording.audio.size == 16_000
    spectrum = np.abs(np.fft.rfft(recording.audio))
    assert spectrum.argmax() == 440
    assert [time_s for time_s, _ in recording.frames] == [0.0, 0.5, 1.0]
    decoded = cv2.imdecode(np.frombuffer(recording.frames[0][1], np.uint8), cv2.IMREAD_COLOR)
    blue, _, red_level = decoded.mean(axis=(0, 1))
    assert red_level > 240
    assert blue < 15
    assert recording.duration_s == 1.5


def test_steps_come_in_order_and_start_over() -> None:
    recording = Recording(np.zeros(3_200, np.float32), ((0.0, b"a"),), 0.2, ((0.1, Action.MUTE),))
    steps = list(recording.steps(0.35))
    times = [at_s for at_s, _ in steps]
    assert times == pytest.approx([0.0, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3])
    assert steps[1][1] is Action.MUTE
    assert steps[4][1] == b"a"


class Wire:
    """A client's sending half, noted."""

    def __init__(self) -> None:
        self.sent: list[tuple] = []

    async def send_audio(self, samples: np.ndarray) -> None:
        self.sent.append(("sound", samples.size))

    async def send_frame(self, image: bytes) -> None:
        self.sent.append(("frame", image))

    async def send_media_state(self, *, mic_enabled: bool, camera_enabled: bool) -> None:
        self.sent.append(("state", mic_enabled, camera_enabled))


async def test_what_is_off_is_not_sent() -> None:
    wire = Wire()
    sender = Sender(wire)
    await sender.send(Action.MUTE, 0.0)
    await sender.send(np.zeros(1_600, np.float32), 0.1)
    await sender.send(b"x", 0.1)
    await sender.send(Action.CAMERA_OFF, 0.2)
    await sender.send(b"y", 0.3)
    await sender.send(Action.UNMUTE, 0.4)
    await sender.send(np.zeros(1_600, np.float32), 0.5)
    assert wire.sent == [
        ("state", False, True),
        ("frame", b"x"),
        ("state", False, False),
        ("state", True, False),
        ("sound", 1_600),
    ]
    assert (sender.sounds, sender.frames) == (1, 1)


@pytest.mark.parametrize(("asked_fps", "sent"), [(None, 10), (2.0, 4)])
async def test_frames_come_no_faster_than_asked(asked_fps: float | None, sent: int) -> None:
    wire = Wire()
    sender = Sender(wire)
    sender.heed(server_status(Settings(), "standup", "ada", None, 0.0))
    if asked_fps is not None:
        sender.heed(Backpressure(queue_depth=5, suggested_fps=asked_fps, ts=0.0))
    status = server_status(Settings(), "standup", "ada", Profile.BOTH, 1.0, fps=asked_fps)
    sender.heed(status)
    for number in range(20):
        await sender.send(b"x", number / 10)
    assert len(wire.sent) == sent


async def test_a_room_that_began_anew_is_followed_in_what_it_asks_for() -> None:
    wire = Wire()
    sender = Sender(wire)
    meeting = Meeting()
    meeting.join()
    sender.heed(Backpressure(queue_depth=9, suggested_fps=1.0, ts=0.0))
    sender.heed(EmotionError(code="ROOM_RESTARTED", message="", ts=0.0))
    sender.heed(meeting.emitted[-1].message)
    for number in range(50):
        await sender.send(b"x", number / 10)
    assert len(wire.sent) == 25


def test_images_may_be_encoded_already_and_have_their_own_times() -> None:
    recording = recording_of(images=[(0.5, b"jpeg"), (2.0, b"png")], fps=2.0)
    assert recording.frames == ((0.5, b"jpeg"), (2.0, b"png"))
    assert recording.duration_s == 2.5


@pytest.mark.parametrize(
    ("audio", "images"),
    [
        (None, ()),
        (np.zeros((2, 100), np.float32), ()),
        (np.zeros(100, np.int16), ()),
        (None, [np.zeros((10, 10), np.uint8)]),
        (None, [np.zeros((10, 10, 3), np.float32)]),
    ],
)
def test_arrays_of_another_kind_are_refused(audio, images) -> None:
    with pytest.raises(ValueError, match=r"has to be|needs"):
        recording_of(audio, images)
