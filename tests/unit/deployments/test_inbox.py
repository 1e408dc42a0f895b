import numpy as np
import pytest

from actors.parcel import Item, PictureItem, SoundItem, StateItem
from deployments.ingress.decoding import SoundFile
from deployments.ingress.inbox import Inbox
from hoovik.schema.drop import Drop


def sound(number: int, source_hz: int = 16_000) -> SoundItem:
    return SoundItem(number, np.full(1600, number, np.float32), source_hz, 0.1 * number)


def picture(number: int, at_s: float) -> PictureItem:
    return PictureItem(number, b"", at_s)


def kinds(items: list[Item]) -> list[tuple[str, int | None]]:
    return [(type(item).__name__, getattr(item, "sequence_number", None)) for item in items]


def test_sounds_become_one_up_to_a_button_or_another_rate() -> None:
    inbox = Inbox(5.0, lambda _reason: None)
    for item in (
        sound(1),
        picture(1, 0.1),
        sound(2),
        StateItem(False, True),
        StateItem(True, True),
        sound(3),
        sound(4, 48_000),
        sound(5, 48_000),
    ):
        inbox.put(item)
    items, surplus = inbox.take()
    assert surplus == 0
    assert kinds(items) == [
        ("PictureItem", 1),
        ("SoundItem", 2),
        ("StateItem", None),
        ("StateItem", None),
        ("SoundItem", 3),
        ("SoundItem", 5),
    ]
    joined = items[1]
    assert isinstance(joined, SoundItem)
    assert joined.samples.tolist() == [1.0] * 1600 + [2.0] * 1600
    assert joined.arrived_s == 0.2
    assert inbox.take() == ([], 0)


def test_of_frames_that_come_too_fast_the_newest_stays() -> None:
    dropped: list[Drop] = []
    inbox = Inbox(5.0, dropped.append)
    for number in range(300):
        inbox.put(picture(number, 7 + number / 30))
        if number % 5 == 4:
            items, _ = inbox.take()
            assert kinds(items)[-1] == ("PictureItem", number)
    for number in range(300, 600):
        inbox.put(picture(number, 7 + number / 30))
    items, surplus = inbox.take()
    numbers = [item.sequence_number for item in items if isinstance(item, PictureItem)]
    assert numbers[-1] == 599
    assert np.diff(numbers).tolist() == pytest.approx([3, 3, 3], abs=1)
    assert surplus == pytest.approx(200, abs=2)
    assert set(dropped) == {Drop.INBOX_FULL}


def send(inbox: Inbox, fps: float, seconds: float, begin_s: float = 100.0) -> tuple[int, int]:
    """How many frames of a camera are taken and are surplus, with a delivery after each."""
    taken = surplus = 0
    for number in range(round(seconds * fps)):
        inbox.put(picture(number, begin_s + number / fps))
        items, more = inbox.take()
        taken, surplus = taken + len(items), surplus + more
    return taken, surplus


def test_twice_the_rate_asked_for_is_no_surplus() -> None:
    assert send(Inbox(5.0, lambda _reason: None), 9.9, 60) == (594, 0)


def test_who_is_asked_for_less_and_takes_no_notice_is_noticed() -> None:
    dropped: list[Drop] = []
    inbox = Inbox(5.0, dropped.append)
    inbox.ask(1.0, 100.0)
    taken, surplus = send(inbox, 9.9, 60, 102.0)
    assert taken == pytest.approx(120, abs=6)
    # They are lost, and no reason to ask for less still: twice the usual rate is not exceeded.
    assert (dropped.count(Drop.FRAME_SURPLUS), surplus) == (594 - taken, 0)
    inbox.ask(5.0, 162.0)
    assert send(inbox, 9.9, 60, 162.0)[0] >= 590


def test_who_sends_more_than_the_usual_rate_bears_is_told_to_the_room() -> None:
    taken, surplus = send(Inbox(5.0, lambda _reason: None), 30.0, 60)
    assert taken == pytest.approx(600, abs=10)
    assert surplus == 1800 - taken


def test_a_client_that_is_asked_for_less_has_a_second_to_hear_of_it() -> None:
    inbox = Inbox(5.0, lambda _reason: None)
    assert send(inbox, 5.0, 10, 100.0) == (50, 0)
    inbox.ask(1.0, 110.0)
    assert send(inbox, 5.0, 1, 110.0)[0] == 5
    assert send(inbox, 1.0, 10, 111.0)[0] == 10


@pytest.mark.parametrize("asked_fps", [5.0, 2.5, 1.0])
def test_a_network_that_stalls_for_a_moment_makes_no_surplus(asked_fps: float) -> None:
    dropped: list[Drop] = []
    inbox = Inbox(5.0, dropped.append)
    inbox.ask(asked_fps, 90.0)
    random = np.random.default_rng(1)
    taken = surplus = number = 0
    arrivals: list[float] = []
    for due_s in np.arange(100.0, 160.0, 1 / asked_fps):
        at_s = due_s + 0.01 * random.random()
        # TCP: what was held back comes at once.
        at_s += max(0.0, 0.4 - at_s % 10)
        arrivals.append(max([at_s, *arrivals[-1:]]))
    for beat in range(401):
        while number < len(arrivals) and arrivals[number] <= 100 + 0.15 * beat:
            inbox.put(picture(number, arrivals[number]))
            number += 1
        items, more = inbox.take()
        taken, surplus = taken + len(items), surplus + more
    assert (taken, surplus, dropped) == (len(arrivals), 0, [])


def test_while_a_room_is_slow_the_newest_stay() -> None:
    dropped: list[Drop] = []
    inbox = Inbox(5.0, dropped.append)
    inbox.put(StateItem(False, True))
    for number in range(1, 501):
        inbox.put(sound(number))
        inbox.put(picture(number, number / 5))
    items, _ = inbox.take()
    assert items[0] == StateItem(False, True)
    assert [item.sequence_number for item in items if isinstance(item, PictureItem)] == [
        497,
        498,
        499,
        500,
    ]
    (whole,) = (item for item in items if isinstance(item, SoundItem))
    assert whole.samples.size == 20 * 1600
    assert whole.sequence_number == 500
    assert dropped == [Drop.INBOX_FULL] * (480 + 496)


def test_of_sound_the_newest_seconds_stay_whatever_it_comes_in() -> None:
    dropped: list[Drop] = []
    inbox = Inbox(5.0, dropped.append, sound_s=2.0)
    for number, seconds in enumerate((0.5, 30.0, 0.25, 1.0)):
        samples = np.arange(int(192_000 * seconds), dtype=np.float32)
        inbox.put(SoundItem(number, samples, 192_000, float(number)))
    (whole,), _ = inbox.take()
    assert isinstance(whole, SoundItem)
    assert whole.samples.size == 2 * 192_000
    # The end of the thirty seconds, then what came after them.
    assert whole.samples[0] == (30 - 0.75) * 192_000
    assert whole.samples[144_000] == whole.samples[192_000] == 0
    assert len(dropped) == 1


def test_pictures_are_bounded_in_bytes() -> None:
    dropped: list[Drop] = []
    inbox = Inbox(5.0, dropped.append, picture_bytes=1000)
    for number in range(4):
        inbox.put(PictureItem(number, bytes(400), number / 5))
    items, _ = inbox.take()
    assert kinds(items) == [("PictureItem", 2), ("PictureItem", 3)]
    assert len(dropped) == 2


def test_what_follows_a_sound_file_waits_for_it() -> None:
    inbox = Inbox(5.0, lambda _: None)
    files = [SoundFile(number, b"fLaC", 0.1 * number) for number in (2, 3)]
    for item in (sound(1), files[0], picture(1, 0.2), files[1], StateItem(False, True)):
        inbox.put(item)
    assert kinds(inbox.take()[0]) == [("SoundItem", 1)]
    inbox.settle(files[1], None)
    assert inbox.take() == ([], 0)
    inbox.settle(files[0], sound(2))
    assert kinds(inbox.take()[0]) == [("PictureItem", 1), ("SoundItem", 2), ("StateItem", None)]
