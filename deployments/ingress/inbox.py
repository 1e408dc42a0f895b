from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from actors.parcel import Item, PictureItem, SoundItem, StateItem
from deployments.ingress.decoding import SoundFile

LIMITS: dict[type[Item | SoundFile], int] = {
    PictureItem: 4,
    SoundItem: 20,
    SoundFile: 3,
    StateItem: 8,
}
"""Items of a kind kept until the next delivery: the newest pictures, 2 s of 100 ms chunks, files of
sound that are being decoded, and the last buttons pressed."""

TOLERANCE = 2.0
"""A client may send so many times the frames it was asked for."""


class Inbox:
    """What one socket sent and its room has not taken yet; the newest of each kind stay.

    Args:
        fps: frames a second that a room has use for.
        on_drop: called for each item that finds no place.
        sound_s: seconds of sound kept in all.
        picture_bytes: bytes of pictures kept in all.
    """

    def __init__(
        self,
        fps: float,
        on_drop: Callable[[], object],
        *,
        sound_s: float = 4.0,
        picture_bytes: int = 4 * 2**20,
    ) -> None:
        self._sound_s = sound_s
        self._picture_bytes = picture_bytes
        self._slot_s = 1 / (TOLERANCE * fps)
        self._on_drop = on_drop
        # One more than may stay: the newest comes before the oldest of its kind goes.
        self._items: deque[Item | SoundFile] = deque(maxlen=sum(LIMITS.values()) + 1)
        self._surplus = 0

    def put(self, item: Item | SoundFile) -> None:
        """Keep an item; the oldest of its kind make room where a limit is reached."""
        same = [index for index, kept in enumerate(self._items) if type(kept) is type(item)]
        if isinstance(item, PictureItem) and same and self._crowds(item, self._items[same[-1]]):
            del self._items[same[-1]]
            self._surplus += 1
        self._items.append(item)
        self._keep_newest()

    def settle(self, file: SoundFile, sound: SoundItem | None) -> None:
        """Put what a file of sound held in its place; None: nothing."""
        place = self._items.index(file)
        if sound is None:
            del self._items[place]
        else:
            self._items[place] = sound
            self._keep_newest()

    def _keep_newest(self) -> None:
        newest: list[Item | SoundFile] = []
        number: Counter[type] = Counter()
        sound_s, picture_bytes = self._sound_s, self._picture_bytes
        for item in reversed(self._items):
            number[type(item)] += 1
            kept: Item | SoundFile | None = item
            if isinstance(item, SoundItem):
                kept = _newest(item, sound_s)
                sound_s -= item.samples.size / item.source_hz
            elif isinstance(item, PictureItem):
                picture_bytes -= len(item.image)
                kept = item if picture_bytes >= 0 else None
            if kept is None or number[type(item)] > LIMITS[type(item)]:
                self._on_drop()
            else:
                newest.append(kept)
        self._items.clear()
        self._items.extend(reversed(newest))

    def _crowds(self, picture: PictureItem, last: Item | SoundFile) -> bool:
        if not isinstance(last, PictureItem):
            return False
        return picture.arrived_s // self._slot_s == last.arrived_s // self._slot_s

    def take(self) -> tuple[list[Item], int]:
        """All that have gathered, in order, sounds joined; and how many frames were too many.

        What came after a file of sound that is being decoded waits for it.
        """
        items: list[Item] = []
        while self._items and not isinstance(first := self._items[0], SoundFile):
            items.append(first)
            self._items.popleft()
        if not items:
            return [], 0
        surplus, self._surplus = self._surplus, 0
        return joined(items), surplus


def _newest(sound: SoundItem, most_s: float) -> SoundItem | None:
    most = max(0, int(most_s * sound.source_hz))
    if sound.samples.size <= most:
        return sound
    return replace(sound, samples=sound.samples[-most:]) if most else None


def joined(items: Iterable[Item]) -> list[Item]:
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
