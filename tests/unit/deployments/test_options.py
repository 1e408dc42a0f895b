from typing import Any

import pytest

from deployments.options import DEFAULTS, options_for
from hoovik.settings import ServeSettings, Settings
from serve_app import BuildArgs, build, settings_from


def test_settings_are_merged_over_the_defaults_down_to_the_actor() -> None:
    chosen = {"FaceFeatures": {"num_replicas": 3, "ray_actor_options": {"memory": 10**9}}}
    options = options_for("FaceFeatures", Settings(serve=ServeSettings(deployments=chosen)))
    default = DEFAULTS["FaceFeatures"]
    assert options["num_replicas"] == 3
    assert options["max_ongoing_requests"] == default["max_ongoing_requests"]
    assert options["ray_actor_options"] == {**default["ray_actor_options"], "memory": 10**9}


def test_no_kill_of_one_process_stops_all_results() -> None:
    options = {name: options_for(name, Settings()) for name in DEFAULTS}
    for name in ("FeatureEngineering", "Ensemble"):
        scaling = options[name]["autoscaling_config"]
        assert scaling["policy"]["policy_kwargs"] == {"least": 2}
        # Ready with one; the policy sees to the second.
        assert (scaling["initial_replicas"], scaling["max_replicas"]) == (1, 2)
        assert "num_replicas" not in options[name]
    assert options["AudioFeatures"]["num_replicas"] == options["FaceFeatures"]["num_replicas"] == 1


@pytest.mark.parametrize(
    ("chosen", "bounds"),
    [
        ({"num_replicas": 1}, (1, None, None)),
        ({"autoscaling_config": {"max_replicas": 1}}, (None, 1, 1)),
        ({"autoscaling_config": {"max_replicas": 8}}, (None, 2, 8)),
        ({"autoscaling_config": {"min_replicas": 4, "max_replicas": 8}}, (None, 4, 8)),
    ],
)
def test_the_settings_say_how_many_replicas_there_are(
    chosen: dict[str, Any], bounds: tuple[int | None, int | None, int | None]
) -> None:
    settings = Settings(serve=ServeSettings(deployments={"Ensemble": chosen}))
    options = options_for("Ensemble", settings)
    scaling = options.get("autoscaling_config", {})
    number = options.get("num_replicas")
    assert (number, scaling.get("min_replicas"), scaling.get("max_replicas")) == bounds


def test_the_audio_encoder_asks_for_the_gpu_it_computes_on() -> None:
    assert "num_gpus" not in options_for("AudioFeatures", Settings())["ray_actor_options"]
    on_gpu = Settings(device="cuda")
    assert options_for("AudioFeatures", on_gpu)["ray_actor_options"]["num_gpus"] == 1
    assert "num_gpus" not in options_for("FaceFeatures", on_gpu)["ray_actor_options"]
    half = {"AudioFeatures": {"ray_actor_options": {"num_gpus": 0.5}}}
    shared = Settings(device="cuda", serve=ServeSettings(deployments=half))
    assert options_for("AudioFeatures", shared)["ray_actor_options"]["num_gpus"] == 0.5


def test_a_profile_chooses_both_encoders_and_the_bundle_beside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOVIK_BUNDLE", "/opt/hoovik/model_artifacts/embedded")
    settings = settings_from(BuildArgs(profile="reference"))
    assert (settings.audio.encoder, settings.face.encoder) == ("wav2vec2", "mediapipe")
    assert str(settings.bundle) == "/opt/hoovik/model_artifacts/reference"
    settings = settings_from(BuildArgs(profile="whisper"))
    assert (settings.audio.encoder, settings.face.encoder) == ("whisper", "embedded")
    assert str(settings.bundle) == "/opt/hoovik/model_artifacts/whisper"
    given = settings_from(BuildArgs(profile="reference", bundle="/elsewhere", untrained=True))
    assert (str(given.bundle), given.untrained) == ("/elsewhere", True)


def test_sections_of_a_serve_config_become_settings() -> None:
    settings = settings_from(BuildArgs(settings={"session": {"tick_s": 0.5}}))
    assert settings.session.tick_s == 0.5


@pytest.mark.parametrize("profile", ["embedded", "whisper", "reference"])
def test_the_application_is_built_for_every_profile(profile: str) -> None:
    assert build(BuildArgs(profile=profile, untrained=True)) is not None
