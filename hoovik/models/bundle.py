import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError
from safetensors import SafetensorError

from hoovik.errors import BundleError
from hoovik.features.baseline import Voices
from hoovik.features.transform import FeatureTransform
from hoovik.models.manifest import Layouts, Manifest
from hoovik.schema.emotion import MEETING_PRIOR
from hoovik.settings import Settings

if TYPE_CHECKING:
    from hoovik.models.ensemble import Ensemble

Part = TypeVar("Part")

MANIFEST = "manifest.json"
TRANSFORMER = "transformer.safetensors"
TREES = "trees.ubj"
LINEAR = "linear.safetensors"
PROJECTIONS = "projections.safetensors"
FORESTS = "anomaly_forests.safetensors"
CALIBRATION = "calibration.json"
FUSION = "fusion.json"
BASELINE = "baseline.safetensors"
"""Absent where the models know no baselines."""

MODEL_FILES = (TRANSFORMER, TREES, LINEAR, PROJECTIONS, FORESTS, CALIBRATION, FUSION)
ENCODER_FILES = (
    "audio_encoder.safetensors",
    "face_detector.safetensors",
    "face_encoder.safetensors",
    "expression_encoder.safetensors",
)
"""Of the embedded encoders; the last one's may be absent."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder of trained models, verified.

    Attributes:
        path: the folder.
        manifest: what it says of itself.
    """

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: Path) -> "Bundle":
        """Read the manifest, and check every file it names and the layouts.

        Raises:
            BundleError: naming the file, or both values, that do not agree.
        """
        try:
            manifest = Manifest.model_validate_json((path / MANIFEST).read_bytes())
        except OSError as error:
            raise BundleError(f"no bundle at {path}: {error}") from error
        except ValidationError as error:
            raise BundleError(f"{path / MANIFEST} is no manifest: {error}") from error
        bundle = cls(path, manifest)
        bundle._check_layouts()
        bundle._check_files()
        return bundle

    def _check_layouts(self) -> None:
        theirs, ours = self.manifest.layouts, Layouts()
        for field in Layouts.model_fields:
            if getattr(theirs, field) != getattr(ours, field):
                raise BundleError(
                    f"{self.path}: the models were made for {field} {getattr(theirs, field)}, "
                    f"this code has {getattr(ours, field)}"
                )

    def _check_files(self) -> None:
        missing = set(MODEL_FILES) - set(self.manifest.files)
        if missing:
            raise BundleError(f"{self.path / MANIFEST} lists no {', '.join(sorted(missing))}")
        for name, expected in self.manifest.files.items():
            file = self._inside(name)
            if not file.is_file():
                raise BundleError(f"{file} is missing")
            size = file.stat().st_size
            if size != expected.bytes:
                raise BundleError(f"{file} has {size} bytes, the manifest says {expected.bytes}")
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            if digest != expected.sha256:
                raise BundleError(
                    f"{file} has SHA-256 {digest}, the manifest says {expected.sha256}"
                )

    def _inside(self, name: str) -> Path:
        """The file of a name, which must lead straight down from the bundle's folder."""
        file, folder = self.path / name, self.path.resolve()
        # A backslash is a separator on some systems, and a link may lead out of the folder too.
        straight = not Path(name).is_absolute() and ".." not in Path(name).parts
        if not straight or "\\" in name or folder not in file.resolve().parents:
            raise BundleError(
                f"{self.path / MANIFEST} names {name!r}, outside its folder; a file's relative "
                "path without .. expected"
            )
        return file

    @property
    def version(self) -> str:
        """Version of the models."""
        return self.manifest.version

    def require_encoders(self, *, audio: str, face: str) -> None:
        """Refuse encoders whose features these models have never seen.

        Raises:
            BundleError: naming the encoder trained on and the one configured.
        """
        trained = self.manifest.encoders
        for kind, theirs, ours in (("audio", trained.audio, audio), ("face", trained.face, face)):
            if theirs != ours:
                raise BundleError(
                    f"{self.path}: the models were trained on the {kind} encoder {theirs!r}, "
                    f"but {ours!r} is configured; set {kind}.encoder to {theirs!r} "
                    f"or choose a bundle for {ours!r}"
                )

    def require_tick(self, tick_s: float) -> None:
        """Refuse time steps of a length that these models have never seen.

        Raises:
            BundleError: naming the length trained on and the one configured.
        """
        trained_s = self.manifest.layouts.tick_s
        if tick_s != trained_s:
            raise BundleError(
                f"{self.path}: the models were trained on time steps of {trained_s:g} s, but "
                f"{tick_s:g} s is configured; set session.tick_s to {trained_s:g}"
            )

    def load_transform(self) -> FeatureTransform:
        """The part of the feature-engineering stage."""
        return self._load(PROJECTIONS, FeatureTransform.from_file)

    def load_voices(self) -> Voices | None:
        """From which a person's own baseline sets out; None: the models know no baselines."""
        return self._load(BASELINE, Voices.from_file) if BASELINE in self.manifest.files else None

    def load_ensemble(self, prior: tuple[float, ...] = MEETING_PRIOR) -> "Ensemble":
        """The part of the ensemble stage, for where the classes are as frequent as `prior` says."""
        # Torch takes seconds to import, and who verifies a bundle or loads its transform needs none.
        from hoovik.models.anomaly import AnomalyGate
        from hoovik.models.calibration import EnsembleCalibration
        from hoovik.models.compiled import CompiledTransformer
        from hoovik.models.ensemble import Ensemble, load_transformer
        from hoovik.models.fusion import Fusion
        from hoovik.models.linear import LinearModel
        from hoovik.models.trees import TreeModel

        return Ensemble(
            CompiledTransformer(self._load(TRANSFORMER, load_transformer)),
            self._load(TREES, TreeModel.from_file),
            self._load(LINEAR, LinearModel.from_file),
            self._load(FORESTS, AnomalyGate.from_file),
            self._load(CALIBRATION, EnsembleCalibration.from_file),
            self._load(FUSION, Fusion.from_file),
            prior,
        )

    def _load(self, name: str, read: Callable[[Path], Part]) -> Part:
        try:
            return read(self.path / name)
        except (KeyError, ValueError, SafetensorError) as error:
            raise BundleError(
                f"{self.path / name} is as its manifest lists it, but cannot be read: {error!r}"
            ) from error


def voices_of(settings: Settings) -> Voices | None:
    """What rooms of these settings know of voices; None: no baselines. Raises BundleError."""
    if settings.untrained or not settings.session.baseline:
        return None
    return Bundle.open(settings.bundle).load_voices()


def open_bundle(settings: Settings) -> Bundle:
    """The bundle that the settings name, verified and made for what they say; raises BundleError."""
    bundle = Bundle.open(settings.bundle)
    bundle.require_tick(settings.session.tick_s)
    bundle.require_encoders(audio=settings.audio.encoder, face=settings.face.encoder)
    return bundle
