"""What a room does when there is more to do than can be done."""

from collections import Counter

import numpy as np
import pytest

from hoovik.schema.drop import Drop
from hoovik.session.congestion import LEAST, Congestion, SharedQueueing
from hoovik.session.effects import EncodeAudio, EncodeFace, Predict
from hoovik.session.pacing import FramePacer
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
    assert meeting.room.strain == 0
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
    assert meeting.room.strain > 0.25


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
    assert meeting.room.strain > 0.3
    meeting._each_s = 1 / 100
    meeting.play(15.0)
    assert meeting.room.strain < 0.1
    assert min(meeting.rates(9.0).values()) == pytest.approx(1 / 0.3, rel=0.05)


def test_the_share_falls_by_parts_and_rises_by_steps() -> None:
    congestion = Congestion(patience_s=0.15)
    assert congestion.limit(8) == 8
    congestion.observe(0.2, 0.1)
    congestion.adjust([False])
    assert congestion.limit(8) == 6
    for _ in range(100):
        congestion.observe(1.0, 0.1)
        congestion.adjust([True])
    assert congestion.share == LEAST
    assert congestion.limit(8) == 1
    assert congestion.strain == pytest.approx(1, abs=0.01)
    for _ in range(100):
        congestion.observe(0.0, 0.1)
        congestion.adjust([False])
    assert congestion.limit(8) == 8


def test_one_slow_answer_is_no_congestion() -> None:
    congestion = Congestion(patience_s=0.15)
    for queued_s in (0.01, 0.02, 3.0):
        congestion.observe(queued_s, 0.1)
    congestion.adjust([False])
    assert congestion.limit(8) == 8


def test_where_a_batch_takes_long_the_next_may_wait_for_it() -> None:
    congestion = Congestion(patience_s=0.15)
    congestion.observe(0.3, worked_s=0.4)
    congestion.adjust([False])
    assert congestion.share == 1
    congestion.observe(0.5, worked_s=0.4)
    congestion.adjust([False])
    assert congestion.share < 1


def test_a_room_goes_by_what_all_of_them_see() -> None:
    lucky, unlucky, shared = Congestion(0.15), Congestion(0.15), SharedQueueing(0.3)
    for tick in range(40):
        # Before the others' ticks pools are idle, after them they are full.
        for room, queued_s in ((lucky, 0.0), (unlucky, 0.5)):
            room.observe(queued_s, 0.1, shared.tell(room.queueing, 0.3 * tick))
            room.adjust([False])
    assert lucky.share == pytest.approx(unlucky.share, abs=0.2)
    assert lucky.share < 0.5


def test_who_asks_in_one_epoch_is_told_the_same() -> None:
    shared = SharedQueueing(0.3)
    assert shared.tell(0.4, now=10.0) == 0.4  # nobody has said anything before
    assert shared.tell(0.2, now=10.1) == 0.4
    assert [shared.tell(one, now=10.3) for one in (0.0, 0.9)] == pytest.approx([0.3, 0.3])
    assert shared.tell(0.1, now=20.0) == 0.1  # what was long ago says nothing of now


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


def test_falls_may_follow_at_once_and_rises_take_their_time() -> None:
    pacer = FramePacer(SessionSettings())
    pacer.overrun(5)
    assert pacer.adjust(0.0) == (5, 2.5)
    pacer.observe(4, 0.1)
    assert pacer.adjust(0.3) is None
    assert pacer.adjust(0.6) == (4, 1.25)
    assert pacer.adjust(1.2) is None
    assert pacer.adjust(1.6) == (0, 2.25)
