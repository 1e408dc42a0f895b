import pytest

from hoovik.settings import AudioSettings, Settings
from replay.pipeline import gpu_share

EMBEDDED = Settings()
ON_GPU = Settings(device="cuda")
WAV2VEC2 = Settings(audio=AudioSettings(encoder="wav2vec2"))


@pytest.mark.parametrize(
    ("settings", "cpus", "gpus", "share"),
    [
        (WAV2VEC2, 4, 1, 1 / 4),  # one player a core
        (WAV2VEC2, 64, 1, 1 / 8),  # no more copies of the encoder than fit
        (WAV2VEC2, 2, 4, 1),
        (WAV2VEC2, 8, 0, 0),
        (ON_GPU, 8, 2, 1 / 4),
        (EMBEDDED, 8, 2, 0),
    ],
)
def test_players_share_a_gpu_where_it_is_worth_it(
    settings: Settings, cpus: float, gpus: float, share: float
) -> None:
    assert gpu_share(settings, cpus, gpus) == pytest.approx(share)
