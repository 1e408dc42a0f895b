from typing import Any

from deployments.autoscaling import SCALING, spare
from hoovik.settings import Settings

BOUNDED = {"max_ongoing_requests": 64, "max_queued_requests": 64}
"""Calls that a replica holds, and that wait for one at each caller. A room has fewer under way, as
each participant has one step; what goes beyond is refused and counts as lost."""

DEFAULTS: dict[str, dict[str, Any]] = {
    # CPU shares are for placement alone; together they leave room for a second replica of each
    # stage on two cores.
    "AudioFeatures": {**BOUNDED, "ray_actor_options": {"num_cpus": 0.3}},
    "FaceFeatures": {**BOUNDED, "ray_actor_options": {"num_cpus": 0.3}},
    "FeatureEngineering": {**BOUNDED, "ray_actor_options": {"num_cpus": 0.1}},
    "Ensemble": {**BOUNDED, "ray_actor_options": {"num_cpus": 0.2}},
    # An idle socket counts as a request; the ingress itself refuses beyond max_sockets.
    "Ingress": {"max_ongoing_requests": 1000, "ray_actor_options": {"num_cpus": 0.1}},
}
"""Serve options of each deployment, before the settings' own."""

LEAST_REPLICAS = {"FeatureEngineering": 2, "Ensemble": 2}
"""Replicas of a pool where the settings ask for no others; 1 where it is not named. All results pass
by these two: while the only replica of one is away, nobody has any. Without voices, or without faces,
a room goes on. The second is a spare, which starts once the service is ready (`spare`)."""

ON_DEVICE = "AudioFeatures"
"""The deployment that computes on the device that the settings name."""


def options_for(name: str, settings: Settings) -> dict[str, Any]:
    """Serve options of one deployment, the settings' merged over the defaults."""
    chosen = {**settings.serve.deployments.get(name, {})}
    if name != "Ingress":
        chosen |= _replicas(chosen, LEAST_REPLICAS.get(name, 1), settings.serve.max_replicas)
    actor_options = {
        **DEFAULTS[name]["ray_actor_options"],
        # Ray hides every GPU from an actor that asks for none.
        **({"num_gpus": 1} if name == ON_DEVICE and settings.device == "cuda" else {}),
        **chosen.get("ray_actor_options", {}),
    }
    merged = {**DEFAULTS[name], **chosen, "ray_actor_options": actor_options}
    # Serve's own lines in the same form as ours. Of a pool, a line for each request would be one
    # for each image and window: nobody reads them, and they cost more than all of telemetry.
    logging_config = {
        "encoding": settings.telemetry.logs.upper(),
        "enable_access_log": name == "Ingress",
    }
    return {"health_check_period_s": 2, "logging_config": logging_config, **merged}


def _replicas(chosen: dict[str, Any], least: int, most: int) -> dict[str, Any]:
    """How many replicas a pool has, or between which numbers it grows and shrinks."""
    own = chosen.get("autoscaling_config")
    if own is None and "num_replicas" in chosen:
        return {}
    if own is None and most <= least:
        return {"num_replicas": 1} if least == 1 else {"autoscaling_config": spare(least)}
    merged = {**SCALING, "max_replicas": max(least, most), **(own or {})}
    return {"autoscaling_config": {"min_replicas": min(least, merged["max_replicas"]), **merged}}
