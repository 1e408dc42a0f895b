from collections.abc import Callable

from actors.mailbox import Mailbox
from actors.room import Item, PictureItem, SoundItem, StateItem

LIMITS: dict[type[Item], int] = {PictureItem: 1, SoundItem: 20, StateItem: 8}
"""Items of a kind kept while a room is slow: the newest picture, 2 s of 100 ms chunks, and the
last buttons pressed."""


class Inbox(Mailbox[Item]):
    """What one socket sent and its room has not taken yet.

    The queue between proxy and replica is unbounded, so the receive loop must never wait for a
    room; it leaves its items here, and the newest of each kind stay.
    """

    def __init__(self, on_drop: Callable[[], object]) -> None:
        super().__init__(sum(LIMITS.values()), on_drop)

    def put(self, item: Item) -> None:
        """Keep an item; the oldest of its kind makes room where the limit is reached."""
        same = [index for index, kept in enumerate(self._items) if type(kept) is type(item)]
        if len(same) >= LIMITS[type(item)]:
            del self._items[same[0]]
            self._on_drop()
        super().put(item)
