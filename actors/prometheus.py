from collections.abc import Callable
from math import inf

from ray.util.metrics import Counter, Gauge

from hoovik.schema.stats import Percentiles, PoolStats, Stats
from hoovik.telemetry.cluster import ClusterTelemetry
from hoovik.telemetry.histogram import Histogram

LATENCY_BOUNDS_MS = (10, 25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 750, 1000, 2000, 4000)

POOL_GAUGES: dict[str, tuple[str, Callable[[PoolStats], float]]] = {
    "hoovik_pool_replicas": ("Replicas that report.", lambda pool: pool.replicas),
    "hoovik_pool_restarts": ("Replicas that were lost.", lambda pool: pool.restarts),
    "hoovik_pool_depth": ("Requests waiting or under way.", lambda pool: pool.depth),
    "hoovik_pool_utilisation": ("Share of time spent computing.", lambda pool: pool.utilisation),
    "hoovik_pool_cpu": ("CPU of computing, in cores.", lambda pool: pool.cpu),
    "hoovik_pool_batch": ("Mean requests in a batch.", lambda pool: pool.batch.mean or 0),
}

POOL_PERCENTILES: dict[str, tuple[str, Callable[[PoolStats], Percentiles]]] = {
    "hoovik_pool_queue_ms": ("Waiting for a batch.", lambda pool: pool.queue_ms),
    "hoovik_pool_work_ms": ("Computing a batch.", lambda pool: pool.work_ms),
}

SERVICE_GAUGES: dict[str, tuple[str, Callable[[Stats], float]]] = {
    "hoovik_participants": ("Participants in all rooms.", lambda stats: stats.participants),
    "hoovik_rooms": ("Open rooms.", lambda stats: stats.rooms),
    "hoovik_hosts": ("Room hosts.", lambda stats: stats.hosts),
    "hoovik_host_restarts": ("Room hosts lost.", lambda stats: stats.host_restarts),
    "hoovik_strain": ("Share of steps that never begin, worst host.", lambda s: s.strain),
    "hoovik_sockets": ("Open sockets.", lambda stats: stats.sockets),
    "hoovik_ingress_replicas": ("Ingress replicas.", lambda stats: stats.ingress_replicas),
    "hoovik_ingress_restarts": ("Ingress replicas lost.", lambda stats: stats.ingress_restarts),
    "hoovik_telemetry_cpu": ("CPU of telemetry itself, in cores.", lambda s: s.telemetry_cpu),
}

QUANTILES = ("p50", "p95", "p99")


class _Total:
    """A counter of Ray's that is brought up to totals kept elsewhere."""

    def __init__(self, name: str, description: str, labels: tuple[str, ...] = ()) -> None:
        self._counter = Counter(name, description, labels)
        self._labels = labels
        self._told: dict[tuple[str, ...], float] = {}

    def bring_to(self, total: float, *values: str) -> bool:
        """Raise the counter of these labels; False where it is there already."""
        more = total - self._told.get(values, 0.0)
        if more <= 0:
            return False
        self._counter.inc(more, dict(zip(self._labels, values, strict=True)))
        self._told[values] = total
        return True


class PrometheusExporter:
    """Passes the telemetry of the cluster on to Ray's metrics, which Prometheus scrapes.

    Labels are reasons, codes, pools, profiles and stages: never a room or a participant. Latencies
    are histograms in the form of Prometheus (``le``), but as counters, because Ray's histograms
    take values one by one only. Ray puts ``ray_`` before each name and ``_total`` after a counter's.
    """

    def __init__(self) -> None:
        self._service = {name: Gauge(name, words) for name, (words, _) in SERVICE_GAUGES.items()}
        self._pools = {
            name: Gauge(name, words, ("pool",)) for name, (words, _) in POOL_GAUGES.items()
        }
        self._spreads = {
            name: Gauge(name, words, ("pool", "quantile"))
            for name, (words, _) in POOL_PERCENTILES.items()
        }
        self._results = _Total("hoovik_results", "Results given.")
        self._anomalies = _Total("hoovik_anomalies", "Results flagged.")
        self._drops = _Total("hoovik_drops", "What led to nothing.", ("reason",))
        self._errors = _Total("hoovik_errors", "Errors told to clients.", ("code",))
        of = ("profile", "stage")
        self._buckets = _Total("hoovik_latency_ms_bucket", "Results by latency.", (*of, "le"))
        self._count = _Total("hoovik_latency_ms_count", "Results measured.", of)
        self._sum = _Total("hoovik_latency_ms_sum", "Milliseconds in all.", of)

    def export(self, stats: Stats, cluster: ClusterTelemetry) -> None:
        """Bring Ray's metrics up to date."""
        for name, (_, value) in SERVICE_GAUGES.items():
            self._service[name].set(value(stats))
        for pool, figures in stats.pools.items():
            self._export_pool(pool, figures)
        totals = stats.totals
        self._results.bring_to(totals.results)
        self._anomalies.bring_to(totals.anomalies)
        for reason, total in totals.drops.items():
            self._drops.bring_to(total, reason)
        for code, total in totals.errors.items():
            self._errors.bring_to(total, code)
        for profile, stage, histogram in cluster.latency_since_start():
            self._export_latency(profile, stage, histogram)

    def _export_pool(self, pool: str, figures: PoolStats) -> None:
        for name, (_, value) in POOL_GAUGES.items():
            self._pools[name].set(value(figures), {"pool": pool})
        for name, (_, spread) in POOL_PERCENTILES.items():
            for quantile in QUANTILES:
                value_ms = getattr(spread(figures), quantile) or 0.0
                self._spreads[name].set(value_ms, {"pool": pool, "quantile": quantile})

    def _export_latency(self, profile: str, stage: str, histogram: Histogram) -> None:
        n = histogram.n
        if not self._count.bring_to(n, profile, stage):
            return
        bounds = [*LATENCY_BOUNDS_MS, inf]
        for bound, count in zip(bounds, [*histogram.at_most(LATENCY_BOUNDS_MS), n], strict=True):
            self._buckets.bring_to(count, profile, stage, "+Inf" if bound == inf else f"{bound}")
        self._sum.bring_to(histogram.total, profile, stage)
