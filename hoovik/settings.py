"""Every threshold of the system, in one place.

Read from the environment (``HOOVIK_SESSION__TICK_S=0.3``) or given in code; frozen, picklable,
and handed to every process that needs it.
"""

import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from hoovik.errors import ConfigurationError
from hoovik.layout import CONTEXT_SAMPLES, TICK_S, WINDOW_S
from hoovik.schema.emotion import MEETING_PRIOR, frequencies
from hoovik.validation import first_fault

PREFIX = "HOOVIK_"

AudioEncoderName = Literal["embedded", "wav2vec2", "whisper"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]
FaceEncoderName = Literal["embedded", "mediapipe"]

MODEL_ARTIFACTS = Path(__file__).resolve().parent.parent / "model_artifacts"
"""Folder of the bundles, one for each pair of encoders."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AudioSettings(_Section):
    """What happens to sound before the models."""

    encoder: AudioEncoderName = Field(
        "embedded", description="Which encoder makes the 1024-d vector."
    )
    max_bytes: int = Field(2 * 2**20, ge=1, description="Largest audio message, in bytes.")
    max_buffer_s: float = Field(
        4.0,
        ge=WINDOW_S,
        le=60,
        description="Sound kept per participant, in seconds; what the encoder hears at least.",
    )
    vad_aggressiveness: int = Field(
        2, ge=0, le=3, description="WebRTC VAD mode: 3 calls the least speech."
    )
    min_speech: float = Field(
        0.2, ge=0, le=1, description="Share of a window's 30 ms frames that must be speech."
    )
    wav2vec2: str = Field(
        "audeering/wav2vec2-large-robust-12-ft-emotion-msp-dim",
        description="Folder or public name of the reference audio encoder.",
    )
    wav2vec2_sha256: str | None = Field(
        None,
        description="SHA-256 that the reference weights must have; None: taken as they come, "
        "their digest logged.",
    )
    whisper: str = Field(
        "openai/whisper-tiny.en",
        description="Weights file, folder or public name of the Whisper encoder.",
    )
    whisper_sha256: str | None = Field(
        None,
        description="SHA-256 that Whisper's weights must have; None: taken as they come, their "
        "digest logged.",
    )
    precision: Precision = Field(
        "auto",
        description="Number type of the audio encoder. `auto`: wav2vec2 and Whisper in a 16-bit "
        "type where that is measured to be faster at the start, the embedded encoder in `float32`.",
    )

    @property
    def context_samples(self) -> int:
        """Samples that the encoder hears, the last 9,600 of which are the window."""
        return CONTEXT_SAMPLES[self.encoder]


class FaceSettings(_Section):
    """What happens to pictures before the models."""

    encoder: FaceEncoderName = Field(
        "embedded", description="Which encoder makes the 326-d vector."
    )
    max_bytes: int = Field(4 * 2**20, ge=1, description="Largest image message, in bytes.")
    max_side_px: int = Field(4096, ge=1, description="Largest width or height, in pixels.")
    decode_side_px: int = Field(
        640,
        ge=1,
        description="JPEGs are decoded at 1/2, 1/4 or 1/8 while the longer side stays above this.",
    )
    landmarker: str | None = Field(
        None,
        description="Path of MediaPipe's face_landmarker.task; None: fetched from its public home.",
    )
    landmarker_sha256: str | None = Field(
        None, description="SHA-256 of the .task file; None: the pinned one."
    )


class SessionSettings(_Section):
    """The rules of one room."""

    tick_s: float = Field(
        TICK_S,
        ge=0.1,
        le=1,
        description="One time step and one result, in seconds: that of the bundle; another one is "
        "for random weights only.",
    )
    face_nearest_s: float = Field(
        0.2, gt=0, le=1, description="A face vector this near to a step belongs to it."
    )
    stale_s: float = Field(
        0.4,
        ge=0.1,
        le=10,
        description="A modality whose newest sample is older is not live; of a slow camera, one "
        "that is older than two of its own gaps.",
    )
    ema_alpha: float = Field(0.65, gt=0, le=1, description="Weight of the newest probabilities.")
    ema_reset_s: float = Field(
        2.0, ge=0, description="Smoothing starts anew after this long without a result."
    )
    prior: tuple[float, ...] = Field(
        MEETING_PRIOR,
        description="How frequent each of the six is where the service is used, in the order of "
        "the classes; together 1. The default is a meeting's.",
    )
    baseline: bool = Field(
        True,
        description="Take away from each voice what is only that person's, which is learned while "
        "they speak; with a bundle that knows how.",
    )
    frozen_levels: float = Field(
        0.4,
        ge=0,
        description="A picture of a face that changes by less, in grey levels of 255, for a second "
        "is frozen; 0: none is.",
    )
    anomaly_alpha: float = Field(
        0.10,
        ge=0,
        lt=1,
        description="Results whose `anomalyScore` is below this are flagged as unusual: of ordinary "
        "people about this share.",
    )
    target_fps: float = Field(
        5.0, gt=0, le=60, description="Frame rate asked of a client with no load."
    )
    min_fps: float = Field(
        1.0, gt=0, description="Lowest frame rate asked of a client; `target_fps` at most."
    )
    answer_s: float = Field(
        4.0, ge=1, description="An answer of a pool that takes longer is lost, in seconds."
    )
    backlog_high_s: float = Field(
        0.15,
        gt=0,
        description="A client is slowed down while the face pool has more than so many seconds of "
        "work waiting.",
    )

    @model_validator(mode="after")
    def _rates_are_a_range(self) -> Self:
        if self.min_fps > self.target_fps:
            raise ValueError(
                f"min_fps ({self.min_fps:g}) is above target_fps ({self.target_fps:g}): "
                "a client cannot be asked for less than the lowest rate"
            )
        return self

    @field_validator("prior")
    @classmethod
    def _frequencies_of_the_classes(cls, prior: tuple[float, ...]) -> tuple[float, ...]:
        return frequencies(prior)

    @property
    def beat_s(self) -> float:
        """How often a room looks at its media: with every tick and in the middle between two."""
        return self.tick_s / 2


class RoomSettings(_Section):
    """The life of rooms and their hosts."""

    idle_s: float = Field(
        60.0,
        ge=0,
        description="A room without sockets ends after this long, and so does a host that is not wanted.",
    )
    max_participants: int = Field(64, ge=1, description="Participants admitted to one room.")
    participants_per_host: int = Field(
        64,
        ge=1,
        description="A room host with so many participants takes no more rooms; who sends nothing "
        "counts a tenth.",
    )
    rooms_per_host: int | None = Field(
        None,
        ge=1,
        description="Rooms that one host takes; 1: each has a process of its own; None: any number.",
    )
    spare_hosts: int = Field(
        1, ge=0, description="Warm room hosts kept beside the one that takes rooms."
    )
    max_pending_calls: int = Field(1000, ge=1, description="Calls that may wait at a room host.")
    max_events: int = Field(
        256,
        ge=1,
        description="Events a room host keeps for a slow ingress replica; the oldest go first.",
    )


class AuthSettings(_Section):
    """Who may join."""

    jwt_secret: SecretStr | None = Field(
        None, description="HS256 key of join tokens; None: no token is asked for."
    )
    allowed_origins: tuple[str, ...] = Field(
        ("*",), description="Origins of browsers that may connect."
    )
    require_consent: bool = Field(
        False, description="Refuse the media of participants whose join does not say `consent`."
    )


class ServeSettings(_Section):
    """How the application is deployed."""

    host: str = Field(
        "127.0.0.1", min_length=1, description="Address that ingress replicas listen on."
    )
    port: int = Field(
        8000, ge=1, le=65_535, description="Port that the ingress replicas of a node share."
    )
    threads: int = Field(1, ge=1, description="Compute threads of each model process.")
    max_replicas: int = Field(
        1,
        ge=1,
        description="Replicas that each pool may grow to with its load; 1: it does not grow.",
    )
    max_sockets: int = Field(500, ge=0, description="Sockets that one ingress replica admits.")
    max_strain: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Nobody more is admitted while a larger share of the time steps cannot begin "
        "for want of capacity; 1: everybody is.",
    )
    predict_max_bytes: int = Field(20 * 2**20, ge=1, description="Largest clip of POST /predict.")
    predict_max_s: float = Field(
        30.0, gt=0, description="Longest clip of POST /predict, in seconds."
    )
    deployments: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Serve options by deployment name, merged over the defaults.",
    )


class TelemetrySettings(_Section):
    """What an operator can watch."""

    report_s: float = Field(
        4.0,
        ge=0,
        le=4,
        description="Each process reports its counts this often, in seconds; 0: never.",
    )
    window_s: int = Field(
        60,
        ge=10,
        le=3600,
        description="Distributions in `/stats` are of the last so many seconds.",
    )
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        description="Port for Prometheus of a Ray started here; None: Ray picks one.",
    )
    logs: Literal["json", "text"] = Field("json", description="Form of the lines of the log.")
    traces_url: str | None = Field(
        None,
        description="Where spans go, as OTLP over HTTP (`http://collector:4318/v1/traces`); "
        "None: no traces.",
    )
    traced_share: float = Field(0.01, ge=0, le=1, description="Share of the results traced.")


class Settings(BaseSettings):
    """The one settings object."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    bundle: Path = Field(MODEL_ARTIFACTS / "embedded", description="Folder of the model bundle.")
    untrained: bool = Field(
        False,
        description="Run random weights of the right shapes; every result is marked untrained. "
        "For benchmarks and tests only.",
    )
    device: Literal["cpu", "cuda"] = Field("cpu", description="Where the audio encoder runs.")
    audio: AudioSettings = AudioSettings()
    face: FaceSettings = FaceSettings()
    session: SessionSettings = SessionSettings()
    room: RoomSettings = RoomSettings()
    auth: AuthSettings = AuthSettings()
    serve: ServeSettings = ServeSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @model_validator(mode="after")
    def _every_variable_is_known(self) -> Self:
        # Unknown names within a section are refused as they are read; a section or a setting that
        # does not exist would be passed over.
        known = {f"{PREFIX}{name.upper()}" for name in type(self).model_fields}
        for variable in os.environ:
            name = variable.upper()
            if name.startswith(PREFIX) and name.partition("__")[0] not in known:
                raise ValueError(f"no setting {variable}; docs/configuration.md lists them all")
        return self


def read_settings(**sections: Any) -> Settings:
    """Settings of the environment, with the given ones over them.

    Raises:
        ConfigurationError: naming the first setting that is unknown or not valid.
    """
    try:
        return Settings(**sections)
    except ValidationError as error:
        raise ConfigurationError(first_fault(error)) from None
