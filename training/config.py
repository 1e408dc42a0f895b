"""What a training file says: the one input of `hoovik train` besides the corpora themselves."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hoovik.errors import ConfigurationError
from hoovik.settings import AudioEncoderName, FaceEncoderName
from hoovik.validation import first_fault
from training.audio.fit import FitSettings
from training.build.plan import Plan
from training.face.fit_expression import ExpressionFit
from training.face.fitting import FaceFit

DATA = "{data}"
"""Stands for the folder of the corpora in any path of a training file."""


class EncoderFits(BaseModel):
    """Which embedded encoders are fitted before the models; the others' weights must be given.

    Attributes:
        audio: on the clips with sound.
        face: on the photographs of `photographs`.
        expression: on the stills that people have voted on, where there are some.
        photographs: folder of photographed faces with the teacher's labels.
        teacher: the teacher's `.task` file, which labels the stills of the training split; None,
            or no such file: the photographs' labels alone are learned from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    audio: FitSettings = FitSettings()
    face: FaceFit = FaceFit()
    expression: ExpressionFit = ExpressionFit()
    photographs: str = f"{DATA}/faces"
    teacher: str | None = f"{DATA}/models/face_landmarker.task"


class EncoderNames(BaseModel):
    """The encoders that the models are made for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    audio: AudioEncoderName = "embedded"
    face: FaceEncoderName = "embedded"


class TrainingConfig(BaseModel):
    """One bundle: corpora, encoders, amounts.

    Attributes:
        corpora: such as "ravdess:{data}/ravdess".
        encoders: names of both; where their weights lie, the service's settings say.
        fit: of the embedded encoders; None: their weights are given.
        action_units: OpenFace's means for the videos of RAVDESS' voices, which say how the errors
            of a voice and a face go together, if no encoder has learned from them; None: the plan
            says it.
        untrained: random encoders of the right shapes, which mark every result as untrained.
        plan: of the models.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpora: tuple[str, ...] = Field(min_length=1)
    encoders: EncoderNames = EncoderNames()
    fit: EncoderFits | None = None
    action_units: str | None = None
    untrained: bool = False
    plan: Plan = Plan()


def read_config(path: Path, data: Path) -> TrainingConfig:
    """Read a training file.

    Args:
        path: YAML; its keys are the fields of `TrainingConfig`.
        data: takes the place of "{data}" in every text of it.

    Raises:
        ConfigurationError: no such file, no YAML, or a key or value that is not known.
    """
    try:
        stored = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path} cannot be read as YAML: {error}") from error
    try:
        return TrainingConfig.model_validate(_placed(stored, str(data)))
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {first_fault(error)}") from error


def _placed(value: Any, data: str) -> Any:
    if isinstance(value, str):
        return value.replace(DATA, data)
    if isinstance(value, dict):
        return {key: _placed(one, data) for key, one in value.items()}
    if isinstance(value, list):
        return [_placed(one, data) for one in value]
    return value
