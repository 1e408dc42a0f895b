import gc
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from hoovik.errors import ConfigurationError
from hoovik.settings import AudioEncoderName, AudioSettings

if TYPE_CHECKING:
    import torch

WEIGHTS_FILE = "audio_encoder.safetensors"


class AudioEncoder(Protocol):
    """Turns windows of speech into vectors; holds no state between calls.

    Attributes:
        name: what a bundle's manifest calls this encoder.
        context_samples: what it hears; the last 9,600 samples are the window, which the vector
            describes.
        dtype: number type that it computes in; vectors are float32 all the same.
    """

    name: AudioEncoderName
    context_samples: int
    dtype: "torch.dtype"

    def encode(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Encode (N, context_samples) float32 at 16 kHz to (N, 1024) float32; N may be 0."""
        ...


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
        settings: `encoder`, `precision`, and for the published ones their source and digest.
        bundle: folder that holds `audio_encoder.safetensors`; the embedded encoder needs it.
        untrained: random weights of the right shapes instead, for benchmarks and tests.
        seed: of those random weights.
        device: where to compute, "cpu" or "cuda".

    Raises:
        BundleError: weights that are absent, altered or of another network.
        ConfigurationError: a source that cannot be found, or no bundle where one is needed.
    """
    if settings.encoder != "embedded":
        encoder = _random(settings, seed, device) if untrained else _pretrained(settings, device)
        # A model of transformers refers to itself: its weights would stay beside the encoder's.
        gc.collect()
        return encoder
    from hoovik.audio.embedded import EmbeddedAudioEncoder

    if untrained:
        return EmbeddedAudioEncoder.untrained(seed, device, settings.precision)
    if bundle is None:
        raise ConfigurationError("the embedded audio encoder needs a bundle folder; none was given")
    return EmbeddedAudioEncoder.from_file(bundle / WEIGHTS_FILE, device, settings.precision)


def _pretrained(settings: AudioSettings, device: str) -> AudioEncoder:
    if settings.encoder == "whisper":
        from hoovik.audio.whisper import WhisperAudioEncoder

        return WhisperAudioEncoder.from_pretrained(
            settings.whisper, settings.whisper_sha256, device, settings.precision
        )
    from hoovik.audio.wav2vec2 import Wav2Vec2Encoder

    return Wav2Vec2Encoder.from_pretrained(
        settings.wav2vec2, settings.wav2vec2_sha256, device, settings.precision
    )


def _random(settings: AudioSettings, seed: int, device: str) -> AudioEncoder:
    if settings.encoder == "whisper":
        from hoovik.audio.whisper import WhisperAudioEncoder

        return WhisperAudioEncoder.untrained(seed, device, settings.precision)
    from hoovik.audio.wav2vec2 import Wav2Vec2Encoder

    return Wav2Vec2Encoder.untrained(seed, device, settings.precision)
