import pytest

from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.outbound import (
    Basis,
    Emotion,
    EmotionError,
    EmotionResult,
    Modalities,
    ServerStatus,
)
from hoovik_client.client import Reading
from hoovik_client.tally import Tally


def status(at_s: float, *, audio: bool = False, video: bool = False) -> Reading:
    message = ServerStatus(
        participant_id="ada",
        room_id="standup",
        device="cpu",
        seq_len=10,
        target_fps=5,
        modality_stale_sec=0.4,
        modalities=Modalities(audio=audio, video=video),
        ts=at_s,
    )
    return Reading(message, at_s)


def result(at_s: float, *, anomaly: bool = False, latency_ms: float | None = 100.0) -> Reading:
    emotion = Emotion(
        emotion="happy",
        confidence=0.9,
        probs=dict.fromkeys(EMOTIONS, 1 / 6),
        modality=Profile.BOTH,
        anomaly=anomaly,
        anomaly_score=-0.5,
        uncertain=False,
        raw_emotion="happy",
    )
    message = EmotionResult(
        participant_id="ada", result=emotion, basis=Basis(audio=1), latency_ms=1.0, ts=at_s
    )
    return Reading(message, at_s, latency_ms)


def test_live_time_runs_while_a_modality_is_live() -> None:
    tally = Tally()
    for reading in (
        status(0.0),
        status(1.0, audio=True),
        status(2.0, audio=True, video=True),
        status(4.0),
        status(9.0, video=True),
    ):
        tally.take(reading)
    assert tally.live_seconds(10.0) == pytest.approx(4.0)
    tally.stop(11.0)
    assert tally.live_seconds(99.0) == pytest.approx(5.0)


def test_the_summary_counts_results_losses_and_latency() -> None:
    tally = Tally()
    tally.take(status(0.0, audio=True))
    for step in range(8):
        tally.take(result(0.3 * step, anomaly=step == 0, latency_ms=100.0 + step))
    tally.take(Reading(EmotionError(code="RESULT_LOST", message="gone", ts=3.0), 3.0))
    tally.take(status(3.0))
    summary = tally.summary(3.0)
    assert summary["results"] == 8
    assert summary["lost"] == 2
    assert summary["anomalies"] == 1
    assert summary["profiles"] == {"both": 8}
    assert summary["results_per_s"] == pytest.approx(8 / 3, abs=1e-3)
    assert summary["latency_ms"] == {"p50": pytest.approx(103.5), "p95": pytest.approx(106.65)}
    assert [error["code"] for error in tally.errors] == ["RESULT_LOST"]


def test_an_empty_tally_has_a_summary_too() -> None:
    summary = Tally().summary(0.0)
    assert summary["results_per_s"] == 0
    assert summary["latency_ms"] == {"p50": None, "p95": None}
