"""The embedded encoders' weights of a run: fitted, or fetched from where they are."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hoovik.audio.encoder import WEIGHTS_FILE
from hoovik.errors import ConfigurationError
from hoovik.models.bundle import ENCODER_FILES
from training.audio.fitting import fit_audio_encoder
from training.config import EncoderFits, TrainingConfig
from training.corpora.clip import Clip
from training.corpora.leaks import SAME_PICTURES
from training.face.fit_expression import fit_expression_encoder
from training.face.fitting import fit_face_encoder
from training.splits import Split

FIGURES = "encoders.json"
FIT = "fit.json"

Splits = Mapping[Split, list[Clip]]


def ready_encoders(
    config: TrainingConfig, splits: Splits, *, out: Path, work: Path, given: Path | None
) -> dict[str, Any]:
    """Put the embedded ones' weights into a bundle's folder; returns what the encoders are worth on their own.

    Args:
        config: which encoders, and how they are fitted.
        splits: what they are fitted on.
        out: the bundle's folder.
        work: keeps what was fitted for the next run.
        given: folder of weights that are not to be fitted; None: they are, where `config` says so.

    Raises:
        ConfigurationError: the work folder holds encoders that were fitted in another way.
    """
    source = given
    if source is None and config.fit is not None and not config.untrained:
        source = work / "encoders"
        source.mkdir(exist_ok=True)
        _fit(config, config.fit, source, splits)
    if source is None:
        return {}
    for name in ENCODER_FILES:
        chosen = config.encoders.audio if name == WEIGHTS_FILE else config.encoders.face
        if chosen == "embedded" and (source / name).is_file() and (source / name) != out / name:
            shutil.copyfile(source / name, out / name)
    return _figures(source)


def _figures(folder: Path) -> dict[str, Any]:
    path = folder / FIGURES
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _fit(config: TrainingConfig, fit: EncoderFits, folder: Path, splits: Splits) -> None:
    """Fit the embedded encoders of which there are no figures yet; leave weights and figures."""
    _require_same_fit(folder / FIT, fit, config.plan.seed)
    path, figures = folder / FIGURES, _figures(folder)
    if config.encoders.audio == "embedded" and "audio" not in figures:
        figures["audio"] = fit_audio_encoder(splits, folder, fit.audio, config.plan.seed)
        path.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    if config.encoders.face == "embedded" and "face" not in figures:
        task = Path(fit.teacher) if fit.teacher is not None else None
        figures["face"] = fit_face_encoder(
            Path(fit.photographs),
            [clip for clip in splits[Split.TRAIN] if clip.corpus in SAME_PICTURES],
            task if task is not None and task.is_file() else None,
            folder,
            fit.face,
            config.plan.seed,
        )
        path.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    if config.encoders.face == "embedded" and "expression" not in figures:
        figures["expression"] = fit_expression_encoder(
            splits, folder, fit.expression, config.plan.seed
        )
        path.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def _require_same_fit(path: Path, fit: EncoderFits, seed: int) -> None:
    """Leave a note of how encoders are fitted; refuse weights that were fitted in another way."""
    amounts = fit.model_dump(mode="json", include={"audio", "face", "expression"})
    amounts["seed"] = seed
    left = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if any(amounts.get(name) != amount for name, amount in left.items()):
        raise ConfigurationError(
            f"{path.parent} holds encoders that another training file or seed has fitted; another "
            "work folder expected, or --encoders to take them as they are"
        )
    path.write_text(json.dumps(amounts, indent=2), encoding="utf-8")
