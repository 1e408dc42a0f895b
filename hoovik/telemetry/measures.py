"""Names of what is measured. They are the first part of a `meter.Key`."""

from dataclasses import dataclass
from enum import StrEnum

RESULTS = "results"
ANOMALIES = "anomalies"
DROPS = "drops"
ERRORS = "errors"
LATENCY = "latency_ms"
QUEUE = "queue_ms"
WORK = "work_ms"
WORK_CPU = "work_cpu_us"
BATCH = "batch"
DEPTH = "depth"
LANES = "lanes"
SOCKETS = "sockets"
STRAIN = "strain"
OWN_CPU = "telemetry_cpu_us"


class Stage(StrEnum):
    """Where the time of a result goes; all but the first follow one another and add up to it."""

    END_TO_END = "end_to_end"
    CLOCK = "clock"
    QUEUE = "queue"
    ENCODE = "encode"
    PREDICT = "predict"
    INGRESS = "ingress"


class Kind(StrEnum):
    """Processes that report."""

    INGRESS = "ingress"
    HOST = "host"
    POOL = "pool"
    TELEMETRY = "telemetry"


@dataclass(frozen=True, slots=True)
class Source:
    """One process that reports.

    Attributes:
        name: of the room host, or of the deployment.
        instance: a process's own; its successor has another.
    """

    kind: Kind
    name: str
    instance: str
