"""What each process does how often, at what cost: shared by the simulation and the arithmetic."""

from dataclasses import dataclass
from functools import partial
from math import ceil

from bench.capacity.load import Load
from bench.capacity.measured import Costs, Shell, batch_seconds
from bench.capacity.pool import Stage

AUDIO, FACE, FEATURES, ENSEMBLE = POOLS = (
    "AudioFeatures",
    "FaceFeatures",
    "FeatureEngineering",
    "Ensemble",
)

MAX_BATCH = {AUDIO: 8, FACE: 4, FEATURES: 16, ENSEMBLE: 16}
"""As in `deployments`; a test compares them."""

TARGET_UTILISATION = 0.7
"""What replicas are counted for, and what the autoscaling of the pools steers to."""


@dataclass(frozen=True)
class Piece:
    """Seconds of one piece of work outside the pools."""

    room_s: float
    ingress_s: float
    proxy_s: float
    ray_s: float

    @classmethod
    def of(cls, shell: Shell) -> "Piece":
        """The measured work of a result, spread evenly over the pieces of which it consists.

        A room takes in messages and three answers (voice, face, prediction), and ticks; ingress and
        proxy pass on messages and results. Ray's processes are counted by the tick.
        """
        messages = (shell.chunks_per_s + shell.frames_per_s) / shell.results_per_s
        faces = shell.frames_per_s / shell.results_per_s
        passing = messages + 1
        return cls(
            shell.room / (messages + faces + 3) / 1000,
            shell.ingress / passing / 1000,
            shell.proxy / passing / 1000,
            shell.ray / 1000,
        )


def stages(costs: Costs, device: str) -> dict[str, Stage]:
    """The four pools, the audio encoder on a device (`cpu`, or a GPU's name); raises KeyError."""
    by_batch = {
        AUDIO: costs.audio_ms[device],
        FACE: {1: costs.face_ms},
        FEATURES: costs.features_ms,
        ENSEMBLE: costs.ensemble_ms,
    }
    return {
        name: Stage(
            name,
            MAX_BATCH[name],
            costs.shell_ms.pools[name] / 1000,
            partial(batch_seconds, by_batch[name]),
        )
        for name in POOLS
    }


@dataclass(frozen=True)
class Rates:
    """Pieces of work a second, of all participants together."""

    messages: float
    frames: float
    ticks: float
    windows: float
    results: float

    @classmethod
    def of(cls, load: Load) -> "Rates":
        """What is to be expected of a load, if every tick is answered."""
        ticks = load.participants / load.tick_s
        speaking = load.speaking_share()
        frames = load.participants * load.cameras * load.frames_per_s
        return cls(
            messages=frames + load.participants * load.chunks_per_s,
            frames=frames,
            ticks=ticks,
            windows=ticks * speaking,
            results=ticks * (1 - (1 - speaking) * (1 - load.cameras)),
        )


def cores_by_process(load: Load, costs: Costs, device: str, *, batched: bool) -> dict[str, float]:
    """Cores that each kind of process keeps busy: rates times costs, nothing else.

    Args:
        load: what comes.
        costs: what was measured.
        device: of the audio encoder; on a GPU its share is the GPU's, and the core that waits.
        batched: with full batches; else each request by itself. The truth lies between.
    """
    rates, piece = Rates.of(load), Piece.of(costs.shell_ms)
    requests = {
        AUDIO: rates.windows,
        FACE: rates.frames,
        FEATURES: rates.results,
        ENSEMBLE: rates.results,
    }
    cores = {
        "room": piece.room_s
        * (rates.messages + rates.frames + rates.windows + rates.ticks + rates.results),
        "ingress": piece.ingress_s * (rates.messages + rates.results),
        "proxy": piece.proxy_s * (rates.messages + rates.results),
        "ray": piece.ray_s * rates.ticks,
    }
    for name, stage in stages(costs, device).items():
        size = stage.max_batch if batched else 1
        cores[name] = requests[name] * stage.batch_s(size) / size
        cores[f"{name} loop"] = requests[name] * stage.request_s
    return cores


def replicas_for(load: Load, costs: Costs, device: str, speed: float = 1.0) -> dict[str, int]:
    """Replicas of each pool and of the ingress that keep either thread below the target.

    Counted without batches, on cores of a speed.
    """
    cores = cores_by_process(load, costs, device, batched=False)
    busier = {name: max(cores[name], cores.get(f"{name} loop", 0)) for name in (*POOLS, "ingress")}
    return {name: max(1, ceil(one / speed / TARGET_UTILISATION)) for name, one in busier.items()}
