import pytest

from bench.live import shell_by_process
from bench.rooms import RoomsPlan, idle_figures


def test_the_shell_is_all_but_what_pools_compute() -> None:
    figures = {
        "results": 200,
        "results_per_s": 10.0,
        "cpu_seconds": {"RoomHost": 0.8, "Directory": 0.02, "Ensemble": 1.0, "load generator": 4.0},
    }
    shell_ms = shell_by_process(figures, {"Ensemble": 0.03, "AudioFeatures": 0.0})
    # The pool took 5 ms a result, of which its threads computed 3.
    assert shell_ms == pytest.approx({"RoomHost": 4.0, "Directory": 0.1, "Ensemble": 2.0})
    assert shell_by_process({**figures, "results": 0, "results_per_s": 0.0}, {}) == {}


def test_an_idle_room_is_what_it_adds_to_hosts_ingress_and_directory() -> None:
    before = {
        "RoomHost": {"processes": 2, "pss": 150.0},
        "Ingress": {"processes": 1, "pss": 100.0},
        "Ensemble": {"processes": 2, "pss": 400.0},
    }
    report = {
        "joined": 50,
        "pss_mb": {"RoomHost": 260.0, "Ingress": 115.0, "Directory": 20.0, "Ensemble": 900.0},
        "cpu_seconds": {"RoomHost": 0.6, "Ingress": 0.4, "Ensemble": 5.0, "load generator": 1.0},
        "processes": {"RoomHost": 3, "Ingress": 1, "Directory": 1, "Ensemble": 2},
    }
    told = idle_figures(before, report, RoomsPlan(idle=60, seconds=20.0))
    assert told["rooms"] == 50
    assert told["pss_mb_per_room"] == pytest.approx((110 + 15 + 20) / 50)
    assert told["cpu_share"] == pytest.approx(0.05)
    assert told["processes_before"] == {"RoomHost": 2, "Ingress": 1, "Directory": 0}
    assert told["processes"] == {"RoomHost": 3, "Ingress": 1, "Directory": 1}
