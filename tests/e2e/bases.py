"""Which live result answers which offline one: those that rest on the same media for some time."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from hoovik.schema.drop import Drop
from hoovik.schema.outbound import EmotionResult
from hoovik.session.playback import Moment, Tick
from hoovik_client.recording import Recording
from tests.e2e.guests import Stage, open_rooms, read_stats, until

STEPS = 16
"""Ten steps of a sequence, and what the smoothing still remembers of those before."""

ATTEMPTS = 4

HARMLESS = {Drop.NO_FEATURE, Drop.FRAME_SPARE, Drop.STEP_SHED}
"""What is dropped of an undisturbed stream too. A step that was shed leaves a gap in what the results
rest on, which no offline result has: nothing is compared across it."""


Results = dict[tuple, EmotionResult]
"""Results by what they and the steps before rested on."""


def shifted(recording: Sequence[Moment], shift_s: float) -> list[Moment]:
    """The same media with every tick later by so much."""
    later = [Tick(one.time_s + shift_s) if isinstance(one, Tick) else one for one in recording]
    return sorted(later, key=lambda moment: (moment.time_s, isinstance(moment, Tick)))


def by_basis(results: Sequence[EmotionResult]) -> Results:
    """Results by what the last steps rested on."""
    bases = [(one.basis.audio, one.basis.frame) for one in results]
    return {
        tuple(bases[end - STEPS : end]): results[end - 1] for end in range(STEPS, len(results) + 1)
    }


async def undisturbed(
    stage: Stage, recording: Recording, stream_s: float, names: Sequence[str]
) -> Results:
    """Live results of streams at the same time, none of which lost anything on a busy machine."""
    for attempt in range(ATTEMPTS):
        alone = Stage(stage.url, f"{stage.room_id}-{attempt}")
        before = (await read_stats(stage.url)).totals.drops
        async with AsyncExitStack() as streams:
            told = [
                await streams.enter_async_context(alone.streaming(name, recording))
                for name in names
            ]
            await asyncio.sleep(stream_s)
        # Its last report comes with its end.
        await until(lambda alone=alone: alone.room_id not in open_rooms())
        await asyncio.sleep(1)
        drops = (await read_stats(stage.url)).totals.drops
        if all(drops[why] == before.get(why, 0) for why in drops.keys() - HARMLESS):
            results: Results = {}
            for diary in told:
                results |= by_basis([reading.message for reading in diary.results])
            return results
    raise AssertionError(f"{ATTEMPTS} streams, and something was dropped in each")
