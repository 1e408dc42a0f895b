import pickle

import numpy as np
import pytest

from hoovik.features.baseline import Voices
from hoovik.layout import AUDIO_DIM
from hoovik.session.room import Room
from hoovik.settings import SessionSettings, Settings
from tests.meeting import Meeting
from tests.unit.session.test_quality import shout

VOICES = Voices(np.zeros(AUDIO_DIM, np.float32), weight=10, memory=600)
"""Everybody's vectors are zeros; a `Meeting` answers with ones."""


@pytest.fixture
def meeting() -> Meeting:
    return _meeting(Settings())


def _meeting(settings: Settings) -> Meeting:
    meeting = Meeting(settings)
    meeting.room = Room("standup", settings, voices=VOICES)
    meeting.join()
    return meeting


def newest(meeting: Meeting) -> float:
    """The newest voice vector that the models were asked about; all its values are alike."""
    sequence = meeting.asked[-1].sequence
    (value,) = set(sequence.audio[np.flatnonzero(sequence.audio_mask)[-1]].tolist())
    return float(value)


def test_what_is_only_that_persons_goes_while_they_speak(meeting: Meeting) -> None:
    meeting.run(1.0)
    heard = meeting.asked[0].sequence.audio[-1, 0]
    assert heard == pytest.approx(10 / 11)
    meeting.run(30.0)
    n = len(meeting.asked)
    assert n > 80
    assert newest(meeting) == pytest.approx(10 / (10 + n), rel=0.05)


def test_each_step_keeps_the_baseline_of_its_own_time(meeting: Meeting) -> None:
    meeting.run(4.0)
    sequence = meeting.asked[-1].sequence
    told = sequence.audio[sequence.audio_mask, 0]
    n = len(meeting.asked)
    np.testing.assert_allclose(told, 10 / (10 + np.arange(n - len(told) + 1, n + 1)), rtol=1e-5)


def test_it_is_gone_on_mute(meeting: Meeting) -> None:
    meeting.run(10.0)
    meeting.room.media_state("ada", mic_enabled=False, camera_enabled=True)
    meeting.run(1.0)
    meeting.room.media_state("ada", mic_enabled=True, camera_enabled=True)
    before = len(meeting.asked)
    meeting.run(1.0)
    heard = [one.sequence for one in meeting.asked[before:] if one.sequence.audio_mask.any()]
    assert heard[0].audio[-1, 0] == pytest.approx(10 / 11)


def test_it_is_gone_with_the_one_who_leaves(meeting: Meeting) -> None:
    meeting.run(10.0)
    meeting.room.leave("ada")
    meeting.join()
    before = len(meeting.asked)
    meeting.run(1.0)
    assert meeting.asked[before].sequence.audio[-1, 0] == pytest.approx(10 / 11)


def test_it_is_each_participants_own(meeting: Meeting) -> None:
    meeting.run(10.0)
    meeting.join("ben")
    before = len(meeting.asked)
    meeting.run(0.7)
    of_ben = [one for one in meeting.asked[before:] if one.ticket.participant_id == "ben"]
    assert of_ben[0].sequence.audio[-1, 0] == pytest.approx(10 / 11)


def test_it_goes_along_with_its_room(meeting: Meeting) -> None:
    meeting.run(10.0)
    before = newest(meeting)
    meeting.room = pickle.loads(pickle.dumps(meeting.room))
    meeting.run(0.6)
    assert 0.8 * before < newest(meeting) < before


def test_what_is_amiss_with_the_sound_teaches_nothing(meeting: Meeting) -> None:
    meeting.run(3.0)
    shout(meeting, 1.5, sight=False)
    before, asked = newest(meeting), len(meeting.asked)
    shout(meeting, 3.0, sight=False)
    assert len(meeting.asked) > asked + 8
    assert newest(meeting) == before
    meeting.run(4.0)
    assert newest(meeting) < before


def test_it_can_be_switched_off() -> None:
    off = _meeting(Settings(session=SessionSettings(baseline=False)))
    off.run(10.0)
    assert newest(off) == 1


def test_without_a_bundles_voices_there_is_none() -> None:
    plain = Meeting()
    plain.join()
    plain.run(10.0)
    assert newest(plain) == 1
