"""What is one room's alone: who is in it, and where what it says goes. No Ray, no clock."""

import pickle

import numpy as np
import pytest

from actors.hosted_room import RETURN_S, HostedRoom
from actors.parcel import (
    Displaced,
    Entry,
    HostEvent,
    Parcel,
    PictureItem,
    Refusal,
    RoomEvent,
    SoundItem,
    StateItem,
)
from hoovik.errors import CapacityError
from hoovik.face.encoder import FaceReading
from hoovik.layout import FACE_DIM, SEQ_LEN
from hoovik.models.prediction import Prediction
from hoovik.schema.outbound import EmotionResult
from hoovik.session.effects import Effect, Emit, EncodeFace, Predict, Timings
from hoovik.session.room import Room
from hoovik.settings import RoomSettings, Settings
from tests.meeting import PROBS, TRACK


class Seen:
    """A hosted room, and what it handed to its links."""

    def __init__(self, settings: Settings | None = None, now: float = 100.0) -> None:
        self.posted: list[tuple[str, HostEvent]] = []
        self.timings: list[Timings] = []
        self.now = now
        self.hosted = HostedRoom(
            Room("standup", settings or Settings()), "life", self.post, self.timings.append, now
        )

    def post(self, link_id: str, event: HostEvent) -> None:
        self.posted.append((link_id, event))

    def enter(self, who: str | None, connection_id: str, link_id: str = "one") -> None:
        entry = Entry("standup", connection_id, who)
        self.do(self.hosted.enter(entry, link_id, self.now))

    def do(self, effects: list[Effect]) -> None:
        """Perform effects, the models' answers at once."""
        room = self.hosted.room
        for effect in effects:
            now = self.hosted.time(self.now)
            if isinstance(effect, Emit):
                self.hosted.emit(effect)
            elif isinstance(effect, EncodeFace):
                reading = FaceReading(np.ones(FACE_DIM, np.float32), TRACK)
                self.do(room.face_encoded(effect.ticket, reading, now))
            elif isinstance(effect, Predict):
                self.do(room.predicted(effect.ticket, Prediction(PROBS, 0.5, 0.1), now))

    def show(
        self, who: str, connection_id: str, number: int, offset_s: float = 0.0
    ) -> Refusal | None:
        item = PictureItem(number, b"jpeg", self.now - offset_s)
        parcel = Parcel("standup", connection_id, who, [item])
        return self.hosted.unpack(parcel, offset_s, self.now)

    def stream(self, who: str, connection_id: str, seconds: float, offset_s: float = 0.0) -> None:
        for number in range(round(seconds * 10)):
            self.now = round(self.now + 0.1, 6)
            if number % 2 == 0:
                assert self.show(who, connection_id, number, offset_s) is None
            if number % 3 == 0:
                self.do(self.hosted.room.tick(self.hosted.time(self.now)))

    def events(self, name: str, link_id: str | None = None) -> list[RoomEvent]:
        return [
            event
            for link, event in self.posted
            if isinstance(event, RoomEvent) and event.event == name and link_id in (None, link)
        ]


def test_results_go_to_the_participant_s_link_and_to_each_link_that_watches_once() -> None:
    seen = Seen()
    seen.enter("ada", "c1", "one")
    seen.enter(None, "c2", "two")
    seen.enter(None, "c3", "two")
    seen.enter("ben", "c4", "three")
    seen.stream("ada", "c1", 3.0)
    results = seen.events("emotion.result")
    assert {event.connection_id for event in results} == {"c1"}
    count = len(seen.events("emotion.result", "one"))
    assert count >= 8
    assert len(seen.events("emotion.result", "two")) == count
    assert seen.events("emotion.result", "three") == []
    assert len(seen.timings) == count
    assert seen.hosted.links == {"one", "two", "three"}


def test_a_participant_who_enters_anew_takes_the_place_of_the_earlier_socket() -> None:
    seen = Seen()
    seen.enter("ada", "c1", "one")
    seen.enter("ada", "c2", "two")
    assert ("one", Displaced("standup", "ada", "c1")) in seen.posted
    assert seen.show("ada", "c1", 1) is Refusal.REPLACED
    assert seen.show("ada", "c2", 1) is None
    assert seen.show("ben", "c3", 1) is Refusal.UNKNOWN
    seen.hosted.leave("c1", seen.now)
    assert seen.hosted.room.participant_ids == ("ada",)


def test_the_first_media_state_comes_with_the_entry() -> None:
    seen = Seen()
    off = StateItem(mic_enabled=True, camera_enabled=False)
    seen.do(seen.hosted.enter(Entry("standup", "c1", "ada", off), "one", seen.now))
    seen.stream("ada", "c1", 2.0)
    assert seen.events("emotion.result") == []


def test_a_full_room_lets_nobody_in_and_forgets_nobody() -> None:
    seen = Seen(Settings(room=RoomSettings(max_participants=1)))
    seen.enter("ada", "c1")
    with pytest.raises(CapacityError):
        seen.enter("ben", "c2")
    assert set(seen.hosted.members) == {"ada"}


def test_whoever_left_a_moment_ago_is_still_known() -> None:
    seen = Seen()
    seen.enter("ada", "c1")
    seen.hosted.leave("c1", seen.now)
    assert seen.hosted.knows("ada", seen.now + 1)
    assert not seen.hosted.knows("ada", seen.now + RETURN_S)
    assert not seen.hosted.knows("ben", seen.now)


def test_an_ingress_replica_that_goes_takes_its_sockets_along() -> None:
    seen = Seen()
    seen.enter("ada", "c1", "one")
    seen.enter(None, "c2", "one")
    seen.enter("ben", "c3", "two")
    seen.hosted.forget_link("one", seen.now)
    assert seen.hosted.room.participant_ids == ("ben",)
    assert seen.hosted.observers == {}
    assert seen.hosted.idle_s(seen.now + 5) == 0
    seen.hosted.forget_link("two", seen.now)
    assert seen.hosted.idle_s(seen.now + 5) == pytest.approx(5)


def test_nothing_arrives_later_than_now() -> None:
    seen = Seen()
    seen.enter("ada", "c1")
    tone = np.full(1600, 0.1, np.float32)
    parcel = Parcel("standup", "c1", "ada", [SoundItem(1, tone, 16_000, 50.0)])
    assert seen.hosted.unpack(parcel, 60.0, seen.now) is None
    voice = seen.hosted.room._participants["ada"].voice
    assert voice.arrived_s == seen.now


def test_a_room_that_moves_goes_on_with_what_it_remembers_by_its_own_clock() -> None:
    """The other host's clock shows quite another time."""
    seen = Seen()
    seen.enter("ada", "c1", "one")
    seen.enter(None, "c2", "two")
    seen.stream("ada", "c1", 3.0)
    last = seen.events("emotion.result")[-1].payload
    state = pickle.loads(pickle.dumps(seen.hosted.state(seen.now)))
    other = Seen(now=7.0)
    other.hosted = HostedRoom.taken_over(state, other.post, other.timings.append, other.now)
    assert other.hosted.life == "life"
    other.stream("ada", "c1", 0.4)
    (first, *_) = other.events("emotion.result", "one")
    assert first.payload["ts"] == pytest.approx(last["ts"], abs=0.5)
    assert 0 <= first.payload["latencyMs"] < 500
    assert len(other.events("emotion.result", "two")) >= 1
    # Smoothing goes on: its first result is no first result.
    assert EmotionResult.model_validate(first.payload).result.probs == pytest.approx(
        EmotionResult.model_validate(last).result.probs, abs=1e-3
    )
    # What was counted there and not reported is reported here.
    everything = len(seen.events("emotion.result", "one") + other.events("emotion.result", "one"))
    assert other.hosted.report().counts[("results",)] == everything


def test_a_report_holds_what_came_since_the_last() -> None:
    seen = Seen()
    seen.enter("ada", "c1", "one")
    seen.stream("ada", "c1", 3.0)
    first = seen.hosted.report()
    assert first.participants == first.links == 1
    assert first.counts[("results",)] == len(seen.events("emotion.result"))
    spare = first.counts[("drops", "frame_spare")]
    assert spare == seen.hosted.room.drops["frame_spare"] > 0
    assert seen.hosted.report().counts == {}


def test_a_room_sleeps_when_nobody_sends_and_wakes_with_the_next_sample() -> None:
    seen = Seen()
    seen.enter("ada", "c1")
    seen.stream("ada", "c1", 3.0)
    for ticks in range(SEQ_LEN + 8):
        assert ticks > SEQ_LEN or not seen.hosted.is_asleep
        seen.now += 0.3
        seen.do(seen.hosted.close_steps(seen.now))
    assert seen.hosted.is_asleep
    before = len(seen.events("emotion.result"))
    seen.stream("ada", "c1", 2.0)
    assert not seen.hosted.is_asleep
    assert len(seen.events("emotion.result")) >= before + 5
