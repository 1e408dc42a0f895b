import resource
from pathlib import Path

import numpy as np
import pytest

from hoovik.schema.emotion import Profile
from hoovik.schema.reason import Reason
from replay.chunk import RawResults
from replay.found import Ended, Failed, Played
from replay.ledger import Ledger
from replay.recording import Recording
from replay.store import Store

ADA = Recording(3, 0, "ada", "ada.mp4", 0.0, (), "key-of-ada")
BEN = Recording(4, 0, "ben", "ben.mp4", 0.0, (), "key-of-ben")


def said(*times_s: float) -> RawResults:
    n = len(times_s)
    return RawResults(
        np.array(times_s),
        np.tile(np.eye(6, dtype=np.float32)[0], (n, 1)),
        (Profile.VIDEO_ONLY,) * n,
        np.arange(n) % 2 == 1,
        tuple((Reason.DARK, Reason.UNUSUAL_FACE) if k % 2 else (Reason.NO_FACE,) for k in range(n)),
        np.full(n, -0.5, np.float32),
        np.full(n, 0.1, np.float32),
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "work")


def ledger(store: Store) -> Ledger:
    return Ledger(store, [ADA, BEN])


def test_chunks_may_come_in_any_order_and_after_the_end(store: Store) -> None:
    book = ledger(store)
    assert [task.recording for task in book.tasks()] == [ADA, BEN]
    assert book.note(Played(3, 2, 1, said(10.2))) is ADA
    book.note(Ended(3, 11.0))
    assert not book.is_whole(ADA)
    book.note(Played(3, 0, 2, said(0.3, 0.6)))
    assert book.is_whole(ADA)
    assert not book.is_whole(BEN)
    results = store.results(ADA)
    assert results.time_s.tolist() == [0.3, 0.6, 10.2]
    assert results.profile == (Profile.VIDEO_ONLY,) * 3
    assert results.anomaly.tolist() == [False, True, False]
    assert results.probs.dtype == np.float32


def test_a_run_goes_on_from_what_is_stored(store: Store) -> None:
    book = ledger(store)
    book.note(Played(3, 1, 1, said(5.1)))
    book.note(Ended(3, 12.0))
    book.note(Played(4, 0, 1, said(0.3)))
    book.note(Ended(4, 5.0))
    again = ledger(store)
    (task,) = again.tasks()
    assert (task.recording, task.done) == (ADA, {1})
    assert again.is_whole(BEN)
    assert (again.duration_of(BEN), again.fault_of(BEN)) == (5.0, "")


def test_a_fault_is_tried_again_by_the_next_run(store: Store) -> None:
    book = ledger(store)
    book.note(Played(3, 0, 1, said(0.3)))
    book.note(Failed(3, 1, 2, "ValueError: no"))
    book.note(Ended(3, 12.0, "cut off"))
    assert book.is_whole(ADA)
    assert book.fault_of(ADA) == "5 to 15 s cannot be played: ValueError: no; cut off"
    book.note(Ended(4, 0.0, "no media file"))
    assert book.fault_of(BEN) == "no media file"
    assert [(task.recording, task.done) for task in ledger(store).tasks()] == [
        (ADA, {0}),
        (BEN, set()),
    ]


def test_a_long_recording_has_more_chunks_than_a_process_may_open(store: Store) -> None:
    for cell in range(300):
        store.keep(ADA, Played(3, cell, 1, said(5.0 * cell + 0.3)))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, limits[1]))
    try:
        assert store.results(ADA).time_s.size == 300
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_half_a_file_is_none(store: Store, tmp_path: Path) -> None:
    store.keep(ADA, Played(3, 0, 1, said(0.3)))
    (tmp_path / "work" / ADA.key / "chunk.partial").write_bytes(b"PK half")
    assert store.done(ADA) == {0}
    assert len(store.results(ADA).time_s) == 1


def test_what_is_discarded_is_gone(store: Store) -> None:
    store.keep(ADA, Played(3, 0, 1, said(0.3)))
    store.discard()
    assert store.done(ADA) == frozenset()
