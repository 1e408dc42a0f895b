from math import inf

import numpy as np
import pytest

from hoovik.media.meeting import ClientState, ScriptEvent
from hoovik.schema.action import Action
from hoovik.schema.emotion import Profile
from hoovik.settings import SessionSettings
from replay.chunk import Change, RawResults
from replay.recording import changes_of
from replay.smoothing import smoothed

HAPPY, SAD = np.eye(6, dtype=np.float32)[3], np.eye(6, dtype=np.float32)[4]
ALWAYS = (Change(-inf, ClientState()),)
SETTINGS = SessionSettings()
LEAST = 0.36


def raw(*said: tuple[float, np.ndarray, Profile]) -> RawResults:
    return RawResults(
        time_s=np.array([one[0] for one in said]),
        probs=np.array([one[1] for one in said], np.float32).reshape(-1, 6),
        profile=tuple(one[2] for one in said),
        anomaly=np.zeros(len(said), bool),
        reasons=((),) * len(said),
        anomaly_score=np.full(len(said), -0.4, np.float32),
        least=np.full(len(said), LEAST, np.float32),
    )


def test_results_remember_those_before() -> None:
    results = smoothed(
        raw((0.3, HAPPY, Profile.BOTH), (0.6, SAD, Profile.BOTH), (0.9, SAD, Profile.AUDIO_ONLY)),
        ALWAYS,
        10.0,
        SETTINGS,
    )
    assert results.time_s.tolist() == [10.3, 10.6, 10.9]
    assert results.probs[:, 4].tolist() == pytest.approx([0, SETTINGS.ema_alpha, 1])
    assert results.emotion == ("happy", "sad", "sad")
    assert results.confidence.tolist() == pytest.approx([1, 0.65, 1])


def test_doubt_follows_from_smoothed_probabilities() -> None:
    # 0.65 sad and 0.35 happy, of which one reaches 0.36; then 0.7725 happy.
    said = [(0.3, HAPPY, Profile.BOTH), (0.6, SAD, Profile.BOTH), (0.9, HAPPY, Profile.BOTH)]
    open_ = np.array([0.3, 0.3, 0.35, 0.05, 0, 0], np.float32)
    results = smoothed(raw(*said, (9.0, open_, Profile.BOTH)), ALWAYS, 0.0, SETTINGS)
    assert results.emotion == ("happy", "sad", "happy", "disgust")
    assert results.uncertain.tolist() == [False, False, False, True]


def test_whoever_comes_back_begins_anew() -> None:
    events = [
        ScriptEvent(time_s=10.4, participant="ada", action=Action.LEAVE),
        ScriptEvent(time_s=10.5, participant="ben", action=Action.MUTE),
        ScriptEvent(time_s=10.5, participant="ada", action=Action.JOIN),
    ]
    changes = changes_of("ada", events, 10.0)
    assert [one.state.present for one in changes] == [True, False, True]
    assert changes[1].time_s == pytest.approx(0.4)
    results = smoothed(
        raw((0.3, HAPPY, Profile.BOTH), (0.6, SAD, Profile.BOTH)), changes, 10.0, SETTINGS
    )
    assert results.probs[1, 4] == 1


def test_no_result_is_no_result() -> None:
    results = smoothed(raw(), ALWAYS, 0.0, SETTINGS)
    assert len(results) == 0
    assert results.probs.shape == (0, 6)
    assert results.confidence.shape == (0,)
