import pytest

from bench.capacity.derive import derive

ENCODERS = {
    "encoders": {
        "embedded_face_tracked": {"median_ms": 3.8, "batch": 1},
        "embedded_face_searched": {"median_ms": 11.6, "batch": 1},
        "embedded_audio_1": {"median_ms": 2.7, "batch": 1},
        "embedded_audio_4": {"median_ms": 1.6, "batch": 4},
        "embedded_audio_16": {"median_ms": 1.3, "batch": 16},
        "wav2vec2_audio_1": {"median_ms": 228.6, "batch": 1},
    },
    "machine": {"processor": "AMD EPYC", "cores": 2, "torch": "2.13.0"},
}
LIVE = {
    "encoders": "embedded",
    "participants": 6,
    "seconds": 20.0,
    "results": 390,
    "results_per_s": 19.5,
    "cpu_seconds": {
        "RoomSessionActor": 6.6,
        "FaceFeatures": 5.1,
        "Ingress": 4.0,
        "Ensemble": 3.4,
        "ProxyActor": 2.4,
        "FeatureEngineering": 2.1,
        "AudioFeatures": 1.7,
        "load generator": 1.9,
        "raylet": 0.9,
        "ServeController": 1.0,
    },
}


def test_every_second_of_the_service_is_some_cost() -> None:
    costs = derive(ENCODERS, LIVE)
    shell, frames_per_result = costs.shell_ms, 600 / 390
    per_result_ms = sum(
        (
            costs.audio_ms["cpu"][1] + shell.pools["AudioFeatures"],
            frames_per_result * (costs.face_ms + shell.pools["FaceFeatures"]),
            costs.features_ms[1] + costs.ensemble_ms[1],
            shell.room + shell.ingress + shell.proxy + shell.ray,
        )
    )
    service_s = sum(LIVE["cpu_seconds"].values()) - 1.9
    assert per_result_ms * 390 / 1000 == pytest.approx(service_s)


def test_processes_are_counted_where_they_belong() -> None:
    costs = derive(ENCODERS, LIVE)
    shell = costs.shell_ms
    assert costs.audio_ms == {"cpu": {1: 2.7, 4: 1.6, 16: 1.3}}
    assert shell.results_per_s == 3.25
    assert shell.room == pytest.approx(6600 / 390)
    assert shell.ray == pytest.approx(1900 / 390)
    assert shell.pools["FaceFeatures"] == pytest.approx(5100 / 600 - 3.8)
    assert costs.provenance[1].command == (
        "hoovik bench live --participants 6 --seconds 20 --encoders embedded"
    )
