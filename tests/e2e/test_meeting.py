"""The sample meeting, played through the real service in real time."""

import asyncio
import time

import pytest

from bench.load import SAMPLE_MEETING
from commands.cast import cast_of
from hoovik.media.meeting import load_meeting
from hoovik.schema.action import Action
from hoovik_client.client import Client
from hoovik_client.player import Player
from hoovik_client.tally import TICK_S, Tally
from tests.e2e.guests import Diary, Stage

FOLLOWS_S = 0.6
"""A change of the script shows in the results this soon."""

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def played(service: str) -> dict[str, tuple[Diary, Tally, float]]:
    """Diary, tally and start of each participant of the meeting."""
    return asyncio.run(_play(service))


async def _play(url: str) -> dict[str, tuple[Diary, Tally, float]]:
    cast = cast_of([])
    guests = {name: (Diary(), Tally()) for name in cast.recordings}
    async with Stage(url, "meeting").listening("observer", role="observer"):
        pass  # the room is up before the clock starts
    started_s = {}

    async def one(name: str) -> None:
        diary, tally = guests[name]

        def take(reading) -> None:
            diary.note(reading)
            tally.take(reading)

        player = Player(
            lambda: Client(url, name, room_id="meeting"), cast.recordings[name], take, tally.stop
        )
        await player.play(cast.duration_s)
        started_s[name] = player.started_s

    await asyncio.gather(*(one(name) for name in guests))
    return {name: (*guest, started_s[name]) for name, guest in guests.items()}


def test_everyone_gets_results_several_times_a_second(played) -> None:
    for name, (_, tally, _) in played.items():
        summary = tally.summary(time.monotonic())
        assert summary["results_per_s"] >= 2.8, (name, summary)
        assert summary["live_seconds"] > 20, (name, summary)
        assert not tally.errors, name
    away_s = 2.6  # the script lets her leave for so long
    assert played["mira"][1].live_seconds(time.monotonic()) < 36.0 - away_s


def test_profiles_follow_the_script(played) -> None:
    meeting = load_meeting(SAMPLE_MEETING)
    for event in meeting.events:
        diary, _, started_s = played[event.participant]
        later = [time_s for time_s in meeting.changes(event.participant) if time_s > event.time_s]
        until_s = min([*later, meeting.duration_s])
        since_s = event.time_s + FOLLOWS_S
        if until_s - since_s < 1.5 * TICK_S:
            continue  # there need be no result in between
        profiles = {
            reading.message.result.modality
            for reading in diary.results
            if since_s <= reading.received_s - started_s < until_s
        }
        expected = meeting.profile_at(event.participant, event.time_s)
        assert profiles == ({expected} if expected else set()), event


def test_a_voice_shows_in_the_profile(played) -> None:
    meeting = load_meeting(SAMPLE_MEETING)
    for name, (diary, _, started_s) in played.items():
        right = checked = 0
        for reading in diary.results:
            at_s = reading.received_s - started_s
            near = min(abs(at_s - change_s) for change_s in meeting.changes(name))
            if near > 0.8:
                checked += 1
                right += reading.message.result.modality == meeting.profile_at(name, at_s)
        assert checked > 30
        assert right / checked > 0.9, name


def test_the_script_has_all_that_can_happen() -> None:
    actions = {event.action for event in load_meeting(SAMPLE_MEETING).events}
    assert actions == set(Action)
