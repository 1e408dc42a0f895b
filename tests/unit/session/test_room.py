"""The rules of a room, told as lists of inputs with times, and what comes back."""

import pickle

import numpy as np
import pytest

from hoovik.errors import CapacityError, NotJoinedError
from hoovik.layout import AUDIO_DIM
from hoovik.models.prediction import Prediction
from hoovik.schema.drop import Drop
from hoovik.schema.emotion import Profile
from hoovik.schema.outbound import EmotionError, EmotionResult, ServerStatus
from hoovik.session.effects import EncodeAudio, EncodeFace, Predict
from hoovik.session.room import Lost
from hoovik.settings import RoomSettings, Settings
from hoovik.telemetry.measures import Stage
from tests.meeting import PROBS, Meeting


@pytest.fixture
def meeting() -> Meeting:
    meeting = Meeting()
    meeting.join()
    return meeting


def test_voice_and_face_give_a_result_every_tick(meeting: Meeting) -> None:
    meeting.run(6.0)
    assert len(meeting.results) >= 18
    assert set(meeting.profiles[2:]) == {Profile.BOTH}
    result = meeting.results[-1]
    assert result.result.emotion == "angry"
    assert sum(result.result.probs.values()) == pytest.approx(1, abs=1e-5)
    assert 0 <= result.latency_ms <= 400


def test_a_sequence_is_regular_and_right_aligned(meeting: Meeting) -> None:
    meeting.run(0.9)
    first = meeting.asked[0].sequence
    assert first.audio_mask[-1]
    assert not first.audio_mask[:-2].any()
    meeting.run(6.0)
    last = meeting.asked[-1].sequence
    assert last.audio_mask.all()
    assert last.face_mask.all()


def test_no_live_modality_no_result(meeting: Meeting) -> None:
    meeting.run(3.0, sound=False, sight=False)
    assert meeting.results == []


def test_mute_and_camera_off_change_the_profile_at_the_next_tick(meeting: Meeting) -> None:
    meeting.run(3.0)
    meeting.do(meeting.room.media_state("ada", mic_enabled=False, camera_enabled=True))
    before = len(meeting.results)
    meeting.run(0.6)
    assert set(meeting.profiles[before:]) == {Profile.VIDEO_ONLY}
    meeting.do(meeting.room.media_state("ada", mic_enabled=True, camera_enabled=False))
    before = len(meeting.results)
    meeting.run(1.2)
    assert set(meeting.profiles[before:]) == {Profile.AUDIO_ONLY}
    meeting.do(meeting.room.media_state("ada", mic_enabled=False, camera_enabled=False))
    before = len(meeting.results)
    meeting.run(1.0)
    assert len(meeting.results) == before


def test_mute_forgets_the_voice(meeting: Meeting) -> None:
    meeting.run(6.0)
    meeting.do(meeting.room.media_state("ada", mic_enabled=False, camera_enabled=True))
    meeting.do(meeting.room.media_state("ada", mic_enabled=True, camera_enabled=True))
    meeting.run(0.6)
    assert meeting.asked[-1].sequence.audio_mask.sum() <= 2


def test_what_a_face_shows_stands_beside_it_and_goes_with_the_camera(meeting: Meeting) -> None:
    meeting.run(0.6)
    assert not meeting.asked[-1].sequence.expression.any()
    meeting.expression = np.arange(6, dtype=np.float32)
    meeting.run(1.2)
    sequence = meeting.asked[-1].sequence
    told = sequence.expression.any(axis=1)
    assert 3 <= told.sum() < sequence.face_mask.sum()  # the first readings told none
    assert (sequence.expression[told] == meeting.expression).all()
    meeting.do(meeting.room.media_state("ada", mic_enabled=True, camera_enabled=False))
    meeting.run(0.6)
    assert not meeting.asked[-1].sequence.expression.any()
    meeting.do(meeting.room.media_state("ada", mic_enabled=True, camera_enabled=True))
    meeting.run(0.9)
    again = meeting.asked[-1].sequence
    assert again.face_mask.sum() <= 3
    assert (again.expression.any(axis=1) == again.face_mask).all()


@pytest.mark.parametrize(("age_s", "live"), [(0.39, True), (0.41, False)])
def test_a_modality_is_live_for_four_tenths_of_a_second(age_s: float, live: bool) -> None:
    for sound in (True, False):
        meeting = Meeting()
        meeting.join()
        meeting.run(3.0, sound=sound, sight=not sound)
        if sound:
            meeting.say()
        else:
            meeting.show()
        before = len(meeting.asked)
        meeting.now += age_s
        meeting.tick()
        assert (len(meeting.asked) > before) is live


def test_a_slow_face_pool_does_not_look_like_a_camera_that_is_off(meeting: Meeting) -> None:
    meeting.run(3.0, sound=False)
    meeting.hold = (EncodeFace,)
    meeting.run(0.5, sound=False)
    meeting.tick()
    assert meeting.room._participants["ada"].live is Profile.VIDEO_ONLY


def test_a_face_that_leaves_the_picture_is_not_live(meeting: Meeting) -> None:
    meeting.run(3.0, sound=False)
    meeting.has_face = False
    meeting.run(0.7, sound=False)
    before = len(meeting.results)
    meeting.run(1.0, sound=False)
    assert len(meeting.results) == before


def test_silence_is_not_live_sound(meeting: Meeting) -> None:
    for _ in range(30):
        meeting.now += 0.1
        silence = np.zeros(1600, np.float32)
        meeting.room.audio("ada", silence, 16_000, 1, meeting.now)
        meeting.tick()
    assert meeting.results == []
    assert meeting.asked == []


def test_answers_for_an_earlier_join_are_discarded(meeting: Meeting) -> None:
    meeting.run(3.0)
    meeting.hold = (Predict, EncodeAudio, EncodeFace)
    meeting.run(0.6)
    held, meeting.held = meeting.held, []
    meeting.join()
    before = len(meeting.results)
    for effect in held:
        meeting.answer(effect)
    assert len(meeting.results) == before


def test_a_lost_worker_costs_one_answer_and_is_told(meeting: Meeting) -> None:
    meeting.run(3.0, sight=False)
    meeting.hold = (EncodeAudio,)
    meeting.run(0.3, sight=False)
    lost, meeting.held, meeting.hold = meeting.held, [], ()
    for effect in lost:
        meeting.do(
            meeting.room.audio_encoded(effect.ticket, Lost("RESULT_LOST", "gone"), meeting.now)
        )
    errors = [e.message for e in meeting.emitted if isinstance(e.message, EmotionError)]
    assert [error.code for error in errors] == ["RESULT_LOST"]
    before = len(meeting.results)
    meeting.run(0.9, sight=False)
    assert len(meeting.results) == before + 3


def test_a_lost_prediction_is_counted(meeting: Meeting) -> None:
    meeting.run(3.0)
    meeting.hold = (Predict,)
    meeting.run(0.3)
    lost = meeting.held[0]
    assert isinstance(lost, Predict)
    meeting.do(meeting.room.predicted(lost.ticket, Lost("RESULT_LOST", "gone"), meeting.now))
    assert meeting.room.drops[Drop.PREDICTION_LOST] == 1


def test_status_follows_the_live_modalities(meeting: Meeting) -> None:
    meeting.run(3.0)
    meeting.run(1.0, sight=False)
    said = [e.message for e in meeting.emitted if isinstance(e.message, ServerStatus)]
    states = [(s.modalities.audio, s.modalities.video) for s in said]
    assert states[0] == (False, False)
    assert states[-2:] == [(True, True), (True, False)]


def test_strangers_and_crowds_are_refused() -> None:
    meeting = Meeting(Settings(room=RoomSettings(max_participants=2)))
    with pytest.raises(NotJoinedError):
        meeting.room.frame("nobody", b"", 1, 0.0)
    meeting.join("ada")
    meeting.join("ben")
    meeting.join("ben")
    with pytest.raises(CapacityError):
        meeting.join("cyd")


def test_results_go_to_the_room_and_errors_do_not(meeting: Meeting) -> None:
    meeting.run(2.0)
    for emit in meeting.emitted:
        assert emit.to_room is isinstance(emit.message, EmotionResult)


def test_untrained_models_mark_every_result() -> None:
    meeting = Meeting(Settings(untrained=True))
    meeting.join()
    meeting.run(3.0)
    assert meeting.results
    assert all(result.result.untrained for result in meeting.results)


def test_stages_add_up_to_the_latency(meeting: Meeting) -> None:
    meeting.run(3.0)
    meeting.hold = (EncodeAudio, Predict)
    meeting.run(0.3)
    (window,) = meeting.held
    meeting.held.clear()
    meeting.now += 0.05
    embedding = np.ones(AUDIO_DIM, np.float32)
    meeting.do(meeting.room.audio_encoded(window.ticket, embedding, meeting.now, work_s=0.02))
    (question,) = meeting.held
    meeting.now += 0.04
    answer = Prediction(PROBS, 0.5, 0.1)
    meeting.do(meeting.room.predicted(question.ticket, answer, meeting.now, work_s=0.01))
    timings = meeting.emitted[-1].timings
    assert timings.profile is Profile.BOTH
    assert not timings.anomaly
    assert timings.spent_s[Stage.ENCODE] == pytest.approx(0.02)
    assert timings.spent_s[Stage.PREDICT] == pytest.approx(0.01)
    assert sum(timings.spent_s.values()) == pytest.approx(meeting.results[-1].latency_ms / 1000)


def test_only_results_have_timings(meeting: Meeting) -> None:
    meeting.run(2.0)
    for emit in meeting.emitted:
        assert (emit.timings is not None) is isinstance(emit.message, EmotionResult)


def test_a_room_goes_on_elsewhere_with_what_it_knew() -> None:
    meeting = Meeting(Settings(), source_hz=48_000)
    meeting.join()
    meeting.run(6.0)
    meeting.hold = (EncodeAudio, EncodeFace, Predict)
    meeting.run(0.6)
    here, before, drops = meeting.room, len(meeting.results), meeting.room.drops
    meeting.room = pickle.loads(pickle.dumps(here))
    assert meeting.room.drops == drops
    assert meeting.room.congestion is not here.congestion
    # What was under way is abandoned: it is asked for anew, and its answers find nothing.
    for effect in meeting.held:
        meeting.hold = ()
        meeting.answer(effect)
    assert len(meeting.results) == before
    meeting.held = []
    meeting.run(0.3)
    assert len(meeting.results) == before + 1
    result, sequence = meeting.results[-1], meeting.asked[-1].sequence
    assert result.result.modality is Profile.BOTH
    assert sequence.audio_mask.sum() >= 7
    assert sequence.face_mask.sum() >= 7
    # Nobody is told again of modalities that are as they were.
    statuses = [emit for emit in meeting.emitted if isinstance(emit.message, ServerStatus)]
    meeting.run(1.0)
    assert [emit for emit in meeting.emitted if isinstance(emit.message, ServerStatus)] == statuses
