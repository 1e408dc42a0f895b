from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hoovik import layout
from hoovik.schema.emotion import EMOTIONS


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Encoders(_Part):
    """The encoders whose features the models were trained on."""

    audio: str
    face: str


class Layouts(_Part):
    """The shapes that models and code must agree on; the defaults are this code's."""

    sample_rate: int = layout.SAMPLE_RATE
    window_samples: int = layout.WINDOW_SAMPLES
    seq_len: int = layout.SEQ_LEN
    tick_s: float = layout.TICK_S
    audio_dim: int = layout.AUDIO_DIM
    face_dim: int = layout.FACE_DIM
    engineered_dim: int = layout.ENGINEERED_DIM
    anomaly_dim: int = layout.ANOMALY_DIM
    classes: tuple[str, ...] = EMOTIONS


class BundleFile(_Part):
    """What a file of the bundle must be."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class Manifest(_Part):
    """What `manifest.json` says of a bundle."""

    format: Literal[3] = Field(3, description="Version of the bundle format.")
    name: str
    version: str = Field(description="Changes with every change of a weight.")
    encoders: Encoders
    layouts: Layouts
    files: dict[str, BundleFile]
    data: dict[str, Any] = Field(description="Corpora, splits and how many samples of each.")
    seeds: dict[str, int]
    libraries: dict[str, str] = Field(description="Versions that the bundle was made with.")
    metrics: dict[str, Any] = Field(description="Figures on people who trained nothing.")
