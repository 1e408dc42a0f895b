"""Documents byte by byte, as the specification has them, and those of XGBoost beside its JSON."""

import json
from typing import Any

import numpy as np
import pytest

from hoovik.models.ubjson import read_ubjson
from hoovik.models.untrained import untrained_booster


@pytest.mark.parametrize(
    ("document", "value"),
    [
        (b"i\xff", -1),
        (b"U\xff", 255),
        (b"I\x01\x00", 256),
        (b"l\xff\xff\xff\xfe", -2),
        (b"L" + bytes(7) + b"\x07", 7),
        (b"d\x3f\x80\x00\x00", 1.0),
        (b"D\x40\x00" + bytes(6), 2.0),
        (b"T", True),
        (b"F", False),
        (b"Z", None),
        (b"Si\x02ab", "ab"),
        (b"[U\x01Si\x01aT]", [1, "a", True]),
        (b"[]", []),
        (b"[#i\x02U\x01U\x02", [1, 2]),
        (b"[#i\x00", []),
        (b"{i\x01aU\x05i\x01b{}}", {"a": 5, "b": {}}),
    ],
)
def test_each_kind_of_value_is_read(document: bytes, value: Any) -> None:
    assert read_ubjson(document) == value


def test_numbers_of_one_type_become_an_array() -> None:
    array = read_ubjson(b"[$I#i\x03\x00\x01\x01\x00\xff\xff")
    assert array.tolist() == [1, 256, -1]
    assert read_ubjson(b"[$d#i\x01\xc0\x40\x00\x00").tolist() == [-3.0]
    assert len(read_ubjson(b"[$l#i\x00")) == 0


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"x",
        b"l\x00\x00",
        b"Si\x05ab",
        b"Si\xff",
        b"Sd\x3f\x80\x00\x00a",
        b"[U\x01",
        b"[$d#i\x02\x00\x00\x00\x00",
        b"[$S#i\x01i\x01a",
        b"[$di\x01\x00\x00\x00\x00",
        b"{i\x01aU\x05",
        b"{i\x01\xffU\x05}",
        b"U\x01U\x01",
        b"[" * 10_000,
    ],
)
def test_what_is_no_document_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_ubjson(document)


def test_a_booster_says_the_same_as_its_json() -> None:
    booster = untrained_booster(seed=3, rounds=2)
    assert_same(read_ubjson(bytes(booster.save_raw("ubj"))), json.loads(booster.save_raw("json")))


def assert_same(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_same(found[key], value)
    elif isinstance(found, np.ndarray):
        assert np.array_equal(found.astype(np.float32), np.array(expected, np.float32))
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    else:
        assert found == expected
