import numpy as np

from actors.parcel import Item, PictureItem, SoundItem, StateItem
from deployments.ingress.decoding import SoundFile
from deployments.ingress.inbox import Inbox


def sound(number: int, source_hz: int = 16_000) -> SoundItem:
    return SoundItem(number, np.full(1600, number, np.float32), source_hz, 0.1 * number)


def picture(number: int, at_s: float) -> PictureItem:
    return PictureItem(number, b"", at_s)


def kinds(items: list[Item]) -> list[tuple[str, int | None]]:
    return [(type(item).__name__, getattr(item, "sequence_number", None)) for item in items]


def test_sounds_become_one_up_to_a_button_or_another_rate() -> None:
    inbox = Inbox(5.0, lambda: None)
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


def test_frames_that_come_too_fast_give_way_to_the_next() -> None:
    dropped: list[None] = []
    inbox = Inbox(5.0, lambda: dropped.append(None))
    for number in range(10):
        inbox.put(picture(number, 7.01 + number / 30))
    items, surplus = inbox.take()
    assert kinds(items) == [("PictureItem", number) for number in (2, 5, 8, 9)]
    assert surplus == 6
    assert dropped == []


def test_twice_the_rate_asked_for_is_no_surplus() -> None:
    inbox = Inbox(5.0, lambda: None)
    for number in range(4):
        inbox.put(picture(number, 7.01 + number / 10))
    assert inbox.take()[1] == 0


def test_while_a_room_is_slow_the_newest_stay() -> None:
    dropped: list[None] = []
    inbox = Inbox(5.0, lambda: dropped.append(None))
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
    assert len(dropped) == 480 + 496


def test_of_sound_the_newest_seconds_stay_whatever_it_comes_in() -> None:
    dropped: list[None] = []
    inbox = Inbox(5.0, lambda: dropped.append(None), sound_s=2.0)
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
    dropped: list[None] = []
    inbox = Inbox(5.0, lambda: dropped.append(None), picture_bytes=1000)
    for number in range(4):
        inbox.put(PictureItem(number, bytes(400), number / 5))
    items, _ = inbox.take()
    assert kinds(items) == [("PictureItem", 2), ("PictureItem", 3)]
    assert len(dropped) == 2


def test_what_follows_a_sound_file_waits_for_it() -> None:
    inbox = Inbox(5.0, lambda: None)
    files = [SoundFile(number, b"fLaC", 0.1 * number) for number in (2, 3)]
    for item in (sound(1), files[0], picture(1, 0.2), files[1], StateItem(False, True)):
        inbox.put(item)
    assert kinds(inbox.take()[0]) == [("SoundItem", 1)]
    inbox.settle(files[1], None)
    assert inbox.take() == ([], 0)
    inbox.settle(files[0], sound(2))
    assert kinds(inbox.take()[0]) == [("PictureItem", 1), ("SoundItem", 2), ("StateItem", None)]


def test_frames_that_were_too_many_are_told_with_the_next_items() -> None:
    inbox = Inbox(5.0, lambda: None)
    file = SoundFile(1, b"fLaC", 0.1)
    inbox.put(file)
    for number in range(3):
        inbox.put(picture(number, 7.01 + number / 100))
    assert inbox.take() == ([], 0)
    inbox.settle(file, None)
    items, surplus = inbox.take()
    assert (kinds(items), surplus) == ([("PictureItem", 2)], 2)
