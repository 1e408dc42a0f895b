import numpy as np

from actors.room import PictureItem, SoundItem, StateItem
from deployments.ingress.inbox import Inbox


def sound(number: int) -> SoundItem:
    return SoundItem(number, np.zeros(1600, np.float32), 16_000)


async def test_the_newest_picture_stays_and_sounds_keep_their_order() -> None:
    dropped: list[None] = []
    inbox = Inbox(lambda: dropped.append(None))
    for number in range(1, 4):
        inbox.put(PictureItem(number, b""))
        inbox.put(sound(number))
    inbox.put(StateItem(True, False))
    kinds = [
        (type(item).__name__, getattr(item, "sequence_number", None)) for item in await inbox.take()
    ]
    assert kinds == [
        ("SoundItem", 1),
        ("SoundItem", 2),
        ("PictureItem", 3),
        ("SoundItem", 3),
        ("StateItem", None),
    ]
    assert len(dropped) == 2


async def test_two_seconds_of_sound_are_kept_and_buttons_survive_a_flood() -> None:
    inbox = Inbox(lambda: None)
    inbox.put(StateItem(False, True))
    for number in range(1, 501):
        inbox.put(sound(number))
    items = await inbox.take()
    assert items[0] == StateItem(False, True)
    assert [item.sequence_number for item in items[1:]] == list(range(481, 501))
