"""What an operator is told after a known load, against what the load generator counted."""

import asyncio
import json
import math
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio

from bench.ports import free_port
from hoovik.schema.emotion import Profile
from hoovik.schema.stats import Stats
from hoovik.settings import Settings
from tests.e2e.guests import Stage, processes, read_stats, talker, until

ROOT = Path(__file__).resolve().parents[2]
PARTICIPANTS = 2
PROMETHEUS = Path("/usr/bin/prometheus")
MOST_CPU = 0.03
"""Of the machine; by itself some 0.5 %, more where all processes are slowed down."""
REPORT_S = 4.0 + 1.0
"""Every process has reported within this time."""

pytestmark = [pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]


@dataclass(frozen=True)
class Load:
    """What the load generator counted, and what the service told during and after."""

    counted: dict[str, Any]
    before: Stats
    during: Stats
    after: Stats


@pytest.fixture(scope="module")
def scraper(service: str, settings: Settings, tmp_path_factory) -> Iterator[str | None]:
    """A Prometheus that scrapes the service; None where there is none."""
    if not PROMETHEUS.exists():
        yield None
        return
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    target = f"127.0.0.1:{settings.telemetry.metrics_port}"
    scrape = {"job_name": "hoovik", "static_configs": [{"targets": [target]}]}
    config = {"global": {"scrape_interval": "2s"}, "scrape_configs": [scrape]}
    (folder / "prometheus.yml").write_text(json.dumps(config))  # YAML is a superset
    command = [
        str(PROMETHEUS),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with subprocess.Popen(command) as process:
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def prometheus(scraper: str | None) -> str:
    """Its address."""
    if scraper is None:
        pytest.skip(f"no {PROMETHEUS}")
    return scraper


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def load(service: str, settings: Settings, scraper: str | None) -> AsyncIterator[Load]:
    """A known load for longer than the window, which holds nothing else then."""
    await _misbehave(Stage(service, "telemetry-faults"))
    await _quiet(service)
    before = await read_stats(service)
    window_s = settings.telemetry.window_s
    command = [sys.executable, "-m", "bench.load", "--url", service]
    command += ["--participants", str(PARTICIPANTS), "--seconds", str(window_s + 3)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=ROOT)
    await asyncio.sleep(0.7 * window_s)  # rates are of the last twelve seconds
    during = await read_stats(service)
    output, _ = await process.communicate()
    await _quiet(service)
    yield Load(json.loads(output), before, during, await read_stats(service))


async def _misbehave(stage: Stage) -> None:
    """A bad image, and more frames than can be looked at."""
    async with stage.listening("ada") as (client, told):
        await client.send_frame(b"no image")
        await until(lambda: "BAD_IMAGE" in told.error_codes)
        for _, image in talker().frames[:60]:
            await client.send_frame(image)
        await until(lambda: bool(told.results))


async def _quiet(url: str) -> None:
    """Wait until every room has ended and the last counts of all are in."""
    await asyncio.sleep(REPORT_S)
    deadline_s = time.monotonic() + 30
    while (stats := await read_stats(url)).rooms or stats.sockets:
        assert time.monotonic() < deadline_s, stats.open_rooms
        await asyncio.sleep(0.5)


async def test_counts_agree_with_the_load_generator(load: Load) -> None:
    assert load.during.participants == load.during.sockets == PARTICIPANTS
    assert (load.during.rooms, load.after.rooms) == (1, 0)
    counted = load.counted["results"]
    told = load.after.totals.results - load.before.totals.results
    print(f"results: {counted} counted, {told:.0f} told")
    assert counted > 0.5 * PARTICIPANTS * load.after.window_s / 0.3
    assert told == pytest.approx(counted, rel=0.02)
    assert load.during.per_second.results == pytest.approx(load.counted["results_per_s"], rel=0.15)
    assert load.after.totals.errors == load.before.totals.errors
    assert load.after.totals.anomalies > load.before.totals.anomalies


async def test_latency_agrees_with_the_load_generator(load: Load) -> None:
    told = load.after.latency_ms["all"]["end_to_end"]
    counted = load.counted["latency_ms"]
    print(f"P95: {counted['p95']:.0f} ms counted, {told.p95:.0f} ms told, n {told.n}")
    assert told.p50 == pytest.approx(counted["p50"], rel=0.15)
    # The slowest are so also on the way between the two, which the service does not see; and it
    # tells of its last minute, in which a burst of slow ones has another share.
    assert 0.5 < told.p95 / counted["p95"] < 2


async def test_the_stages_add_up(load: Load) -> None:
    for profile in ("all", *Profile):
        stages = load.after.latency_ms[profile]
        n = stages["end_to_end"].n
        if n < 50:
            continue
        parts = [stages[name].mean for name in ("clock", "queue", "encode", "predict", "ingress")]
        assert sum(parts) == pytest.approx(stages["end_to_end"].mean, rel=0.05), profile
    assert load.after.latency_ms["both"]["end_to_end"].n > 80


async def test_every_pool_is_told_of(load: Load) -> None:
    pools = load.after.pools
    assert set(pools) == {"AudioFeatures", "FaceFeatures", "FeatureEngineering", "Ensemble"}
    assert load.during.ingress_replicas == 2
    for name, pool in pools.items():
        assert pool.replicas == 2, name
        assert pool.work_ms.n > 40, name
        assert 1 <= pool.batch.mean < 8, name
        assert 0 < pool.utilisation < 1, name
        assert pool.depth == 0, name


async def test_telemetry_costs_next_to_nothing(load: Load) -> None:
    share = load.during.telemetry_cpu / psutil.cpu_count()
    print(f"telemetry takes {share:.2%} of the CPU")
    assert 0 < share < MOST_CPU
    assert len(processes("ray::TelemetryActor")) == 1


async def test_what_went_wrong_is_told(load: Load) -> None:
    assert load.before.totals.errors["BAD_IMAGE"] >= 1
    # On their way to the room, or in it: how fast they came decides.
    drops = load.before.totals.drops
    assert drops.get("frame_surplus", 0) + drops.get("frame_spare", 0) >= 50


async def test_every_panel_of_the_dashboard_has_data(prometheus: str, load: Load) -> None:
    dashboard = json.loads((ROOT / "infra" / "grafana" / "hoovik.json").read_text())
    queries = [
        target["expr"].replace("$__rate_interval", "2m")
        for panel in dashboard["panels"]
        for target in panel["targets"]
    ]
    assert len(queries) > 20
    async with httpx.AsyncClient(base_url=prometheus) as http:
        # Ray passes its metrics on every ten seconds.
        deadline_s = time.monotonic() + 40
        while load.after.totals.results not in await _query(http, "ray_hoovik_results_total"):
            assert time.monotonic() < deadline_s
            await asyncio.sleep(1)
        found = {query: await _query(http, query) for query in queries}
    # A profile that nobody had lately has no quantile; the others have.
    empty = [query for query, values in found.items() if all(map(math.isnan, values))]
    assert empty == []


async def test_no_label_names_a_room_or_a_participant(prometheus: str, load: Load) -> None:
    async with httpx.AsyncClient(base_url=prometheus) as http:
        answer = await http.get("/api/v1/series", params={"match[]": '{__name__=~"ray_hoovik.*"}'})
    series = answer.json()["data"]
    labels = {name for one in series for name in one}
    ours = {"profile", "stage", "le", "reason", "code", "pool", "quantile"}
    assert ours <= labels
    assert not any(
        "bench-0" in value or "load-" in value for one in series for value in one.values()
    )
    # Ray goes on telling of a process that has died, so of each that added up.
    assert max(Counter(one["WorkerId"] for one in series).values()) < 500


async def _query(http: httpx.AsyncClient, query: str) -> list[float]:
    answer = await http.get("/api/v1/query", params={"query": query})
    body = answer.json()
    assert body["status"] == "success", (query, body)
    return [float(one["value"][1]) for one in body["data"]["result"]]
