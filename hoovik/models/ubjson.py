"""A reader of UBJSON (https://ubjson.org, draft 12), as far as XGBoost writes it.

XGBoost itself could read its files, but to import it takes seconds and a hundred megabytes.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NUMBERS: dict[bytes, np.dtype[Any]] = {
    b"i": np.dtype(">i1"),
    b"U": np.dtype(">u1"),
    b"I": np.dtype(">i2"),
    b"l": np.dtype(">i4"),
    b"L": np.dtype(">i8"),
    b"d": np.dtype(">f4"),
    b"D": np.dtype(">f8"),
}
_CONSTANTS = {b"T": True, b"F": False, b"Z": None}


def read_ubjson(data: bytes) -> Any:
    """The value that a document holds; an array of numbers of one type becomes a numpy array.

    Raises:
        ValueError: it ends too early, goes on too long, or is no UBJSON.
    """
    reader = _Reader(data)
    try:
        value = reader.value(reader.take(1))
    except (struct.error, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"no UBJSON: {error}") from error
    if reader.place != len(data):
        raise ValueError(f"{len(data) - reader.place} bytes follow the end of the document")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def take(self, size: int) -> bytes:
        if not 0 <= size <= len(self._data) - self.place:
            raise ValueError(f"{size} bytes wanted at {self.place} of {len(self._data)}")
        taken = self._data[self.place : self.place + size]
        self.place += size
        return taken

    def value(self, marker: bytes) -> Any:
        if marker in _NUMBERS:
            return self._numbers(marker, 1)[0].item()
        if marker in _CONSTANTS:
            return _CONSTANTS[marker]
        if marker == b"S":
            return self._text()
        if marker == b"[":
            return self._array()
        if marker == b"{":
            return self._object()
        raise ValueError(f"no UBJSON: {marker!r} before byte {self.place} marks no value")

    def _numbers(self, marker: bytes, count: int) -> NDArray[np.number]:
        kind = _NUMBERS[marker]
        return np.frombuffer(self.take(count * kind.itemsize), kind)

    def _size(self) -> int:
        size = self.value(self.take(1))
        if not isinstance(size, int):
            raise ValueError(f"no UBJSON: a length of {size!r} before byte {self.place}")
        return size

    def _text(self) -> str:
        return self.take(self._size()).decode()

    def _array(self) -> Any:
        marker = self.take(1)
        if marker == b"$":
            kind = self.take(1)
            if kind not in _NUMBERS or self.take(1) != b"#":
                raise ValueError(f"no UBJSON: an array of {kind!r} before byte {self.place}")
            return self._numbers(kind, self._size())
        if marker == b"#":
            return [self.value(self.take(1)) for _ in range(self._size())]
        values = []
        while marker != b"]":
            values.append(self.value(marker))
            marker = self.take(1)
        return values

    def _object(self) -> dict[str, Any]:
        values = {}
        while self._data[self.place : self.place + 1] != b"}":
            name = self._text()
            values[name] = self.value(self.take(1))
        self.take(1)
        return values
