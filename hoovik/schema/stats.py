"""What an operator is shown of the whole cluster: the body of ``GET /stats/json``."""

from pydantic import BaseModel, ConfigDict, Field


class _Stats(BaseModel):
    model_config = ConfigDict(frozen=True)


class Percentiles(_Stats):
    """Spread of one measure over the window; percentiles within 2.5 %, None where n is 0."""

    n: int = 0
    mean: float | None = None
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None


class Counts(_Stats):
    """What was counted: by second over the last twelve or so, or in all since `Stats.since_ts`."""

    results: float = Field(0, description="Results given.")
    anomalies: float = Field(0, description="Results flagged.")
    drops: dict[str, float] = Field({}, description="What led to nothing, by reason.")
    errors: dict[str, float] = Field({}, description="Errors told to clients, by code.")


class PoolStats(_Stats):
    """One pool of model replicas."""

    replicas: int = Field(description="Replicas that report.")
    restarts: int = Field(description="Replicas that fell silent without ending in order.")
    depth: int = Field(description="Requests waiting or under way, all replicas together.")
    utilisation: float = Field(description="Share of the window in which a replica computed.")
    cpu: float = Field(
        0.0, description="CPU seconds that the computing threads take in a second, all together."
    )
    batch: Percentiles = Field(description="Requests in a batch.")
    queue_ms: Percentiles = Field(description="From taking in a request to beginning its batch.")
    work_ms: Percentiles = Field(description="Computing a batch.")


class RoomCounts(_Stats):
    """One open room."""

    room: str
    participants: int
    ingress_replicas: int = Field(description="Replicas that hold sockets of this room.")
    results_per_s: float
    cpu: float = Field(description="Share of a core that the room takes in its host.")
    results: int
    anomalies: int
    drops: dict[str, int]
    restarts: int = Field(description="Times that the room was lost and begun anew.")


class Stats(_Stats):
    """The service as a whole.

    Latency is cut into stages that follow one another, so that their means add up to that of
    ``end_to_end``: ``clock`` (the newest sample waits for its time step to close), ``queue``
    (everything that is neither of the others: slots, handles, batches, transport between
    processes), ``encode`` and ``predict`` (computing), ``ingress`` (from the socket to the room,
    and back).
    """

    ts: float = Field(description="Seconds since the epoch.")
    since_ts: float = Field(description="When counting began.")
    window_s: float = Field(description="Length of the window of every distribution.")
    sockets: int = Field(description="Open sockets of participants and observers.")
    participants: int = Field(description="Participants in all rooms.")
    rooms: int = Field(description="Open rooms.")
    hosts: int = Field(description="Room hosts that report.")
    host_restarts: int = Field(description="Room hosts that fell silent without ending in order.")
    strain: float = Field(
        description="Share of the time steps that lately never began for want of capacity, on the "
        "room host that has most of it; decides who is admitted."
    )
    ingress_replicas: int
    ingress_restarts: int
    per_second: Counts
    totals: Counts
    latency_ms: dict[str, dict[str, Percentiles]] = Field(
        description="By profile (``all``, ``both``, ``audio_only``, ``video_only``), then stage."
    )
    pools: dict[str, PoolStats] = Field(description="By name of the deployment.")
    open_rooms: list[RoomCounts] = Field(description="The fullest 100 rooms.")
    telemetry_cpu: float = Field(
        description="CPU seconds that counting all this takes in a second, all processes together."
    )
