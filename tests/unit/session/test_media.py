"""What a room makes of media that are slow, come late, or stop."""

import numpy as np
import pytest

from hoovik.layout import CONTEXT_SAMPLES, SAMPLE_RATE
from hoovik.schema.emotion import Profile
from hoovik.schema.outbound import ServerStatus
from hoovik.session.effects import EncodeAudio, EncodeFace
from hoovik.session.participant import LATE_S
from hoovik.session.sight import CameraFrame, FaceStream
from hoovik.settings import AudioSettings, SessionSettings, Settings
from tests.meeting import Meeting


class Camera:
    """A meeting of one, whose camera has a rate of its own."""

    def __init__(self, fps: float, *, jitter: float = 0.0, voice: bool = False) -> None:
        self.meeting = Meeting()
        self.meeting.join()
        self.fps, self.voice = fps, voice
        self.jitter = np.random.default_rng(0).uniform(-jitter, jitter, 10_000)
        self.shown = 0
        self.frames: list[float] = []
        self.ticks: list[float] = []

    def play(self, seconds: float, *, on: bool = True, stall: tuple[float, float] = (0, 0)) -> None:
        """Let time pass; what the camera shows within `stall` (of each ten seconds) comes after it."""
        meeting = self.meeting
        for _ in range(round(seconds / 0.05)):
            meeting.now = round(meeting.now + 0.05, 6)
            twentieth = round(meeting.now * 20)
            stalled = stall[0] <= meeting.now % 10 < stall[1]
            while on and not stalled and self.due_s() <= meeting.now:
                self.shown += 1
                self.frames.append(meeting.now)
                meeting.show()
            if self.voice and twentieth % 2 == 0:
                meeting.say()
            if twentieth % 6 == 0:
                self.ticks.append(meeting.now)
                meeting.tick()
            elif twentieth % 6 == 3:
                meeting.do(meeting.room.catch_up(meeting.now))

    def due_s(self) -> float:
        return 100.0 + (self.shown + self.jitter[self.shown]) / self.fps

    def video_told(self) -> list[bool]:
        """Whether video was live, each time that this changed."""
        messages = (emit.message for emit in self.meeting.emitted)
        said = [one.modalities.video for one in messages if isinstance(one, ServerStatus)]
        return [now for before, now in zip([None, *said], said, strict=False) if now is not before]


@pytest.mark.parametrize("voice", [False, True])
@pytest.mark.parametrize("jitter", [0.0, 0.2])
@pytest.mark.parametrize("fps", [5, 3.3, 2.5, 2, 1.43, 1])
def test_a_slow_camera_is_live_all_the_time(fps: float, jitter: float, voice: bool) -> None:
    camera = Camera(fps, jitter=jitter, voice=voice)
    camera.play(60.0)
    assert camera.video_told() == [False, True]
    profiles = camera.meeting.profiles
    if voice:
        assert len(profiles) >= len(camera.ticks) - 1
        assert set(profiles[2:]) == {Profile.BOTH}
        return
    frames = np.array(camera.frames)
    near = sum(np.abs(frames - (tick - 0.3)).min() <= 0.2 + 1e-6 for tick in camera.ticks)
    # A frame may come in time for its step and after the tick that closes it.
    assert len(profiles) >= 0.97 * near - 1
    assert set(profiles) == {Profile.VIDEO_ONLY}


@pytest.mark.parametrize("fps", [5, 2, 1.43, 1])
def test_a_camera_that_stops_is_noticed_within_two_of_its_gaps(fps: float) -> None:
    camera = Camera(fps)
    camera.play(20.0)
    camera.play(max(1.5 / fps, 0.35) - 1 / fps, on=False)
    assert camera.video_told()[-1]
    camera.play(0.5 / fps + 1 / fps + 0.3, on=False)
    assert not camera.video_told()[-1]


@pytest.mark.parametrize("fps", [5, 2, 1])
def test_a_network_that_stalls_now_and_then_switches_no_camera_off(fps: float) -> None:
    camera = Camera(fps, voice=True)
    camera.play(60.0, stall=(4.0, 4.4) if fps < 5 else (4.0, 4.2))
    assert camera.video_told() == [False, True]


def test_a_camera_that_grows_slow_unasked_is_learned_within_two_frames() -> None:
    camera = Camera(5, voice=True)
    camera.play(10.0)
    camera.shown, camera.fps = 11, 1
    camera.play(4.0)
    told = len(camera.video_told())
    camera.play(30.0)
    assert len(camera.video_told()) == told
    assert camera.video_told()[-1]


def test_sound_from_before_a_gap_is_no_speech_of_now() -> None:
    meeting = Meeting()
    meeting.join()
    meeting.run(3.0, sight=False)
    meeting.run(10.2, sound=False, sight=False)
    asked, meeting.hold = len(meeting.asked), (EncodeAudio,)
    for _ in range(6):
        meeting.now = round(meeting.now + 0.1, 6)
        meeting.room.audio("ada", np.zeros(1600, np.float32), 16_000, 1, meeting.now)
        meeting.tick()
    assert meeting.held == []
    assert len(meeting.asked) == asked
    meeting.hold = ()
    meeting.run(0.6, sight=False)
    assert meeting.profiles[-1] is Profile.AUDIO_ONLY


def test_sound_that_was_held_back_is_no_gap() -> None:
    meeting = Meeting()
    meeting.join()
    meeting.run(3.0, sight=False)
    meeting.hold = (EncodeAudio,)
    t = np.arange(8_000) / SAMPLE_RATE
    voice = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 12)).astype(np.float32) / 5
    meeting.now = round(meeting.now + 0.6, 6)
    meeting.room.audio("ada", voice, SAMPLE_RATE, 999, meeting.now)
    meeting.tick()
    (asked,) = meeting.held
    assert isinstance(asked, EncodeAudio)
    # Of the 0.6 s of the window 0.1 s came before.
    assert np.abs(asked.window[:1600]).max() > 0.01


@pytest.mark.parametrize(("encoder", "context_samples"), CONTEXT_SAMPLES.items())
def test_an_encoder_is_sent_what_it_hears_and_nothing_from_before_a_mute(
    encoder: str, context_samples: int
) -> None:
    meeting = Meeting(Settings(audio=AudioSettings.model_validate({"encoder": encoder})))
    meeting.join()
    meeting.run(3.3, sight=False)
    meeting.hold = (EncodeAudio,)
    meeting.run(0.3, sight=False)
    (asked,) = meeting.held
    assert asked.window.shape == (context_samples,)
    assert np.abs(asked.window[:1600]).max() > 0.01
    meeting.room.media_state("ada", mic_enabled=False, camera_enabled=True)
    meeting.room.media_state("ada", mic_enabled=True, camera_enabled=True)
    meeting.run(0.3, sight=False)
    _, asked = meeting.held
    assert asked.window.shape == (context_samples,)
    assert not asked.window[:-4_800].any()
    assert np.abs(asked.window[-4_800:]).max() > 0.01


@pytest.mark.parametrize("away", [EncodeAudio, EncodeFace])
@pytest.mark.parametrize("fps", [5, 2, 1])
def test_a_pool_that_is_away_costs_a_second_whatever_the_camera(fps: float, away: type) -> None:
    camera = Camera(fps, voice=True)
    camera.play(10.0)
    camera.meeting.hold = (away,)
    before = len(camera.meeting.results)
    camera.play(60.0)
    results = camera.meeting.results[before:]
    gaps = np.diff([result.ts for result in results])
    if away is EncodeFace:
        assert len(results) >= 200 - LATE_S / 0.3 - 1
    else:
        # Without sound there is a result where a frame is near: at 1 frame/s in two of five steps.
        assert len(results) >= 200 * min(1, 0.4 * fps) - LATE_S / 0.3 - 1
    assert max(gaps) <= LATE_S + 0.6 + 0.01


def test_an_answer_that_is_late_serves_the_steps_to_come() -> None:
    meeting = Meeting()
    meeting.join()
    meeting.run(3.0)
    meeting.hold = (EncodeAudio,)
    meeting.run(LATE_S + 0.9)
    meeting.hold = ()
    meeting.release()
    meeting.run(0.3)
    mask = meeting.asked[-1].sequence.audio_mask
    assert mask[-7:].tolist() == [True, False, False, False, False, False, True]
    assert meeting.profiles[-1] is Profile.BOTH


def test_times_that_run_backwards_stand_still() -> None:
    sight = FaceStream(SessionSettings())
    for image, at_s in ((b"first", 10.45), (b"second", 10.15)):
        sight.push(CameraFrame(image, 1, at_s))
    chosen, spare = sight.choose(10.4)
    assert chosen is not None
    assert (chosen.image, chosen.arrived_s, spare) == (b"second", 10.45, 1)
    assert sight.choose(10.45) == (None, 0)


def test_sound_whose_time_runs_backwards_is_one_stream() -> None:
    meeting = Meeting()
    meeting.join()
    meeting.run(3.0, sight=False)
    meeting.now = round(meeting.now + 0.3, 6)
    meeting.say()
    meeting.now = round(meeting.now - 0.2, 6)
    meeting.say()
    meeting.now = round(meeting.now + 0.5, 6)
    before = len(meeting.results)
    meeting.tick()
    assert len(meeting.results) == before + 1
    assert meeting.results[-1].latency_ms == pytest.approx(300)
