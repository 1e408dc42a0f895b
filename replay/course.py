"""A chunk as the inputs of a room, in order of time."""

from collections.abc import Iterator

from hoovik.layout import SAMPLE_RATE
from hoovik.session.playback import Image, Sound, Tick, sounds, tick_times
from replay.cells import LEAD_S
from replay.chunk import Change, Chunk

Happening = Change | Sound | Image | Tick

ORDER = (Change, Sound, Image, Tick)
"""Of what happens at one time: a button counts from its own time on, a step closes last."""


def course_of(chunk: Chunk, tick_s: float) -> Iterator[Happening]:
    """What happens in a chunk, from its lead to its end.

    It begins with the state that the participant's client is in by then.
    """
    begin_s = max(0.0, chunk.start_s - LEAD_S)
    first_sample = round(chunk.sound_start_s * SAMPLE_RATE)
    media: list[Happening] = [
        *sounds(chunk.sound, first_sample),
        *(Image(frame.time_s, frame.jpeg) for frame in chunk.frames),
    ]
    until_s = chunk.end_s
    if chunk.ends:
        until_s = min(until_s, max((moment.time_s for moment in media), default=0.0))
    ticks = [
        Tick(time_s)
        for time_s in tick_times(tick_s, after_s=begin_s, until_s=until_s, offset_s=chunk.offset_s)
    ]
    start_s = min((moment.time_s for moment in (*media, *ticks)), default=0.0)
    before = [change for change in chunk.changes if change.time_s <= start_s]
    changes = [change for change in chunk.changes if start_s < change.time_s <= until_s]
    yield Change(start_s, before[-1].state)
    happenings: list[Happening] = [*changes, *media, *ticks]
    yield from sorted(happenings, key=lambda one: (one.time_s, ORDER.index(type(one))))
