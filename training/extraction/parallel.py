"""Extraction of many clips: cached, in chunks, in this process or in Ray tasks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm

from hoovik.errors import HoovikError, MediaError
from training.corpora.clip import Clip
from training.extraction.cache import EXTRACTION_CACHE, ExtractionCache
from training.extraction.encoders import Encoders, EncoderSource, loaded
from training.extraction.encoding import Extracted, Reading, encode_takes

CHUNK_CLIPS = 32
MOST_FAILING = 0.05


class ExtractionError(HoovikError):
    """So many clips that cannot be read that something else must be wrong."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A clip that cannot be read, and why."""

    clip: Clip
    reason: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything that was read, in the order of the clips, and what could not be."""

    extracted: list[Extracted]
    failures: list[Failure]


@dataclass(frozen=True, slots=True)
class Job:
    """A clip at its place among all, and the takes of it that are wanted."""

    place: int
    clip: Clip
    takes: tuple[int, ...]


def extract(
    clips: Sequence[Clip],
    source: EncoderSource,
    *,
    takes: Sequence[int] | None = None,
    how: Reading = Reading(),  # noqa: B008 - frozen
    folder: Path = EXTRACTION_CACHE,
    num_workers: int = 0,
    progress: bool = True,
) -> Extraction:
    """Read all clips with both encoders; what lies in the cache is not read again.

    Args:
        clips: of any corpora.
        source: of the encoders.
        takes: for each clip how many takes of its voice, 1 being the clip as it is; None: 1 each.
            Clips without sound have one take whatever is asked.
        how: rates, repetitions and the seed.
        folder: of the cache.
        num_workers: Ray tasks at a time, each with one thread; 0: in this process, without Ray.
        progress: whether to show a bar.

    Raises:
        ExtractionError: more than 5 % of the clips cannot be read; the others stay in the cache.
        ValueError: not one number of takes for each clip.
    """
    counts = takes if takes is not None else [1] * len(clips)
    if len(counts) != len(clips) or min(counts, default=1) < 1:
        raise ValueError(
            f"{len(counts)} numbers of takes for {len(clips)} clips; one for each, 1 or more, "
            "expected"
        )
    jobs = [
        Job(place, clip, tuple(range(count if clip.modality.has_sound else 1)))
        for place, (clip, count) in enumerate(zip(clips, counts, strict=True))
    ]
    cache = ExtractionCache(folder, source, how)
    results: dict[tuple[int, int], Extracted] = {}
    failed: dict[int, Failure] = {}
    missing = list(_missing(jobs, cache, results))
    chunks = [missing[at : at + CHUNK_CLIPS] for at in range(0, len(missing), CHUNK_CLIPS)]
    with tqdm(total=len(missing), unit="clip", disable=not progress) as bar:
        for job, answer in _answers(chunks, source, how, num_workers):
            if isinstance(answer, str):
                failed[job.place] = Failure(job.clip, answer)
            else:
                for one in answer:
                    cache.put(one)
                    results[job.place, one.take] = _owned(one, job.clip)
            bar.update()
    failures = [failed[place] for place in sorted(failed)]
    if len(failures) > MOST_FAILING * len(clips):
        raise ExtractionError(
            f"{len(failures)} of {len(clips)} clips cannot be read, such as "
            f"{failures[0].clip.reference} ({failures[0].reason}); at most "
            f"{MOST_FAILING:.0%} expected"
        )
    return Extraction([results[key] for key in sorted(results)], failures)


def encode_jobs(
    jobs: Sequence[Job], encoders: Encoders, how: Reading
) -> Iterator[list[Extracted] | str]:
    """For each job its takes, or why its clip cannot be read."""
    for job in jobs:
        try:
            yield encode_takes(job.clip, encoders, how, job.takes)
        except (MediaError, OSError) as error:
            yield str(error)


def _missing(
    jobs: Iterable[Job], cache: ExtractionCache, results: dict[tuple[int, int], Extracted]
) -> Iterator[Job]:
    """Put into results what the cache has, and yield the jobs of what it has not."""
    for job in jobs:
        absent = []
        for take in job.takes:
            found = cache.get(job.clip, take)
            if found is None:
                absent.append(take)
            else:
                results[job.place, take] = found
        if absent:
            yield replace(job, takes=tuple(absent))


def _answers(
    chunks: list[list[Job]], source: EncoderSource, how: Reading, num_workers: int
) -> Iterator[tuple[Job, list[Extracted] | str]]:
    if not chunks:
        return
    if num_workers:
        from training.extraction.workers import answers_of_workers

        yield from answers_of_workers(chunks, source, how, num_workers)
        return
    encoders = loaded(source)
    for chunk in chunks:
        yield from zip(chunk, encode_jobs(chunk, encoders, how), strict=True)


def _owned(extracted: Extracted, clip: Clip) -> Extracted:
    """A copy: what a Ray task returns lies in Ray's shared memory, which would fill up."""
    return replace(
        extracted,
        clip=clip,
        audio=extracted.audio.copy(),
        audio_ticks=extracted.audio_ticks.copy(),
        face=extracted.face.copy(),
        expression=extracted.expression.copy(),
        face_s=extracted.face_s.copy(),
    )
