import os
import pickle
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from commands.settings import document
from hoovik.errors import ConfigurationError
from hoovik.settings import AudioSettings, AuthSettings, ServeSettings, Settings, read_settings
from tests.conftest import REPOSITORY


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("HOOVIK_"):
            monkeypatch.delenv(name)


def test_the_environment_sets_a_value_in_a_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOVIK_SESSION__TICK_S", "0.5")
    monkeypatch.setenv("HOOVIK_FACE__ENCODER", "mediapipe")
    monkeypatch.setenv("HOOVIK_UNTRAINED", "true")
    monkeypatch.setenv("HOOVIK_BUNDLE", "/srv/bundle")
    settings = Settings()
    assert settings.session.tick_s == 0.5
    assert settings.session.ema_alpha == 0.65
    assert settings.face.encoder == "mediapipe"
    assert settings.untrained is True
    assert settings.bundle == Path("/srv/bundle")


def test_lists_and_tables_are_json_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOVIK_AUTH__ALLOWED_ORIGINS", '["https://meet.example"]')
    monkeypatch.setenv("HOOVIK_SERVE__DEPLOYMENTS", '{"audio": {"num_replicas": 2}}')
    settings = Settings()
    assert settings.auth.allowed_origins == ("https://meet.example",)
    assert settings.serve.deployments == {"audio": {"num_replicas": 2}}


def test_code_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOVIK_AUDIO__MIN_SPEECH", "0.9")
    assert Settings(audio=AudioSettings(min_speech=0.1)).audio.min_speech == 0.1


def test_a_misspelt_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOOVIK_UNTRAIND", "HOOVIK_SESION__TICK_S"):
        with monkeypatch.context() as patch:
            patch.setenv(variable, "1")
            with pytest.raises(ConfigurationError, match=variable):
                read_settings()


def test_a_setting_that_is_not_valid_is_told_without_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOVIK_SESSION__TICK_S", "s3cret")
    with pytest.raises(ConfigurationError, match=r"session\.tick_s") as refusal:
        read_settings()
    assert "s3cret" not in str(refusal.value)


def test_a_key_that_no_section_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="encodr"):
        AudioSettings.model_validate({"encodr": "wav2vec2"})
    with pytest.raises(ValidationError, match="sesion"):
        Settings.model_validate({"sesion": {}})
    monkeypatch.setenv("HOOVIK_AUDIO__ENCODR", "wav2vec2")
    with pytest.raises(ValidationError, match="encodr"):
        Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOOVIK_AUDIO__ENCODER", "hubert"),
        ("HOOVIK_AUDIO__VAD_AGGRESSIVENESS", "4"),
        ("HOOVIK_AUDIO__MIN_SPEECH", "1.1"),
        ("HOOVIK_AUDIO__MAX_BUFFER_S", "0.3"),
        ("HOOVIK_FACE__MAX_BYTES", "-1"),
        ("HOOVIK_SESSION__TICK_S", "7"),
        ("HOOVIK_SESSION__STALE_S", "-1"),
        ("HOOVIK_SESSION__TARGET_FPS", "0"),
        ("HOOVIK_SESSION__ANSWER_S", "0"),
        ("HOOVIK_ROOM__IDLE_S", "-5"),
        ("HOOVIK_ROOM__MAX_EVENTS", "0"),
        ("HOOVIK_ROOM__PARTICIPANTS_PER_HOST", "0"),
        ("HOOVIK_ROOM__ROOMS_PER_HOST", "0"),
        ("HOOVIK_SERVE__PORT", "70000"),
        ("HOOVIK_SESSION__TICK_S", "0"),
        ("HOOVIK_SESSION__EMA_ALPHA", "soon"),
        ("HOOVIK_SERVE__THREADS", "0"),
        ("HOOVIK_DEVICE", "tpu"),
    ],
)
def test_a_value_out_of_range_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_settings_do_not_change() -> None:
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.untrained = True
    with pytest.raises(ValidationError, match="frozen"):
        settings.session.tick_s = 1.0


def test_settings_that_cannot_work_together_are_refused_with_the_reason() -> None:
    with pytest.raises(ConfigurationError, match=r"min_fps \(9\) is above target_fps \(5\)"):
        read_settings(session={"min_fps": 9, "target_fps": 5})


def test_every_number_has_a_lower_bound() -> None:
    sections = [field.default for field in Settings.model_fields.values()]
    for section in (one for one in sections if isinstance(one, BaseModel)):
        for name, field in type(section).model_fields.items():
            if not isinstance(field.default, bool) and isinstance(field.default, int | float):
                bounds = {type(one).__name__ for one in field.metadata}
                assert bounds & {"Ge", "Gt"}, f"{type(section).__name__}.{name}"


def test_settings_travel_to_other_processes() -> None:
    settings = Settings(
        untrained=True,
        auth=AuthSettings.model_validate({"jwt_secret": "a secret"}),
        serve=ServeSettings(deployments={"audio": {"num_replicas": 2}}),
    )
    arrived = pickle.loads(pickle.dumps(settings))
    assert arrived == settings
    assert arrived.auth.jwt_secret.get_secret_value() == "a secret"


def test_a_secret_is_not_shown() -> None:
    settings = Settings(auth=AuthSettings.model_validate({"jwt_secret": "a secret"}))
    assert "a secret" not in repr(settings)
    assert "a secret" not in settings.model_dump_json()


def test_the_document_of_the_settings_is_up_to_date() -> None:
    written = (REPOSITORY / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert written == document()
