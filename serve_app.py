"""Composition root: builds the Serve application from settings.

``serve run serve_app:app`` takes the settings of the environment; ``serve run serve_app:build
profile=reference`` takes arguments, as a Serve config file does.
"""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

# How Serve's processes are wired; docs/ray.md says why. They must be set before Ray's workers
# start, and Ray copies them to the workers of a cluster it starts here.
os.environ.setdefault("RAY_SERVE_RUN_USER_CODE_IN_SEPARATE_THREAD", "0")
os.environ.setdefault("RAY_SERVE_RUN_ROUTER_IN_SEPARATE_LOOP", "0")
os.environ.setdefault("RAY_max_direct_call_object_size", "1000000")
os.environ.setdefault("RAY_SERVE_CONTROL_LOOP_INTERVAL_S", "1.0")
os.environ.setdefault("RAY_task_events_report_interval_ms", "0")
os.environ.setdefault("RAY_prestart_worker_first_driver", "0")
os.environ.setdefault("RAY_SERVE_REPLICA_GRPC_MAX_MESSAGE_LENGTH", "134217728")
os.environ.setdefault("MALLOC_ARENA_MAX", "2")

from ray import serve
from ray.serve import Application

from deployments.ingress.deployment import Ingress
from deployments.options import options_for
from deployments.pools import AudioFeatures, Ensemble, FaceFeatures, FeatureEngineering
from hoovik.settings import Settings, read_settings

PROFILES: dict[str, dict[str, str]] = {
    "embedded": {"audio": "embedded", "face": "embedded"},
    "whisper": {"audio": "whisper", "face": "embedded"},
    "reference": {"audio": "wav2vec2", "face": "mediapipe"},
}
"""Encoders of each encoder profile."""


class BuildArgs(BaseModel):
    """Arguments of `build`; what is left out comes from the environment."""

    model_config = ConfigDict(extra="forbid")

    profile: Literal["embedded", "whisper", "reference"] | None = None
    bundle: Path | None = Field(
        None, description="With a profile: the folder of its name beside the one set."
    )
    untrained: bool | None = None
    settings: dict[str, Any] = Field(
        default_factory=dict, description="Sections of the settings, as in docs/configuration.md."
    )


def settings_from(args: BuildArgs) -> Settings:
    """Settings of the environment with the arguments over them."""
    base = read_settings(**args.settings)
    chosen: dict[str, Any] = {}
    if args.profile is not None:
        encoders = PROFILES[args.profile]
        chosen = {
            "audio": base.audio.model_copy(update={"encoder": encoders["audio"]}),
            "face": base.face.model_copy(update={"encoder": encoders["face"]}),
            "bundle": base.bundle.parent / args.profile,
        }
    if args.bundle is not None:
        chosen["bundle"] = args.bundle
    if args.untrained is not None:
        chosen["untrained"] = args.untrained
    return base.model_copy(update=chosen)


def application(settings: Settings) -> Application:
    """The whole service: four pools and the ingress in front of them."""

    def deploy(cls: type, *args: Any) -> Application:
        options = options_for(cls.__name__, settings)
        return serve.deployment(name=cls.__name__, **options)(cls).bind(*args)

    pools = [
        deploy(cls, settings) for cls in (AudioFeatures, FaceFeatures, FeatureEngineering, Ensemble)
    ]
    ingress = serve.ingress()(Ingress)
    options = options_for("Ingress", settings)
    return serve.deployment(name="Ingress", **options)(ingress).bind(settings, *pools)


def build(args: BuildArgs) -> Application:
    """Builder for ``serve run serve_app:build key=value``."""
    return application(settings_from(args))


def __getattr__(name: str) -> Application:
    # `app` is made when it is asked for: importing this module reads no environment.
    if name == "app":
        return application(read_settings())
    raise AttributeError(name)
