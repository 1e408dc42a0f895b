"""One step at a time is under way, and what becomes of it when the world changes meanwhile."""

import numpy as np
import pytest

from hoovik.schema.drop import Drop
from hoovik.schema.emotion import Profile
from hoovik.schema.outbound import EmotionError
from hoovik.session.effects import EncodeAudio, EncodeFace, Predict
from hoovik.session.participant import LATE_S
from hoovik.session.room import Lost
from hoovik.session.sight import MAX_FRAMES
from hoovik.settings import SessionSettings
from tests.meeting import Meeting

ANSWER_S = SessionSettings().answer_s


@pytest.fixture
def meeting() -> Meeting:
    meeting = Meeting()
    meeting.join()
    meeting.run(3.0)
    return meeting


def test_features_of_a_step_are_asked_for_together_and_the_models_once(meeting: Meeting) -> None:
    meeting.hold = (EncodeAudio, EncodeFace, Predict)
    meeting.run(0.3)
    window, image = meeting.held
    assert isinstance(window, EncodeAudio)
    assert isinstance(image, EncodeFace)
    meeting.answer(image)
    assert len(meeting.held) == 2
    meeting.answer(window)
    assert isinstance(meeting.held[2], Predict)


def test_at_most_one_question_and_the_features_of_one_step_are_under_way(meeting: Meeting) -> None:
    meeting.hold = (Predict,)
    meeting.run(1.8)
    assert len(meeting.held) == 1
    # One is asked, one has its features, and the last is not given up yet.
    assert meeting.room.drops[Drop.STEP_SHED] == 6 - 3
    before = len(meeting.results)
    meeting.hold = ()
    meeting.release()
    assert len(meeting.results) == before + 2
    meeting.run(0.6)
    assert len(meeting.results) == before + 4


def test_a_step_that_had_to_wait_is_cut_from_the_newest_sound(meeting: Meeting) -> None:
    meeting.hold = (EncodeAudio,)
    meeting.run(0.6, sight=False)
    meeting.hold = ()
    meeting.release()
    meeting.now += 0.1
    meeting.say()
    meeting.do(meeting.room.catch_up(meeting.now))
    assert meeting.results[-1].basis.audio == meeting.sequence_number
    assert meeting.results[-1].latency_ms == 0
    assert meeting.room.drops[Drop.STEP_SHED] == 0


def test_only_the_frame_nearest_to_a_step_is_looked_at(meeting: Meeting) -> None:
    before = meeting.room.drops[Drop.FRAME_SPARE]
    meeting.hold = (EncodeFace,)
    looked: list[int] = []
    for _ in range(10):
        for _ in range(6):
            meeting.now = round(meeting.now + 0.05, 6)
            meeting.show()
        meeting.tick()
        (image,) = meeting.held
        looked.append(image.ticket.number)
        meeting.release()
    assert len(set(looked)) == 10
    assert meeting.room.drops[Drop.FRAME_SPARE] - before == pytest.approx(50, abs=MAX_FRAMES)
    assert meeting.results[-1].result.modality is Profile.VIDEO_ONLY


def test_frames_that_wait_are_few(meeting: Meeting) -> None:
    before = meeting.room.drops[Drop.FRAME_SPARE]
    for _ in range(1000):
        meeting.now += 0.001
        meeting.show()
    assert meeting.room.drops[Drop.FRAME_SPARE] - before >= 1000 - MAX_FRAMES


def test_results_under_way_at_a_mute_are_discarded(meeting: Meeting) -> None:
    meeting.hold = (Predict,)
    meeting.run(0.3)
    (question,) = meeting.held
    before = len(meeting.results)
    meeting.do(meeting.room.media_state("ada", mic_enabled=False, camera_enabled=True))
    meeting.answer(question)
    assert len(meeting.results) == before
    assert meeting.room.drops[Drop.MODALITY_ENDED] == 1


def test_a_mute_does_not_wait_for_what_is_under_way(meeting: Meeting) -> None:
    meeting.hold = (EncodeAudio,)
    meeting.run(0.3)
    meeting.do(meeting.room.media_state("ada", mic_enabled=False, camera_enabled=True))
    meeting.run(0.3)
    assert meeting.profiles[-1] is Profile.VIDEO_ONLY
    before = len(meeting.asked)
    meeting.release()
    assert len(meeting.asked) == before


def test_a_camera_switched_off_discards_what_rests_on_it(meeting: Meeting) -> None:
    for held in (EncodeFace, Predict):
        meeting.hold = (held,)
        meeting.run(0.3)
        meeting.do(meeting.room.media_state("ada", mic_enabled=True, camera_enabled=False))
        meeting.hold = ()
        before = len(meeting.results)
        meeting.release()
        assert len(meeting.results) == before
        meeting.run(0.3)
        assert meeting.profiles[-1] is Profile.AUDIO_ONLY
        meeting.do(meeting.room.media_state("ada", mic_enabled=True, camera_enabled=True))
        meeting.run(1.2)


@pytest.mark.parametrize(
    ("stuck", "lost", "left"),
    [
        (EncodeFace, Drop.FACE_LOST, "audio_mask"),
        (EncodeAudio, Drop.AUDIO_LOST, "face_mask"),
    ],
)
def test_a_pool_that_hangs_does_not_silence_the_other_modality(
    meeting: Meeting, stuck: type, lost: Drop, left: str
) -> None:
    meeting.hold = (stuck,)
    meeting.run(LATE_S + 0.6)
    assert meeting.room.drops[lost] == 1
    assert getattr(meeting.asked[-1].sequence, left)[-1]
    asked = len(meeting.asked)
    meeting.answer(meeting.held[0])
    assert len(meeting.asked) == asked


@pytest.mark.parametrize("stuck", [EncodeFace, EncodeAudio])
def test_a_pool_that_hangs_is_asked_once_and_waited_for_once(meeting: Meeting, stuck: type) -> None:
    meeting.hold = (stuck,)
    meeting.run(LATE_S + 0.6)
    before = len(meeting.results)
    meeting.run(2.4)
    assert len(meeting.results) == before + 8
    assert len(meeting.held) == 1
    meeting.hold = ()
    meeting.release()
    meeting.run(0.6)
    newest = meeting.asked[-1].sequence
    assert newest.audio_mask[-1]
    assert newest.face_mask[-1]


def test_a_result_without_the_sound_of_its_step_does_not_rest_on_it(meeting: Meeting) -> None:
    meeting.hold = (EncodeAudio,)
    meeting.run(LATE_S + 0.6)
    newest = meeting.results[-1]
    assert newest.result.modality is Profile.BOTH
    assert newest.basis.audio is None
    assert newest.basis.frame is not None


def test_sounds_of_another_length_are_one_stream(meeting: Meeting) -> None:
    meeting.run(0.6, sound=False, sight=False)
    t = np.arange(9600) / 16_000
    tone = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 12))
    samples = (0.2 * tone).astype(np.float32)
    meeting.room.audio("ada", samples, 16_000, 999, meeting.now)
    meeting.tick()
    assert meeting.results[-1].basis.audio == 999


def test_an_answer_that_is_overdue_is_lost_told_and_finds_nothing(meeting: Meeting) -> None:
    meeting.hold = (Predict,)
    meeting.run(0.3)
    (question,) = meeting.held
    meeting.run(ANSWER_S, sound=False, sight=False)
    assert meeting.room.drops[Drop.PREDICTION_LOST] == 0
    meeting.run(0.3)
    assert meeting.room.drops[Drop.PREDICTION_LOST] == 1
    errors = [one.message for one in meeting.emitted if isinstance(one.message, EmotionError)]
    assert [(error.code, error.lost) for error in errors] == [("RESULT_LOST", 1)]
    before = len(meeting.emitted)
    meeting.do(meeting.room.predicted(question.ticket, Lost("RESULT_LOST", "gone"), meeting.now))
    meeting.answer(question)
    assert len(meeting.emitted) == before
    meeting.held.remove(question)
    meeting.hold = ()
    meeting.release()
    before = len(meeting.results)
    meeting.run(3.0)
    assert len(meeting.results) == before + 10


@pytest.mark.parametrize(
    "silent", [(EncodeAudio,), (EncodeFace,), (Predict,), (EncodeAudio, EncodeFace)]
)
def test_answers_that_never_come_silence_nobody_for_longer(
    meeting: Meeting, silent: tuple[type, ...]
) -> None:
    meeting.hold = silent
    meeting.run(0.3)
    meeting.hold = ()
    before = len(meeting.results)
    meeting.run(ANSWER_S + 3.0)
    assert len(meeting.results) >= before + 10
    assert meeting.profiles[-1] is Profile.BOTH
    newest = meeting.asked[-1].sequence
    assert newest.audio_mask[-1]
    assert newest.face_mask[-1]
    errors = [one.message for one in meeting.emitted if isinstance(one.message, EmotionError)]
    assert len(errors) == len(silent)
