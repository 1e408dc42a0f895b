"""The load generator: attendees who stream the sample meeting's media, in a process of its own.

``python -m bench.load --url URL --participants N --seconds S`` prints what they were told, as
JSON. Each sends 100 ms chunks, and 5 fps of 640x360 JPEG unless `--fps` says otherwise;
docs/load-testing.md has the options, and how to read the figures beside ``/stats``.
"""

import argparse
import asyncio
import json
import math
import os
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
from hoovik.media.meeting import load_meeting
from hoovik_client.client import Client
from hoovik_client.recording import Recording, read_recording

SAMPLE_MEETING = Path(__file__).resolve().parent.parent / "samples" / "meeting"

STAGGER_S = 0.037
"""Between two participants' starts, so that their chunks do not all fall on the same instant."""

WARM_WITHIN_S = 60.0
"""A warm load does not wait longer for who has not been answered."""

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
        speaking_all_the_time(read_recording(participant.file))
        for participant in load_meeting(SAMPLE_MEETING).participants
    ]


class Crowd:
    """All attendees of a plan.

    Args:
        url: of a service, or of anything that speaks its Socket.IO events.
        plan: what they do.

    Attributes:
        attendees: in the order of the plan.
        window_s: when the window begins, on the monotonic clock; infinite until that is known.
    """

    def __init__(self, url: str, plan: LoadPlan) -> None:
        self._url = url
        self._plan = plan
        recordings = sample_recordings()
        media = [
            Media.of(recording, speaking=plan.speaking, place=place)
            for place, recording in enumerate(recordings)
        ]
        rooms = f"bench-{os.getpid()}"
        self.attendees = [
            Attendee(
                number,
                plan,
                replace(media[number % len(media)], place=number),
                plan.room_names(number, rooms),
                self._client_of(number),
                lambda: time.monotonic() - self.window_s,
            )
            for number in range(plan.participants)
        ]
        self.window_s = math.inf

    async def attend(self, mark: Callable[[str], None] = lambda _: None) -> float:
        """Let everybody join, stream as planned, and leave.

        Args:
            mark: called with `BEGUN` and `OVER` when the window begins and ends.

        Returns:
            CPU seconds that this process took in the window.
        """
        plan, zero_s = self._plan, time.monotonic()
        gap_s = plan.join_seconds / plan.participants or STAGGER_S
        tasks = [
            asyncio.create_task(
                one.attend(zero_s + number * STAGGER_S, zero_s + number * gap_s),
            )
            for number, one in enumerate(self.attendees)
        ]
        try:
            if plan.warm:
                await self._answered(tasks)
                zero_s = time.monotonic()
            self.window_s = zero_s + plan.warmup
            await _until(self.window_s, tasks)
            mark(BEGUN)
            cpu_s = time.process_time()
            await _until(self.window_s + plan.seconds, tasks)
            cpu_s = time.process_time() - cpu_s
            mark(OVER)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return cpu_s

    def report(self, cpu_s: float) -> dict[str, Any]:
        """What the window came to."""
        told = [one.told for one in self.attendees]
        return report(told, self.window_s, self._plan.seconds, cpu_s)

    def _client_of(self, number: int) -> Callable[[str], Client]:
        return lambda room: Client(self._url, f"load-{number}", room_id=room, consent=True)

    async def _answered(self, tasks: list[asyncio.Task[None]]) -> None:
        everybody = asyncio.gather(*(one.answered.wait() for one in self.attendees))
        waits: list[asyncio.Future[Any]] = [everybody, *tasks]
        await asyncio.wait(waits, timeout=WARM_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        everybody.cancel()


async def _until(time_s: float, tasks: list[asyncio.Task[None]]) -> None:
    """Wait for a time; an attendee ends before only by an exception, which is raised."""
    left_s = max(0.0, time_s - time.monotonic())
    done, _ = await asyncio.wait(tasks, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


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

    async def load() -> dict[str, Any]:
        crowd = Crowd(options.url, LoadPlan.from_options(options))
        return crowd.report(await crowd.attend(mark))

    print(json.dumps(asyncio.run(load())))


if __name__ == "__main__":
    main()
