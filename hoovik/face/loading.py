from pathlib import Path

from hoovik.errors import ConfigurationError
from hoovik.face.encoder import FaceEncoder
from hoovik.settings import FaceSettings

DETECTOR_FILE = "face_detector.safetensors"
STUDENT_FILE = "face_encoder.safetensors"


def load_face_encoder(
    settings: FaceSettings, bundle: Path | None, *, untrained: bool = False, seed: int = 0
) -> FaceEncoder:
    """The face encoder that the settings name.

    Args:
        settings: `encoder`, and for MediaPipe its file and digest.
        bundle: folder of the embedded encoder's weights.
        untrained: random weights for the embedded encoder; MediaPipe has none and needs its file.
        seed: of those random weights.

    Raises:
        BundleError: weights that are absent, altered or of another network.
        ConfigurationError: a file that cannot be found, or no bundle where one is needed.
    """
    if settings.encoder == "mediapipe":
        from hoovik.face.mediapipe_encoder import MediaPipeEncoder

        return MediaPipeEncoder.load(settings.landmarker, settings.landmarker_sha256)
    from hoovik.face.embedded import EmbeddedFaceEncoder

    if untrained:
        return EmbeddedFaceEncoder.untrained(seed)
    if bundle is None:
        raise ConfigurationError("the embedded face encoder needs a bundle folder; none was given")
    return EmbeddedFaceEncoder.from_files(bundle / DETECTOR_FILE, bundle / STUDENT_FILE)
