"""Load generator: participants who stream the sample meeting's media, in a process of its own.

``python -m bench.load --url URL --participants N --seconds S`` prints what they were told, as
JSON. Each sends 100 ms chunks, and 5 fps of 640x360 JPEG unless `--fps` says otherwise; they stream
once all have joined.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.attendee import Attendee
from bench.load_plan import LoadPlan
from bench.load_report import report
from bench.media import Media
from hoovik.layout import SAMPLE_RATE
from hoovik_client.client import Client
from hoovik_client.recording import Recording, read_recording

SAMPLE_MEETING = Path(__file__).resolve().parent.parent / "samples" / "meeting"
ROOM_SIZE = 8
STAGGER_S = 0.037
"""Between two participants' starts, so that their chunks do not all fall on the same instant."""

BEGUN, OVER = "the window begins", "the window is over"
"""What `--marks` prints, each at its time, for whoever measures the processes meanwhile."""


def speaking_all_the_time(recording: Recording) -> Recording:
    """The same without its pauses: the hardest that a microphone can be."""
    audio, frame = recording.audio, SAMPLE_RATE // 10
    chunks = audio[: audio.size // frame * frame].reshape(-1, frame)
    loudness = np.sqrt((chunks**2).mean(axis=1))
    speech = chunks[loudness > 0.1 * np.quantile(loudness, 0.9)].ravel()
    repeats = int(np.ceil(audio.size / max(1, speech.size)))
    return replace(recording, audio=np.tile(speech, repeats)[: audio.size])


@cache
def sample_recordings() -> list[Recording]:
    """The sample meeting's participants, who speak all the time; decoded once a process."""
    return [
        speaking_all_the_time(read_recording(path)) for path in sorted(SAMPLE_MEETING.glob("*.mp4"))
    ]


async def generate(
    url: str,
    plan: LoadPlan,
    mark: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Stream as planned; the report of the window.

    Args:
        url: of a service, or of anything that speaks its Socket.IO events.
        plan: the load.
        mark: called with `BEGUN` and `OVER` when the window begins and ends.
    """
    recordings = sample_recordings()
    attendees = [
        Attendee(
            Client(url, f"load-{index}", room_id=f"bench-{index // ROOM_SIZE}", consent=True),
            Media.of(recordings[index % len(recordings)], speaking=plan.speaking, place=index),
            plan,
        )
        for index in range(plan.participants)
    ]
    try:
        await asyncio.gather(*(attendee.join() for attendee in attendees))
        begun_s = time.monotonic()
        window_s = begun_s + plan.warmup
        streams = [
            asyncio.create_task(
                one.stream(begun_s + index * STAGGER_S, window_s, plan.warmup + plan.seconds)
            )
            for index, one in enumerate(attendees)
        ]
        await _until(window_s)
        mark(BEGUN)
        cpu_s = time.process_time()
        await _until(window_s + plan.seconds)
        cpu_s = time.process_time() - cpu_s
        mark(OVER)
        await asyncio.gather(*streams)
    finally:
        await asyncio.gather(*(attendee.leave() for attendee in attendees))
    return report([one.told for one in attendees], window_s, plan.seconds, cpu_s)


async def _until(time_s: float) -> None:
    await asyncio.sleep(max(0.0, time_s - time.monotonic()))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    LoadPlan.add_options(parser)
    parser.add_argument(
        "--marks", action="store_true", help="Print a line where the window begins and ends."
    )
    options = parser.parse_args()

    def mark(line: str) -> None:
        if options.marks:
            print(line, flush=True)

    figures = asyncio.run(generate(options.url, LoadPlan.from_options(options), mark))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
