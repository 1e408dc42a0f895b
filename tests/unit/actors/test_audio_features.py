import numpy as np

from actors.audio_features import AudioFeatureActor
from hoovik.audio.batch import CPU_WINDOWS
from hoovik.audio.embedded import EmbeddedAudioEncoder
from hoovik.audio.whisper import WhisperAudioEncoder
from hoovik.layout import WINDOW_SAMPLES
from hoovik.settings import AudioSettings, Settings


def test_a_batch_is_answered_window_by_window_in_the_type_of_the_settings() -> None:
    settings = Settings(untrained=True, audio=AudioSettings(precision="bfloat16"))
    actor = AudioFeatureActor(settings)
    windows = np.random.default_rng(0).normal(0, 0.1, (3, WINDOW_SAMPLES)).astype(np.float32)
    expected = EmbeddedAudioEncoder.untrained(0, precision="bfloat16").encode(windows)
    answers = actor.encode(list(windows))
    assert len(answers) == 3
    assert np.allclose(np.stack(answers), expected, atol=0.05)


def test_windows_come_with_the_context_that_the_encoder_hears() -> None:
    settings = Settings(untrained=True, audio=AudioSettings(encoder="whisper", precision="float32"))
    actor = AudioFeatureActor(settings)
    heard = np.random.default_rng(0).normal(0, 0.1, (2, 32_000)).astype(np.float32)
    expected = WhisperAudioEncoder.untrained(0).encode(heard)
    assert np.allclose(np.stack(actor.encode(list(heard))), expected, atol=1e-4)


def test_it_says_how_many_windows_to_give_at_once() -> None:
    assert AudioFeatureActor(Settings(untrained=True)).max_batch == CPU_WINDOWS
