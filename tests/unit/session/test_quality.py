"""What is wrong with the media of a result: what is told, what flags, what is left out."""

import numpy as np
import pytest

from hoovik.face.encoder import FaceReading
from hoovik.layout import FACE_DIM
from hoovik.schema.emotion import Profile
from hoovik.schema.reason import Reason, is_unfit, reasons_of
from hoovik.session.effects import Effect, EncodeFace
from hoovik.settings import SessionSettings, Settings
from tests.meeting import TRACK, Meeting


class Seen(Meeting):
    """A meeting whose faces have faults, and change from one picture to the next."""

    faults: tuple[Reason, ...] = ()
    change: float | None = 3.0

    def answer(self, effect: Effect, *, depth: int = 0) -> None:
        if not isinstance(effect, EncodeFace) or not self.has_face:
            super().answer(effect, depth=depth)
            return
        vector = np.ones(FACE_DIM, np.float32)
        reading = FaceReading(vector, TRACK, None, self.faults, self.change)
        self.do(self.room.face_encoded(effect.ticket, reading, self.now))

    @property
    def last(self) -> tuple[Profile, bool, list[Reason]]:
        result = self.results[-1].result
        return result.modality, result.anomaly, result.anomaly_reasons


def seen(settings: Settings | None = None) -> Seen:
    meeting = Seen(settings)
    meeting.join()
    return meeting


@pytest.fixture
def meeting() -> Seen:
    return seen()


def shout(meeting: Seen, seconds: float, *, sight: bool) -> None:
    """Speech that is cut off at full scale."""
    t = np.arange(1600) / 16_000
    for _ in range(round(seconds * 10)):
        meeting.now = round(meeting.now + 0.1, 6)
        cycles = 140 * (meeting.now + t) + 15 * np.sin(2 * np.pi * (meeting.now + t))
        tone = sum(np.sin(2 * np.pi * k * cycles) / k for k in range(1, 12))
        loud = np.clip(20 * tone, -1, 1).astype(np.float32)
        meeting.room.audio("ada", loud, 16_000, 1, meeting.now)
        if sight and round(meeting.now * 10) % 2 == 0:
            meeting.show()
        if round(meeting.now * 10) % 3 == 0:
            meeting.tick()


def test_nothing_is_wrong_with_a_voice_and_a_face_that_last(meeting: Seen) -> None:
    meeting.run(3.0)
    assert meeting.last == (Profile.BOTH, False, [])


def test_a_result_that_rests_on_an_unfit_face_is_flagged(meeting: Seen) -> None:
    meeting.faults = (Reason.DARK, Reason.BLURRED)
    meeting.run(3.0, sound=False)
    assert meeting.last == (Profile.VIDEO_ONLY, True, [Reason.BLURRED, Reason.DARK])


def test_an_unfit_face_is_left_out_beside_a_voice_and_told(meeting: Seen) -> None:
    meeting.run(2.1)
    meeting.faults = (Reason.TURNED_AWAY,)
    meeting.run(1.5)
    assert meeting.last == (Profile.AUDIO_ONLY, False, [Reason.TURNED_AWAY])
    meeting.faults = ()
    meeting.run(0.9)
    assert meeting.last == (Profile.BOTH, False, [])


def test_an_unfit_voice_flags_alone_and_is_left_out_beside_a_face(meeting: Seen) -> None:
    shout(meeting, 3.0, sight=False)
    profile, flagged, reasons = meeting.last
    assert (profile, flagged) == (Profile.AUDIO_ONLY, True)
    assert Reason.CLIPPED in reasons
    shout(meeting, 1.5, sight=True)
    profile, flagged, reasons = meeting.last
    assert (profile, flagged) == (Profile.VIDEO_ONLY, False)
    assert Reason.CLIPPED in reasons


def test_with_both_unfit_the_result_is_flagged(meeting: Seen) -> None:
    meeting.faults = (Reason.SMALL,)
    shout(meeting, 3.0, sight=True)
    profile, flagged, reasons = meeting.last
    assert (profile, flagged) == (Profile.BOTH, True)
    assert {Reason.SMALL, Reason.CLIPPED} <= set(reasons)


def test_a_picture_that_stands_still_for_a_second_is_frozen(meeting: Seen) -> None:
    meeting.run(3.0, sound=False)
    meeting.change = 0.1
    meeting.run(0.9, sound=False)
    assert meeting.last[2] == []
    meeting.run(0.6, sound=False)
    assert meeting.last == (Profile.VIDEO_ONLY, True, [Reason.FROZEN])
    meeting.change = 1.0
    meeting.run(0.6, sound=False)
    assert meeting.last[2] == []


def test_freezing_can_be_left_alone() -> None:
    meeting = seen(Settings(session=SessionSettings(frozen_levels=0)))
    meeting.change = 0.0
    meeting.run(3.0, sound=False)
    assert meeting.last == (Profile.VIDEO_ONLY, False, [])


def test_a_camera_that_shows_nobody_is_told(meeting: Seen) -> None:
    meeting.has_face = False
    meeting.run(3.0)
    assert meeting.last == (Profile.AUDIO_ONLY, False, [Reason.NO_FACE])
    meeting.room.media_state("ada", mic_enabled=True, camera_enabled=False)
    meeting.run(1.0, sight=False)
    assert meeting.last == (Profile.AUDIO_ONLY, False, [])


def test_a_beginning_is_told(meeting: Seen) -> None:
    meeting.run(0.6, sound=False)
    assert meeting.last == (Profile.VIDEO_ONLY, False, [Reason.TOO_SHORT])


def test_the_forest_has_a_word_for_each_profile() -> None:
    for profile, reason in zip(
        Profile, (Reason.UNUSUAL_PAIR, Reason.UNUSUAL_VOICE, Reason.UNUSUAL_FACE), strict=True
    ):
        reasons = reasons_of([Reason.NO_FACE], profile, unusual=True)
        assert reasons == (Reason.NO_FACE, reason)
        assert is_unfit(reasons, profile)
