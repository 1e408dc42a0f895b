import gc
from pathlib import Path

from hoovik.audio.embedded import EmbeddedAudioEncoder
from hoovik.audio.encoder import AudioEncoder
from hoovik.audio.wav2vec2 import Wav2Vec2Encoder
from hoovik.errors import ConfigurationError
from hoovik.settings import AudioSettings

WEIGHTS_FILE = "audio_encoder.safetensors"


def load_audio_encoder(
    settings: AudioSettings,
    bundle: Path | None,
    *,
    untrained: bool = False,
    seed: int = 0,
    device: str = "cpu",
) -> AudioEncoder:
    """The audio encoder that the settings name.

    Args:
        settings: `encoder`, `precision`, and for wav2vec2 its source and digest.
        bundle: folder that holds `audio_encoder.safetensors`; the embedded encoder needs it.
        untrained: random weights of the right shapes instead, for benchmarks and tests.
        seed: of those random weights.
        device: where to compute, "cpu" or "cuda".

    Raises:
        BundleError: weights that are absent, altered or of another network.
        ConfigurationError: a source that cannot be found, or no bundle where one is needed.
    """
    if settings.encoder == "wav2vec2":
        encoder = _wav2vec2(settings, device, seed if untrained else None)
        # A model of transformers refers to itself: its weights would stay beside the encoder's.
        gc.collect()
        return encoder
    if untrained:
        return EmbeddedAudioEncoder.untrained(seed, device, settings.precision)
    if bundle is None:
        raise ConfigurationError("the embedded audio encoder needs a bundle folder; none was given")
    return EmbeddedAudioEncoder.from_file(bundle / WEIGHTS_FILE, device, settings.precision)


def _wav2vec2(settings: AudioSettings, device: str, seed: int | None) -> Wav2Vec2Encoder:
    if seed is not None:
        return Wav2Vec2Encoder.untrained(seed, device, settings.precision)
    return Wav2Vec2Encoder.from_pretrained(
        settings.wav2vec2, settings.wav2vec2_sha256, device, settings.precision
    )
