"""Which encoders read the clips, said so shortly that it travels to every process."""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Self

from hoovik.audio.encoder import WEIGHTS_FILE, AudioEncoder, load_audio_encoder
from hoovik.audio.vad import VoiceDetector
from hoovik.face.encoder import (
    DETECTOR_FILE,
    EXPRESSION_FILE,
    STUDENT_FILE,
    FaceEncoder,
    load_face_encoder,
)
from hoovik.models.manifest import Encoders as EncoderNames
from hoovik.settings import AudioSettings, FaceSettings, Settings
from training.cache import file_digest


@dataclass(frozen=True, slots=True)
class Encoders:
    """A voice's encoder and a face's, loaded, and what tells speech from noise."""

    audio: AudioEncoder
    face: FaceEncoder
    speech: VoiceDetector


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """Where encoders come from.

    Attributes:
        bundle: folder of the embedded encoders' weights; None where none are needed.
        audio: names the audio encoder, and how speech is told from noise.
        face: names the face encoder.
        device: where the audio encoder computes, "cpu" or "cuda".
        untrained: random weights of the right shapes, for tests.
        untrained_seed: of those weights.
    """

    bundle: Path | None
    audio: AudioSettings = field(default_factory=AudioSettings)
    face: FaceSettings = field(default_factory=FaceSettings)
    device: str = "cpu"
    untrained: bool = False
    untrained_seed: int = 0

    @classmethod
    def named(
        cls,
        bundle: Path,
        names: EncoderNames,
        settings: Settings,
        *,
        untrained: bool = False,
    ) -> Self:
        """The encoders of some names, their weights where the service's settings say."""
        return cls(
            bundle,
            settings.audio.model_copy(update={"encoder": names.audio}),
            settings.face.model_copy(update={"encoder": names.face}),
            settings.device,
            untrained=untrained,
        )

    def load(self) -> Encoders:
        """Load everything; the voice's encoder in float32, for the same vectors on every machine.

        Raises:
            BundleError, ConfigurationError: as the loaders say.
        """
        random, seed = self.untrained, self.untrained_seed
        audio = self.audio.model_copy(update={"precision": "float32"})
        return Encoders(
            load_audio_encoder(audio, self.bundle, untrained=random, seed=seed, device=self.device),
            load_face_encoder(self.face, self.bundle, untrained=random, seed=seed),
            VoiceDetector(self.audio.vad_aggressiveness, self.audio.min_speech),
        )

    def audio_digest(self) -> str:
        """Digest, in hex, of all that a tick's embedding depends on but its window."""
        if self.audio.encoder == "embedded":
            weights = self._embedded((WEIGHTS_FILE,))
        elif self.untrained:
            weights = f"untrained {self.untrained_seed}"
        else:
            weights = _content(getattr(self.audio, self.audio.encoder))
        return _digest(self.audio.model_dump_json(), weights)

    def face_digest(self) -> str:
        """Digest, in hex, of all that a face vector depends on but its picture and track."""
        if self.face.encoder == "embedded":
            weights = self._embedded((DETECTOR_FILE, STUDENT_FILE, EXPRESSION_FILE))
        else:
            weights = _content(self.face.landmarker or "")
        return _digest(self.face.model_dump_json(), weights)

    def _embedded(self, files: tuple[str, ...]) -> str:
        if self.untrained or self.bundle is None:
            return f"untrained {self.untrained_seed}"
        return "".join(
            file_digest(self.bundle / file) for file in files if (self.bundle / file).is_file()
        )


@lru_cache(maxsize=1)
def loaded(source: EncoderSource) -> Encoders:
    """The encoders of a source, loaded once in each process."""
    return source.load()


def _content(source: str) -> str:
    """Digest of a file or of a folder's files; the name itself where it is neither."""
    path = Path(source)
    if not source or not path.exists():
        return source
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    return "".join(file_digest(file) for file in files)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
