"""What a room does when there is more to do than can be done."""

from collections import Counter

import numpy as np
import pytest

from hoovik.schema.drop import Drop
from hoovik.schema.outbound import ServerStatus
from hoovik.session.congestion import LEAST, Congestion
from hoovik.session.effects import EncodeAudio, EncodeFace, Predict
from hoovik.session.pacing import FramePacer
from hoovik.session.room import Room, in_turn
from hoovik.settings import SessionSettings, Settings
from tests.meeting import Meeting


class SlowMeeting(Meeting):
    """A pool that answers `rate` questions a second, one after another, in the order asked."""

    def __init__(self, participants: int, rate: float, *, speakers: int | None = None) -> None:
        super().__init__()
        self.names = [f"p{number}" for number in range(participants)]
        self.speakers = self.names[: participants if speakers is None else speakers]
        self.hold = (EncodeAudio, EncodeFace, Predict)
        self._each_s = 1 / rate
        self._free_s = self.now
        for name in self.names:
            self.join(name)

    def play(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.now = round(self.now + 0.05, 6)
            twentieth = round(self.now * 20)
            for name in self.names:
                if twentieth % 2 == 0 and name in self.speakers:
                    self.say(name)
                if twentieth % 4 == 0:
                    self.show(name)
            if twentieth % 6 == 0:
                self.tick()
            elif twentieth % 3 == 0:
                self.do(self.room.catch_up(self.now))
            self.work()

    def work(self) -> None:
        """Features come at once; the models' answers when their turn has come."""
        while features := [one for one in self.held if not isinstance(one, Predict)]:
            self.held = [one for one in self.held if isinstance(one, Predict)]
            for effect in features:
                self.answer(effect)
        while self.held and self._free_s + self._each_s <= self.now:
            self._free_s += self._each_s
            self.answer(self.held.pop(0))
        if not self.held:
            self._free_s = max(self._free_s, self.now)

    def rates(self, seconds: float) -> dict[str, float]:
        before = len(self.results)
        self.play(seconds)
        served = Counter(result.participant_id for result in self.results[before:])
        return {name: served[name] / seconds for name in self.names}

    def latencies_ms(self) -> list[float]:
        return [result.latency_ms for result in self.results]


def test_with_capacity_to_spare_nobody_waits() -> None:
    meeting = SlowMeeting(8, rate=60)
    meeting.play(3.0)
    rates = meeting.rates(12.0)
    assert min(rates.values()) == pytest.approx(1 / 0.3, rel=0.03)
    assert meeting.room.drops[Drop.STEP_SHED] == 0
    assert meeting.room.congestion.strain == 0
    assert meeting.pressures == []


@pytest.mark.parametrize("overload", [2, 5])
def test_under_overload_everyone_is_served_alike_and_results_stay_fresh(overload: int) -> None:
    meeting = SlowMeeting(16, rate=16 / 0.3 / overload)
    meeting.play(10.0)
    meeting.emitted.clear()
    rates = meeting.rates(30.0)
    assert min(rates.values()) >= 0.8 * float(np.median([*rates.values()]))
    # The pool is kept busy.
    assert sum(rates.values()) >= 0.9 * 16 / 0.3 / overload
    # What is answered is fresh: waiting is done before media are cut, not after.
    assert np.percentile(meeting.latencies_ms(), 95) <= 400
    assert meeting.room.congestion.strain > 0.25


def test_who_speaks_comes_first_and_nobody_is_forgotten() -> None:
    meeting = SlowMeeting(12, rate=12 / 0.3 / 3, speakers=3)
    meeting.play(10.0)
    rates = meeting.rates(30.0)
    speaking = [rates[name] for name in meeting.speakers]
    silent = [rate for name, rate in rates.items() if name not in meeting.speakers]
    assert np.mean(speaking) > 1.3 * np.mean(silent)
    assert min(silent) >= 0.3


def test_strain_passes_with_the_load() -> None:
    meeting = SlowMeeting(8, rate=8)
    meeting.play(10.0)
    assert meeting.room.congestion.strain > 0.3
    meeting._each_s = 1 / 100
    meeting.play(15.0)
    assert meeting.room.congestion.strain < 0.1
    assert min(meeting.rates(9.0).values()) == pytest.approx(1 / 0.3, rel=0.05)


def test_the_share_falls_by_parts_and_rises_by_steps() -> None:
    congestion = Congestion(patience_s=0.15)
    assert congestion.limit(8) == 8
    congestion.observe(0.2, 0.1)
    congestion.adjust()
    assert congestion.limit(8) == 6
    for _ in range(100):
        congestion.observe(1.0, 0.1)
        congestion.adjust()
    assert congestion.share == LEAST
    assert congestion.limit(8) == 1
    for _ in range(100):
        congestion.observe(0.0, 0.1)
        congestion.adjust()
    assert congestion.limit(8) == 8


def test_one_slow_or_overdue_answer_is_no_congestion() -> None:
    congestion = Congestion(patience_s=0.15)
    for queued_s in (0.01, 0.02, 3.0):
        congestion.observe(queued_s, 0.1)
    congestion.adjust()
    for queued_s in (0.01, 0.02):
        congestion.observe(queued_s, 0.1)
    congestion.overdue()
    congestion.adjust()
    assert congestion.limit(8) == 8


def test_where_a_batch_takes_long_the_next_may_wait_for_it() -> None:
    congestion = Congestion(patience_s=0.15)
    congestion.observe(0.3, worked_s=0.4)
    congestion.adjust()
    assert congestion.share == 1
    congestion.observe(0.5, worked_s=0.4)
    congestion.adjust()
    assert congestion.share < 1


def test_answers_that_never_come_are_congestion() -> None:
    meeting = Meeting()
    for number in range(20):
        meeting.join(f"p{number}")
    meeting.hold = (EncodeAudio, EncodeFace, Predict)
    meeting.run(30.0, sound=False)
    assert meeting.results == []
    assert meeting.room.congestion.share == LEAST
    meeting.hold = ()
    meeting.run(20.0, sound=False)
    assert meeting.room.congestion.share == 1.0


def test_strain_is_of_the_steps_with_something_to_read_and_passes_when_there_is_none() -> None:
    congestion = Congestion(patience_s=0.15)
    for _ in range(100):
        for shed in (True, False, False, False):
            congestion.stepped(due=True, shed=shed)
            congestion.stepped(due=False, shed=False)
        congestion.adjust()
    assert congestion.strain == pytest.approx(0.25, abs=0.01)
    for _ in range(100):
        congestion.stepped(due=False, shed=False)
        congestion.adjust()
    assert congestion.strain == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("quiet", [0, 12, 60])
def test_who_has_nothing_to_read_does_not_hide_strain(quiet: int) -> None:
    meeting = Meeting()
    names = [f"p{number}" for number in range(4)]
    for name in [*names, *(f"quiet{number}" for number in range(quiet))]:
        meeting.join(name)
    meeting.hold = (EncodeAudio, EncodeFace, Predict)
    for _ in range(100):
        for _ in range(3):
            meeting.now += 0.1
            for name in names:
                meeting.show(name)
            for number in range(quiet // 2):
                # A microphone that is open, and silent.
                silence = np.zeros(1600, np.float32)
                meeting.room.audio(f"quiet{number}", silence, 16_000, 1, meeting.now)
        meeting.tick()
    assert meeting.room.congestion.strain > 0.85


def test_strain_passes_when_everybody_has_gone() -> None:
    meeting = Meeting()
    meeting.join()
    meeting.hold = (EncodeAudio, EncodeFace, Predict)
    meeting.run(9.0)
    assert meeting.room.congestion.strain > 0.6
    meeting.room.leave("ada")
    meeting.run(30.0)
    assert meeting.room.congestion.strain < 0.01


class Neighbours:
    """Rooms that share one congestion, whose participants have a face to read in every step."""

    def __init__(self, *sizes: int, share: float) -> None:
        self.congestion = Congestion(patience_s=0.1)
        self.congestion.share = share
        self.rooms = [
            Room(f"room{number}", Settings(), self.congestion) for number in range(len(sizes))
        ]
        self.now = 100.0
        for room, size in zip(self.rooms, sizes, strict=True):
            for number in range(size):
                room.join(f"p{number}", self.now)

    def beat(self, **weights: float) -> Counter[str]:
        """Close a step everywhere, begin what may begin; how many each room began."""
        self.now = round(self.now + 0.3, 6)
        for room in self.rooms:
            for name in room.participant_ids:
                room.frame(name, b"jpeg", 1, self.now - 0.3)
            room.close_steps(self.now)
        self.congestion.adjust()
        begun: Counter[str] = Counter()
        waiting = [
            turn
            for room in self.rooms
            for turn in room.waiting(self.now, weights.get(room.id, 1.0))
        ]
        limit = self.congestion.limit(sum(room.most(self.now) for room in self.rooms))
        asked = [(turn, turn.room.begin(turn, self.now)) for turn in in_turn(waiting, 0, limit)]
        for turn, effects in asked:
            for image in (one for one in effects if isinstance(one, EncodeFace)):
                begun[turn.room.id] += 1
                turn.room.face_encoded(image.ticket, None, self.now)
        return begun


def test_rooms_take_turns_under_one_limit() -> None:
    neighbours = Neighbours(1, 7, share=0.25)
    first, second = neighbours.beat(), neighbours.beat()
    assert first.total() == second.total() == 4
    assert first + second == {"room0": 1, "room1": 7}


def test_a_room_of_less_weight_waits_longer_and_is_not_forgotten() -> None:
    neighbours = Neighbours(4, 4, share=0.25)
    begun = sum((neighbours.beat(room0=0.25) for _ in range(40)), start=Counter())
    assert begun.total() == 160
    assert 0.2 * begun["room1"] <= begun["room0"] <= 0.4 * begun["room1"]


def test_a_room_alone_has_a_congestion_of_its_own() -> None:
    assert Room("one", Settings()).congestion is not Room("two", Settings()).congestion


def test_a_deep_pool_slows_clients_and_lets_them_recover() -> None:
    meeting = Meeting(Settings())
    meeting.join()
    meeting.hold = (EncodeFace,)
    for _ in range(20):
        meeting.run(0.3, sound=False)
        held, meeting.held = meeting.held, []
        for effect in held:
            meeting.answer(effect, depth=5)
    assert [pressure.suggested_fps for pressure in meeting.pressures] == [2.5, 1.25, 1.0]
    assert all(pressure.queue_depth == 5 for pressure in meeting.pressures)
    meeting.hold = ()
    meeting.run(6.0, sound=False)
    assert [p.suggested_fps for p in meeting.pressures[3:]] == [2.0, 3.0, 4.0, 5.0]


def test_frames_beyond_what_was_asked_for_slow_their_sender_alone() -> None:
    meeting = Meeting()
    meeting.join("ada")
    meeting.join("ben")
    for _ in range(10):
        meeting.room.surplus("ada", 3)
        meeting.run(0.3)
    told = {emit.participant_id for emit in meeting.emitted if emit.message in meeting.pressures}
    assert told == {"ada"}
    assert meeting.pressures[-1].suggested_fps == 1.0
    assert meeting.room.drops[Drop.FRAME_SURPLUS] == 30


def test_at_a_low_rate_that_was_asked_for_a_camera_is_not_off() -> None:
    meeting = Meeting()
    meeting.join()
    meeting.run(3.0, sound=False)
    pacer = meeting.room._participants["ada"].pacer
    while pacer.fps > 1.0:
        pacer.overrun(1)
        pacer.adjust(meeting.now)
        meeting.now += 1.0
    for number in range(30):
        pacer.overrun(1)
        meeting.now += 0.3
        if number % 3 == 0:
            meeting.show()
        meeting.tick()
    statuses = [one.message for one in meeting.emitted if one.message.event == "server.status"]
    assert statuses[-1].modalities.video


def test_a_status_says_the_rate_asked_for_at_the_moment() -> None:
    meeting = Meeting()
    meeting.join()
    meeting.room.surplus("ada", 3)
    meeting.run(1.2)
    messages = [emit.message for emit in meeting.emitted]
    assert [one.suggested_fps for one in meeting.pressures][:1] == [2.5]
    statuses = [one for one in messages if isinstance(one, ServerStatus)]
    assert statuses[0].target_fps == 5.0
    assert statuses[1].target_fps == 2.5


def test_falls_may_follow_at_once_and_rises_take_their_time() -> None:
    pacer = FramePacer(SessionSettings())
    pacer.overrun(5)
    assert pacer.adjust(0.0) == (5, 2.5)
    pacer.observe(4, 0.1)
    assert pacer.adjust(0.3) is None
    assert pacer.adjust(0.6) == (4, 1.25)
    assert pacer.adjust(1.2) is None
    assert pacer.adjust(1.6) == (0, 2.25)
