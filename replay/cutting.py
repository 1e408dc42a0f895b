"""From the parts of a media file to chunks, with no more in memory than a chunk and its lead."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from hoovik.layout import SAMPLE_RATE
from hoovik.media.stream import ClipFrame, SoundPart
from replay.cells import CELL_S, LEAD_S, PRE_ROLL_S, cell_of
from replay.chunk import Change, Chunk

MAX_SKEW_S = 30.0
"""How far sound and pictures may lie apart in a file. What comes later than that is left out, as
by a player: a track that has ended must not keep the other one waiting in memory."""


class Cutter:
    """Cuts one recording.

    Args:
        recording: its number in the run.
        offset_s: on the meeting's clock.
        changes: of the client's state.
        done: cells whose results there are already.
        chunk_cells: cells of a chunk at most.
        kinds: how many kinds of media the recording has, sound and pictures being one each.
    """

    def __init__(
        self,
        recording: int,
        *,
        offset_s: float,
        changes: tuple[Change, ...],
        done: Collection[int],
        chunk_cells: int,
        kinds: int,
    ) -> None:
        self._recording = recording
        self._offset_s = offset_s
        self._changes = changes
        self._done = frozenset(done)
        self._chunk_cells = chunk_cells
        self._kinds = kinds
        self._cell = self._undone(0)
        self._sound: deque[SoundPart] = deque()
        self._sound_end_s = 0.0
        self._frames: deque[ClipFrame] = deque()
        self._picture_s = 0.0

    @property
    def duration_s(self) -> float:
        """Length of what has come."""
        return max(self._sound_end_s, self._picture_s)

    @property
    def needed_from_s(self) -> float:
        """Parts before this are not needed."""
        return max(0.0, self._cell * CELL_S - LEAD_S - PRE_ROLL_S)

    def cut(self, parts: Iterable[SoundPart | ClipFrame]) -> Iterator[Chunk]:
        """The chunks of a recording, each as soon as it is whole; an empty rest is none."""
        for part in parts:
            self._take(part)
            while self._whole_until_s() >= (self._cell + self._length()) * CELL_S:
                yield self._chunk(self._length(), ends=False)
        last = cell_of(self.duration_s)
        while self.duration_s > 0 and self._cell <= last:
            n_cells = min(self._length(), last + 1 - self._cell)
            yield self._chunk(n_cells, ends=self._cell + n_cells > last)

    def _take(self, part: SoundPart | ClipFrame) -> None:
        if isinstance(part, ClipFrame):
            self._frames.append(part)
            self._picture_s = part.time_s
        else:
            self._sound.append(part)
            self._sound_end_s = part.time_s + part.samples.size / SAMPLE_RATE

    def _whole_until_s(self) -> float:
        ends = self._sound_end_s, self._picture_s
        return max(ends) if self._kinds == 1 else max(min(ends), max(ends) - MAX_SKEW_S)

    def _undone(self, cell: int) -> int:
        while cell in self._done:
            cell += 1
        return cell

    def _length(self) -> int:
        """Cells of the next chunk: up to one that is done."""
        n_cells = 1
        while n_cells < self._chunk_cells and self._cell + n_cells not in self._done:
            n_cells += 1
        return n_cells

    def _chunk(self, n_cells: int, *, ends: bool) -> Chunk:
        end_s = (self._cell + n_cells) * CELL_S
        start, sound = self._sound_between(self.needed_from_s, end_s)
        frames = tuple(
            frame for frame in self._frames if self.needed_from_s <= frame.time_s <= end_s
        )
        chunk = Chunk(
            self._recording,
            self._cell,
            n_cells,
            self._offset_s,
            start / SAMPLE_RATE,
            sound,
            frames,
            self._changes,
            ends,
        )
        self._cell = self._undone(self._cell + n_cells)
        self._forget(self.needed_from_s)
        return chunk

    def _sound_between(self, start_s: float, end_s: float) -> tuple[int, NDArray[np.float32]]:
        """First sample and samples of a stretch, as far as there is sound."""
        begin, end = round(start_s * SAMPLE_RATE), round(end_s * SAMPLE_RATE)
        pieces = []
        for part in self._sound:
            first = round(part.time_s * SAMPLE_RATE)
            piece = part.samples[max(0, begin - first) : max(0, end - first)]
            if piece.size:
                pieces.append(piece)
        return begin, np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def _forget(self, before_s: float) -> None:
        while self._sound and (
            self._sound[0].time_s + self._sound[0].samples.size / SAMPLE_RATE <= before_s
        ):
            self._sound.popleft()
        while self._frames and self._frames[0].time_s < before_s:
            self._frames.popleft()
