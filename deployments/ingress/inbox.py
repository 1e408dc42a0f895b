from collections import deque
from collections.abc import Callable

import numpy as np

from actors.parcel import Item, PictureItem, SoundItem, StateItem

LIMITS: dict[type[Item], int] = {PictureItem: 4, SoundItem: 20, StateItem: 8}
"""Items of a kind kept until the next delivery: the newest pictures, 2 s of 100 ms chunks, and the
last buttons pressed."""

TOLERANCE = 2.0
"""A client may send so many times the frames it was asked for."""


class Inbox:
    """What one socket sent and its room has not taken yet; the newest of each kind stay.

    Args:
        fps: frames a second that a room has use for.
        on_drop: called for each item that finds no place.
    """

    def __init__(self, fps: float, on_drop: Callable[[], object]) -> None:
        self._slot_s = 1 / (TOLERANCE * fps)
        self._on_drop = on_drop
        self._items: deque[Item] = deque(maxlen=sum(LIMITS.values()))
        self._surplus = 0

    def put(self, item: Item) -> None:
        """Keep an item; the oldest of its kind makes room where the limit is reached."""
        same = [index for index, kept in enumerate(self._items) if type(kept) is type(item)]
        if isinstance(item, PictureItem) and same and self._crowds(item, self._items[same[-1]]):
            del self._items[same[-1]]
            self._surplus += 1
        elif len(same) >= LIMITS[type(item)]:
            del self._items[same[0]]
            self._on_drop()
        self._items.append(item)

    def _crowds(self, picture: PictureItem, last: Item) -> bool:
        if not isinstance(last, PictureItem):
            return False
        return picture.arrived_s // self._slot_s == last.arrived_s // self._slot_s

    def take(self) -> tuple[list[Item], int]:
        """All that have gathered, in order, sounds joined; and how many frames were too many."""
        items, surplus = joined(self._items), self._surplus
        self._items.clear()
        self._surplus = 0
        return items, surplus


def joined(items: deque[Item]) -> list[Item]:
    """The same, with sounds of one rate made one where no button was pressed between them."""
    whole: list[Item] = []
    pieces: list[SoundItem] = []

    def close() -> None:
        if len(pieces) == 1:
            whole.append(pieces[0])
        elif pieces:
            last = pieces[-1]
            samples = np.concatenate([piece.samples for piece in pieces])
            whole.append(SoundItem(last.sequence_number, samples, last.source_hz, last.arrived_s))
        pieces.clear()

    for item in items:
        if isinstance(item, SoundItem):
            if pieces and pieces[-1].source_hz != item.source_hz:
                close()
            pieces.append(item)
            continue
        if isinstance(item, StateItem):
            close()
        whole.append(item)
    close()
    return whole
