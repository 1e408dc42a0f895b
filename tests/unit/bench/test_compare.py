from typing import Any

import pytest

from bench.compare import compare, pooled, ratios
from bench.load_plan import LoadPlan
from bench.systems import System, running


def measured(latencies_ms: list[float | None], seconds: float, cpu_s: float) -> dict[str, Any]:
    return {
        "results": len(latencies_ms),
        "results_per_s": len(latencies_ms) / seconds,
        "per_participant": [len(latencies_ms) / seconds, 0.5],
        "series": {"latency_ms": latencies_ms},
        "cpu_seconds": {"main process": cpu_s, "load generator": 0.2},
        "cpu_s": 0.2,
        "memory_mb": {"rss": 200.0, "pss": 100.0},
        "errors": [{"code": "RESULT_LOST"}],
    }


def test_rounds_are_pooled() -> None:
    figures = pooled([measured([100.0, 200.0, None], 2.0, 0.5), measured([300.0], 2.0, 0.3)])
    assert figures["results"] == 4
    assert figures["results_per_s"] == 1.0
    assert figures["slowest_per_s"] == 0.5
    assert figures["latency_ms"] == {"n": 3, "p50": 200.0, "p95": pytest.approx(290.0)}
    assert figures["rest_on_nothing_new"] == 1
    assert figures["errors"] == {"RESULT_LOST": 2}
    assert figures["cpu_ms_per_result"] == pytest.approx(200.0)
    assert figures["load_generator_ms_per_result"] == pytest.approx(100.0)
    assert figures["memory_mb"] == {"rss": 200.0, "pss": 100.0}


def test_ratios_are_service_by_baseline() -> None:
    baseline = pooled([measured([300.0, 300.0], 1.0, 1.0)])
    service = pooled([measured([100.0] * 4, 1.0, 1.0)])
    told = ratios(service, baseline)
    assert told["results_per_s"] == 2.0
    assert told["p95"] == pytest.approx(1 / 3)
    assert told["cpu_ms_per_result"] == pytest.approx(0.5)
    assert told["pss"] == 1.0


def test_without_results_there_is_no_ratio() -> None:
    silent = pooled([measured([], 1.0, 1.0)])
    told = ratios(pooled([measured([100.0], 1.0, 1.0)]), silent)
    assert told["results_per_s"] is None
    assert told["p95"] is None


def test_a_comparison_needs_a_round() -> None:
    with pytest.raises(ValueError, match="at least 1 round"):
        compare(System("a", ["true"]), System("b", ["true"]), LoadPlan(1, 1.0), 0)


def test_a_system_that_does_not_come_up_is_told_by_name() -> None:
    with (
        pytest.raises(RuntimeError, match="false start ended"),
        running(System("false start", ["false"]), 1),
    ):
        pass
