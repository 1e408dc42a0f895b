from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.pictures import jpeg
from training.corpora.clip import Clip, Modality
from training.extraction import parallel
from training.extraction.cache import ExtractionCache
from training.extraction.encoders import EncoderSource
from training.extraction.encoding import Extracted, Reading
from training.extraction.parallel import ExtractionError, extract

from .media import clip, voice, write_wav

SOURCE = EncoderSource(None, untrained=True)
HOW = Reading(still_readings=2)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def stills(n: int) -> list[Clip]:
    return [
        clip("a", name=str(seed), modality=Modality.STILL, media=jpeg(32, 32, seed=seed))
        for seed in range(n)
    ]


def run(clips: list[Clip], folder: Path, **how: object) -> list[Extracted]:
    arguments = {"how": HOW, "folder": folder, "progress": False, **how}
    return extract(clips, SOURCE, **arguments).extracted


@pytest.fixture
def extracted() -> Extracted:
    rng = np.random.default_rng(0)
    return Extracted(
        clip("ada", modality=Modality.BOTH),
        n_ticks=4,
        audio=rng.standard_normal((2, 1024), np.float32),
        audio_ticks=np.array([0, 3]),
        face=rng.standard_normal((3, 326), np.float32),
        expression=rng.standard_normal((3, 6), np.float32),
        face_s=np.array([0.0, 0.2, 0.6]),
        n_frames=5,
        take=1,
    )


def test_what_is_put_comes_back(tmp_path: Path, extracted: Extracted) -> None:
    cache = ExtractionCache(tmp_path, SOURCE, HOW)
    assert cache.get(extracted.clip, 1) is None
    cache.put(extracted)
    found = cache.get(extracted.clip, 1)
    assert found is not None
    assert (found.n_ticks, found.n_frames, found.take) == (4, 5, 1)
    for field in ("audio", "audio_ticks", "face", "expression", "face_s"):
        np.testing.assert_array_equal(getattr(found, field), getattr(extracted, field))
        assert getattr(found, field).dtype == getattr(extracted, field).dtype
    assert [path.suffix for path in tmp_path.rglob("*.*")] == [".npz"]


def test_a_file_of_before_there_were_expressions_has_none(
    tmp_path: Path, extracted: Extracted
) -> None:
    cache = ExtractionCache(tmp_path, SOURCE, HOW)
    cache.put(extracted)
    path = cache.path(extracted.clip, 1)
    with np.load(path) as stored:
        earlier = {name: stored[name] for name in stored.files if name != "expression"}
    np.savez(path, **earlier)
    found = cache.get(extracted.clip, 1)
    assert found is not None
    np.testing.assert_array_equal(found.expression, np.zeros((3, 6), np.float32))


def test_a_damaged_file_counts_as_absent(tmp_path: Path, extracted: Extracted) -> None:
    cache = ExtractionCache(tmp_path, SOURCE, HOW)
    path = cache.path(extracted.clip, 1)
    cache.put(extracted)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    for damaged in (b"", b"text", whole[: len(whole) // 2], bytes(flipped)):
        path.write_bytes(damaged)
        assert cache.get(extracted.clip, 1) is None
    cache.put(replace(extracted, audio=extracted.audio[:, :7]))
    assert cache.get(extracted.clip, 1) is None


def test_a_key_holds_all_that_matters_and_no_more(extracted: Extracted) -> None:
    both, still = extracted.clip, stills(1)[0]
    cache = ExtractionCache(Path(), SOURCE, HOW)

    def others(**changes: object) -> ExtractionCache:
        return replace(cache, **changes)

    changed = [
        cache.path(both, 0),
        cache.path(both, 1),
        cache.path(replace(both, modality=Modality.AUDIO), 0),
        cache.path(replace(both, media=b"other"), 0),
        others(how=replace(HOW, seed=9)).path(both, 0),
        others(how=replace(HOW, fps=2.0)).path(both, 0),
        others(source=replace(SOURCE, untrained_seed=9)).path(both, 0),
    ]
    assert len(set(changed)) == len(changed)
    assert cache.path(replace(both, speaker="b", name="c", label=3), 0) == cache.path(both, 0)
    assert others(how=replace(HOW, fps=2.0)).path(still, 0) == cache.path(still, 0)
    quieter = SOURCE.audio.model_copy(update={"min_speech": 0.5})
    assert others(source=replace(SOURCE, audio=quieter)).path(still, 0) == cache.path(still, 0)
    assert others(source=replace(SOURCE, audio=quieter)).path(both, 0) != cache.path(both, 0)


def test_a_second_run_does_not_encode_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = stills(3)
    first = run(clips[:2], tmp_path)
    encoded: list[str] = []
    original = parallel.encode_takes

    def counted(one: Clip, *rest: object) -> list[Extracted]:
        encoded.append(one.name)
        return original(one, *rest)

    monkeypatch.setattr(parallel, "encode_takes", counted)
    second = run(clips, tmp_path)
    assert encoded == ["2"]
    assert [one.clip.name for one in second] == ["0", "1", "2"]
    for one, other in zip(first, second, strict=False):
        np.testing.assert_array_equal(one.face, other.face)


def test_a_run_that_is_stopped_keeps_what_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = stills(4)
    original = parallel.encode_takes

    def stopped(one: Clip, *rest: object) -> list[Extracted]:
        if one.name == "3":
            raise KeyboardInterrupt
        return original(one, *rest)

    monkeypatch.setattr(parallel, "encode_takes", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(clips, tmp_path)
    cache = ExtractionCache(tmp_path, SOURCE, HOW)
    assert [cache.get(one, 0) is not None for one in clips] == [True, True, True, False]


def test_only_the_takes_that_are_missing_are_made(tmp_path: Path) -> None:
    sounds = [
        clip("a", media=write_wav(tmp_path / f"{n}.wav", voice(1.2, seed=n))) for n in range(2)
    ]
    clips = [*sounds, *stills(1)]
    once = run(clips, tmp_path)
    several = run(clips, tmp_path, takes=[3, 1, 4])
    assert [one.take for one in once] == [0, 0, 0]
    assert [(one.clip.media, one.take) for one in several] == [
        (sounds[0].media, 0),
        (sounds[0].media, 1),
        (sounds[0].media, 2),
        (sounds[1].media, 0),
        (clips[2].media, 0),
    ]
    np.testing.assert_array_equal(once[0].audio, several[0].audio)


def test_a_few_unreadable_clips_are_reported_and_many_are_refused(tmp_path: Path) -> None:
    bad = clip("a", name="bad", modality=Modality.STILL, media=b"no picture")
    gone = clip("a", name="gone", modality=Modality.STILL, media=tmp_path / "gone.png")
    good = stills(19)
    extraction = extract([gone, *good], SOURCE, how=HOW, folder=tmp_path, progress=False)
    assert [one.clip for one in extraction.extracted] == good
    (failure,) = extraction.failures
    assert failure.clip is gone
    assert "gone.png" in failure.reason
    with pytest.raises(ExtractionError, match="2 of 21 clips cannot be read, such as own:bad"):
        run([bad, gone, *good], tmp_path)


def test_each_clip_needs_its_number_of_takes(tmp_path: Path) -> None:
    for takes in ([1], [1, 0]):
        with pytest.raises(ValueError, match="numbers of takes for 2 clips"):
            run(stills(2), tmp_path, takes=takes)
