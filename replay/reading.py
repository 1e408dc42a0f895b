"""A recording as chunks. Readers are processes of their own, and need no models: nor do imports."""

from collections.abc import Iterator
from typing import Any

from hoovik.errors import MediaError
from hoovik.media.stream import ClipFrame, Look, SoundPart, probe, stream_media
from replay.chunk import Chunk
from replay.cutting import Cutter
from replay.found import Ended, Task
from replay.packing import packed, unpacked
from replay.places import open_media, scrubbed


def read_chunks(batch: dict[str, Any], *, chunk_cells: int, fps: float) -> Iterator[dict[str, Any]]:
    """Chunks of recordings, one at a time, and each one's end; see `chunks_of`."""
    for task in batch["task"]:
        for chunk in chunks_of(unpacked(task), chunk_cells, fps):
            yield {"chunk": packed(chunk)}


def chunks_of(task: Task, chunk_cells: int, fps: float) -> Iterator[Chunk | Ended]:
    """The chunks of a recording as far as it can be read, then its end.

    Args:
        task: what to read of which recording.
        chunk_cells: cells of a chunk at most.
        fps: frames a second that are looked at.
    """
    recording, duration_s = task.recording, 0.0
    faults: list[str] = []
    try:
        with open_media(recording.media) as source:
            info = probe(source)
            cutter = Cutter(
                recording.number,
                offset_s=recording.offset_s,
                changes=recording.changes,
                done=task.done,
                chunk_cells=chunk_cells,
                kinds=info.has_sound + info.has_pictures,
            )
            parts = stream_media(source, Look(fps=fps), skip_until_s=cutter.needed_from_s)
            yield from cutter.cut(_until_damage(parts, faults))
            duration_s = cutter.duration_s
    except (MediaError, OSError) as fault:
        faults.append(scrubbed(str(fault)))
    yield Ended(recording.number, duration_s, "; ".join(faults))


def _until_damage(
    parts: Iterator[SoundPart | ClipFrame], faults: list[str]
) -> Iterator[SoundPart | ClipFrame]:
    try:
        yield from parts
    except MediaError as fault:
        faults.append(scrubbed(fault.message))
