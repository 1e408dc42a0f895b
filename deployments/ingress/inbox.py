from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from actors.parcel import Item, PictureItem, SoundItem, StateItem
from deployments.ingress.decoding import SoundFile
from hoovik.schema.drop import Drop

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


SETTLE_S = 1.0
"""A client that is asked for less has so long to hear of it."""


class FrameBudget:
    """How many frames a client may send: a token bucket that holds a second of the rate asked for.

    So what a network held back for a moment, and then brings at once, is not too much.
    """

    def __init__(self, fps: float) -> None:
        self._fps = self._settling_fps = fps
        self._settled_s = float("-inf")
        self._frames = max(TOLERANCE, fps)
        self._newest_s = float("-inf")

    def ask(self, fps: float, now_s: float) -> None:
        """Follow the rate that the client is asked for."""
        self._settling_fps, self._fps = self._rate(now_s), fps
        self._settled_s = now_s + SETTLE_S

    def spend(self, at_s: float) -> bool:
        """Whether a frame that came at `at_s` is within the rate."""
        fps = self._rate(at_s)
        come_in = TOLERANCE * fps * max(0.0, at_s - self._newest_s)
        self._frames = min(max(TOLERANCE, fps), self._frames + come_in)
        self._newest_s = max(at_s, self._newest_s)
        if self._frames < 1:
            return False
        self._frames -= 1
        return True

    def _rate(self, at_s: float) -> float:
        return max(self._fps, self._settling_fps) if at_s < self._settled_s else self._fps


class Inbox:
    """What one socket sent and its room has not taken yet; the newest of each kind stay.

    Args:
        fps: frames a second that a room has use for, where nothing holds it back.
        on_drop: called for each item that leads to nothing.
        sound_s: seconds of sound kept in all.
        picture_bytes: bytes of pictures kept in all.
    """

    def __init__(
        self,
        fps: float,
        on_drop: Callable[[Drop], object],
        *,
        sound_s: float = 4.0,
        picture_bytes: int = 4 * 2**20,
    ) -> None:
        self._sound_s = sound_s
        self._picture_bytes = picture_bytes
        self._usual = FrameBudget(fps)
        self._asked = FrameBudget(fps)
        self._on_drop = on_drop
        # One more than may stay: the newest comes before the oldest of its kind goes.
        self._items: deque[Item | SoundFile] = deque(maxlen=sum(LIMITS.values()) + 1)
        self._surplus = 0

    def ask(self, fps: float, now_s: float) -> None:
        """Note the frame rate that the client is asked for from now on."""
        self._asked.ask(fps, now_s)

    def put(self, item: Item | SoundFile) -> None:
        """Keep an item; the oldest of its kind make room where a limit is reached.

        Of frames that come faster than asked for the newest stays. Those beyond the usual rate are
        told to the room, which asks for fewer; who only does not follow a lower one just loses
        them, or it would never be asked for more again.
        """
        if isinstance(item, PictureItem) and not self._affords(item):
            same = [index for index, kept in enumerate(self._items) if type(kept) is type(item)]
            if not same:
                return
            del self._items[same[-1]]
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
                self._on_drop(Drop.INBOX_FULL)
            else:
                newest.append(kept)
        self._items.clear()
        self._items.extend(reversed(newest))

    def _affords(self, picture: PictureItem) -> bool:
        is_usual = self._usual.spend(picture.arrived_s)
        if self._asked.spend(picture.arrived_s):
            return True
        if is_usual:
            self._on_drop(Drop.FRAME_SURPLUS)
        else:
            self._surplus += 1
        return False

    def take(self) -> tuple[list[Item], int]:
        """All that have gathered, in order, sounds joined; and frames beyond the usual rate.

        What came after a file of sound that is being decoded waits for it.
        """
        items: list[Item] = []
        while self._items and not isinstance(first := self._items[0], SoundFile):
            items.append(first)
            self._items.popleft()
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
