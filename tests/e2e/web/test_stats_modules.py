"""Rules of the operator's page by themselves, in a browser: what it remembers, warns of, and how it reads."""

import json
from typing import Any

import pytest

from hoovik.telemetry.cluster import ClusterTelemetry
from hoovik.telemetry.measures import DEPTH, Kind, Source
from hoovik.telemetry.meter import Meter
from tests.e2e.web.conftest import Visit, run

REMEMBER = """
async ([stats, everyMs, depths]) => {
  const { History, runs } = await import("/web/stats/history.js");
  const { poolWarnings } = await import("/web/stats/warnings.js");
  const history = new History();
  depths.forEach((depth, place) => {
    stats.pools.FaceFeatures.depth = depth;
    history.add(stats, 1000 + place * everyMs);
  });
  return {
    kept: history.samples.length,
    spanMs: history.samples.at(-1).at - history.samples[0].at,
    runs: runs(history.samples, "participants").length,
    warned: poolWarnings("FaceFeatures", stats.pools.FaceFeatures, history).map(({ short }) => short),
  };
}
"""

READ = """
async ([name, values]) => {
  const figures = await import("/web/stats/figures.js");
  return values.map((value) => figures[name](value));
}
"""


def stats() -> Any:
    """Figures with one pool in them, as they travel."""
    cluster, meter = ClusterTelemetry(0.0, 60, 0.0), Meter()
    meter.gauge(DEPTH, value=0)
    cluster.take(Source(Kind.POOL, "FaceFeatures", "a"), meter.take(4.0), 1.0)
    return json.loads(cluster.stats(1.0, 1.0).model_dump_json())


async def test_a_quarter_of_an_hour_is_remembered(visit: Visit) -> None:
    found = await run(visit, REMEMBER, stats(), 2_000, [0] * 1_000)
    assert (found["kept"], found["spanMs"], found["runs"]) == (451, 900_000, 1)


async def test_however_often_figures_come_not_many_are_kept(visit: Visit) -> None:
    assert (await run(visit, REMEMBER, stats(), 10, [0] * 2_000))["kept"] == 600


async def test_where_nothing_was_seen_there_is_no_line(visit: Visit) -> None:
    assert (await run(visit, REMEMBER, stats(), 60_000, [0] * 5))["runs"] == 5


@pytest.mark.parametrize(
    ("depths", "warned"),
    [
        ([*range(40)], ["growing"]),
        ([0, 4, 1, 6] * 10, []),
        ([*range(40, 0, -1)], []),
        ([9] * 40, []),
        ([0, 9], []),
    ],
    ids=["grows", "busy", "falls", "stays", "too soon to say"],
)
async def test_a_depth_that_grows_is_told_from_one_that_is_there(
    visit: Visit, depths: list[int], warned: list[str]
) -> None:
    assert (await run(visit, REMEMBER, stats(), 2_000, depths))["warned"] == warned


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        (
            "rate",
            [0, 0.004, 0.05, 0.25, 13.33, 1234.5],
            ["0", "< 0.01", "0.05", "0.3", "13.3", "1,235"],
        ),
        (
            "milliseconds",
            [None, 0, 3.21, 105.4, 2154],
            ["–", "0.0 ms", "3.2 ms", "105 ms", "2,154 ms"],
        ),
        (
            "percent",
            [None, 0, 0.012, 0.0999, 0.4, 1],
            ["–", "0 %", "1.2 %", "10 %", "40 %", "100 %"],
        ),
        ("span", [-1, 59, 61, 3_700, 200_000], ["0 s", "59 s", "1 min", "1 h 1 min", "2 days"]),
    ],
)
async def test_figures_read_well(visit: Visit, name: str, values: list, words: list[str]) -> None:
    assert await run(visit, READ, name, values) == words
