from typing import Any

import pytest

from bench.soak import growth_per_min


def held(processes: float = 1, pss: float = 100.0, files: float = 50, threads: float = 10) -> Any:
    return {"processes": processes, "pss": pss, "files": files, "threads": threads}


def samples_of(*looks: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"t_s": 10.0 * n, "held": look} for n, look in enumerate(looks)]


def test_growth_is_that_of_the_later_part() -> None:
    growth = growth_per_min(
        samples_of(
            *(
                {"all": held(20, 900.0 if n < 4 else 1000.0 + n, 500 + n % 2, threads=10 * n)}
                for n in range(12)
            )
        )
    )
    assert growth["all"]["pss"] == pytest.approx(6.0)
    assert growth["all"]["threads"] == pytest.approx(60.0)
    assert growth["all"]["processes"] == pytest.approx(0.0, abs=1e-9)
    assert growth_per_min(samples_of({"all": held()})) == {}


def test_a_process_that_was_away_for_a_moment_is_no_growth() -> None:
    looks = [{"all": held(19, 3500.0, 1000), "Ensemble": held(2, 400.0)} for _ in range(30)]
    looks[11] = {"all": held(18, 3430.0, 1000), "Ensemble": held(1, 200.0)}
    looks[12]["all"]["pss"] = 3460.0
    growth = growth_per_min(samples_of(*looks))
    assert {rise for of in growth.values() for rise in of.values()} == {0.0}


def test_one_process_more_is_no_growth_of_each() -> None:
    looks = [{"RoomHost": held(1 + n // 2, 80.0 * (1 + n // 2))} for n in range(12)]
    growth = growth_per_min(samples_of(*looks))["RoomHost"]
    assert growth["processes"] == pytest.approx(3.0, rel=0.1)
    assert growth["pss"] == 0.0
    # What each of a growing number holds grows with it, too.
    looks = [{"RoomHost": held(1 + n // 2, (80.0 + n) * (1 + n // 2))} for n in range(12)]
    assert growth_per_min(samples_of(*looks))["RoomHost"]["pss"] == pytest.approx(6.0)
