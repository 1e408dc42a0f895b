from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import ray
import torch

from tests.pictures import jpeg
from training.corpora.clip import Modality
from training.extraction.encoders import EncoderSource
from training.extraction.encoding import Reading
from training.extraction.parallel import extract

from .media import clip, voice, write_wav


@pytest.fixture(scope="module")
def one_worker() -> Iterator[None]:
    own = not ray.is_initialized()
    if own:
        ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
    yield
    if own:
        ray.shutdown()


@pytest.mark.slow
@pytest.mark.usefixtures("one_worker")
def test_ray_tasks_make_what_this_process_makes(tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    sound = write_wav(tmp_path / "a.wav", voice(1.5))
    clips = [
        clip("a", media=sound),
        *(
            clip("a", name=str(n), modality=Modality.STILL, media=jpeg(48, 48, seed=n))
            for n in range(40)
        ),
        clip("a", name="bad", modality=Modality.STILL, media=b"no picture"),
    ]
    here, there = (
        extract(
            clips,
            EncoderSource(None, untrained=True),
            takes=[3] + 41 * [1],
            how=Reading(still_readings=2),
            folder=tmp_path / str(workers),
            num_workers=workers,
            progress=False,
        )
        for workers in (0, 1)
    )
    torch.set_num_threads(threads)
    assert len(here.extracted) == len(there.extracted) == 43
    assert here.failures == there.failures
    for one, other in zip(here.extracted, there.extracted, strict=True):
        assert (one.clip, one.take) == (other.clip, other.take)
        np.testing.assert_array_equal(one.audio, other.audio)
        np.testing.assert_array_equal(one.face, other.face)
        assert other.face.flags.owndata
