from typing import Any

from deployments.autoscaling import SCALING
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

ON_DEVICE = "AudioFeatures"
"""The deployment that computes on the device that the settings name."""


def options_for(name: str, settings: Settings) -> dict[str, Any]:
    """Serve options of one deployment, the settings' merged over the defaults."""
    chosen = {**settings.serve.deployments.get(name, {})}
    if name != "Ingress":
        chosen |= _scaling(chosen, settings.serve.max_replicas)
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


def _scaling(chosen: dict[str, Any], max_replicas: int) -> dict[str, Any]:
    """The `autoscaling_config` of a pool, if it has one; a number of replicas leaves it without."""
    own = chosen.get("autoscaling_config")
    if own is None and (max_replicas == 1 or "num_replicas" in chosen):
        return {}
    return {"autoscaling_config": {**SCALING, "max_replicas": max_replicas, **(own or {})}}
