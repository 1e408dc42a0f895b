from pathlib import Path

import numpy as np
import pytest

from training.cache import Arrays, cached


def test_the_same_key_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.cache.CACHE", tmp_path)
    calls: list[str] = []

    def make() -> Arrays:
        calls.append("made")
        return {"vectors": np.arange(3, dtype=np.float32)}

    for _ in range(2):
        assert cached("stills", {"encoder": "a"}, make)["vectors"].tolist() == [0, 1, 2]
    assert calls == ["made"]
    cached("stills", {"encoder": "b"}, make)
    assert calls == ["made", "made"]
