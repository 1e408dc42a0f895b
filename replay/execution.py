"""A replay from its inputs to its outputs: what `hoovik replay` does, for Python."""

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import ray.data

from hoovik.errors import MediaError
from hoovik.models.bundle import open_bundle
from hoovik.settings import Settings, read_settings
from replay.cells import CELL_S, CHUNK_S, cells_for
from replay.inputs import InputFault, MeetingRecording, resolve
from replay.ledger import Ledger
from replay.outputs import REPORT, RESULTS, Written, write_outputs, written_in
from replay.pipeline import play_all
from replay.places import at_once, fingerprint, shown
from replay.progress import Meter, Watch, unwatched
from replay.recording import Recording, key_of, recordings_of
from replay.report import limits_of
from replay.smoothing import smoothed
from replay.store import Store
from replay.timeline import MeetingTimeline, ParticipantTimeline

WORK = ".replay"
RUN = "run.json"
CARD = "MODEL_CARD.md"
UNTRAINED = "untrained"
UNFINISHED = "was not played to its end; the same command goes on"
DECIDING = {"audio", "face", "session", "untrained"}
"""Settings on which results depend."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        folders: of the meetings, in the order of the inputs.
        faults: inputs and recordings that could not be read, or not to their end.
    """

    folders: tuple[Path, ...]
    faults: tuple[InputFault, ...]


def run(
    inputs: Sequence[str],
    out: Path,
    *,
    settings: Settings | None = None,
    chunk_s: float = CHUNK_S,
    report: bool = True,
) -> ray.data.Dataset:
    """Replay recordings; returns their results, with the columns of `RESULTS_SCHEMA`.

    What cannot be read, or not to its end, is warned of, and named in `run.json`.

    Args:
        inputs: files, folders, meeting.yaml files, globs or URLs.
        out: folder of the outputs; a call that was stopped goes on from what lies there.
        settings: of rooms, encoders and models; None: those of the environment.
        chunk_s: length of what is played at a time, rounded up to whole cells; results do not
            depend on it.
        report: whether to write a page to look at of each meeting, of some megabytes.

    Raises:
        MediaError: there is no recording.
        BundleError: the models cannot be loaded.
    """
    chosen = settings or read_settings()
    outcome = execute(inputs, out, settings=chosen, chunk_s=chunk_s, report=report)
    faults = [f"{fault.input}: {fault.reason}" for fault in outcome.faults]
    if not outcome.folders:
        raise MediaError("; ".join(faults))
    for fault in faults:
        warnings.warn(fault, stacklevel=2)
    return ray.data.read_parquet([str(folder / RESULTS) for folder in outcome.folders])


def execute(
    inputs: Sequence[str],
    out: Path,
    *,
    settings: Settings,
    chunk_s: float = CHUNK_S,
    report: bool = True,
    watch: Watch = unwatched,
    connect: Callable[[], None] = lambda: None,
) -> Outcome:
    """Replay recordings and write their outputs, each meeting's as soon as it is whole.

    Args:
        inputs: files, folders, meeting.yaml files, globs or URLs.
        out: folder of the outputs.
        settings: of rooms, encoders and models.
        chunk_s: length of what is played at a time.
        report: whether to write a page of each meeting.
        watch: told how far it is.
        connect: called before anything is played, and not where there is nothing to play.

    Raises:
        BundleError: the models cannot be loaded.
    """
    resolved = resolve(inputs)
    models = _models(settings)
    key = key_of(models.version, CELL_S, settings.model_dump(mode="json", include=DECIDING))
    jobs = _jobs(resolved.recordings, out, key)
    there = {job.number: written_in(job.folder) for job in jobs}
    conflicts = {job.number: fault for job in jobs if (fault := _conflict(job, there[job.number]))}
    faults = [*resolved.faults, *conflicts.values()]
    jobs = [job for job in jobs if job.number not in conflicts]
    waiting = {job.number: job for job in jobs if not _is_finished(job, there[job.number], report)}
    store = Store(out / WORK / key)
    ledger = Ledger(store, [one for job in waiting.values() for one in job.recordings])

    def finish(job: _Job) -> None:
        if job.number in waiting and all(ledger.is_whole(one) for one in job.recordings):
            del waiting[job.number]
            faults.extend(_write(job, ledger, store, settings, models, report))

    tasks = ledger.tasks()
    for job in jobs:  # the last run may have been stopped between playing and writing
        finish(job)
    meter = Meter(tasks, watch)
    if tasks:
        connect()
        numbered = {job.number: job for job in jobs}
        for found in play_all(tasks, settings, cells_for(chunk_s)):
            finish(numbered[ledger.note(found).meeting])
            meter.tell(found)
    faults.extend(InputFault(job.meeting.meeting, UNFINISHED) for job in waiting.values())
    if not faults:
        store.discard()
    _write_run(out, inputs, models.version, jobs, faults)
    written = (job.folder for job in jobs if written_in(job.folder).run == job.key)
    return Outcome(tuple(written), tuple(faults))


@dataclass(frozen=True, slots=True)
class _Job:
    """A meeting in a run; `key` names its recordings and all that decides their results."""

    number: int
    meeting: MeetingRecording
    recordings: tuple[Recording, ...]
    folder: Path
    key: str


def _jobs(meetings: Sequence[MeetingRecording], out: Path, key: str) -> list[_Job]:
    media = list(dict.fromkeys(one.media for job in meetings for one in job.participants))
    contents = dict(zip(media, at_once(fingerprint, media), strict=True))
    jobs: list[_Job] = []
    first = 0
    for number, meeting in enumerate(meetings):
        recordings = recordings_of(meeting, number, first, key, contents)
        first += len(recordings)
        own = key_of(meeting.title, [one.key for one in recordings])
        jobs.append(_Job(number, meeting, recordings, out / meeting.meeting, own))
    return jobs


def _is_finished(job: _Job, there: Written, report: bool) -> bool:
    """What has a fault is not: the file may have come back."""
    whole = there.run == job.key and not there.faulty
    return whole and (not report or (job.folder / REPORT).is_file())


def _conflict(job: _Job, there: Written) -> InputFault | None:
    """A folder of other recordings is not written over: they may be of another input."""
    here = [shown(one.media) for one in job.recordings]
    if not there.media or set(there.media) & set(here):
        return None
    other = ", ".join(there.media)
    return InputFault(", ".join(here), f"{job.folder} holds the results of {other}")


@dataclass(frozen=True, slots=True)
class _Models:
    """What is said of the models: version, limits as HTML, address of the card."""

    version: str
    limits: list[str]
    card_url: str | None


def _models(settings: Settings) -> _Models:
    if settings.untrained:
        return _Models(UNTRAINED, [], None)
    bundle = open_bundle(settings)
    card = bundle.path / CARD
    if not card.is_file():
        return _Models(bundle.version, [], None)
    return _Models(bundle.version, limits_of(card.read_text(encoding="utf-8")), str(card))


def _write(
    job: _Job, ledger: Ledger, store: Store, settings: Settings, models: _Models, report: bool
) -> list[InputFault]:
    """Write the outputs of a whole meeting, unless nothing of it could be read; returns faults."""
    participants = tuple(
        ParticipantTimeline(
            one.participant,
            shown(one.media),
            one.offset_s,
            ledger.duration_of(one),
            smoothed(store.results(one), one.changes, one.offset_s, settings.session),
            ledger.fault_of(one),
        )
        for one in job.recordings
    )
    if any(one.duration_s > 0 for one in participants):
        timeline = MeetingTimeline(
            job.meeting.meeting,
            job.meeting.title,
            participants,
            settings.session.tick_s,
            models.version,
            settings.session.prior,
            settings.untrained,
        )
        write_outputs(
            timeline,
            job.folder,
            run=job.key,
            limits=models.limits,
            card_url=models.card_url,
            report=report,
        )
    return [InputFault(one.media, one.fault) for one in participants if one.fault]


def _write_run(
    out: Path,
    inputs: Sequence[str],
    bundle: str,
    jobs: Sequence[_Job],
    faults: Sequence[InputFault],
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    said = {
        "inputs": [shown(one) for one in inputs],
        "bundle": bundle,
        "meetings": [job.meeting.meeting for job in jobs],
        "faults": [asdict(fault) for fault in faults],
    }
    (out / RUN).write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
