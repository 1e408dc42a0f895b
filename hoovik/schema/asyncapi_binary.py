"""The binary messages of AsyncAPI's document: media behind the header of `hoovik.schema.framing`."""

from typing import Any

from hoovik.schema.framing import pack_audio, pack_frame
from hoovik.schema.payload_schema import MEDIA, Schema

RATE_EXAMPLE = 48_000


def binary_messages() -> dict[str, dict[str, Any]]:
    """One message a kind; each field of the headers says in ``x-bytes`` where it stands."""
    return {
        f"binary.{name}": _media_kind(f"binary.{name}", summary, header)
        for name, summary, header in (
            ("image", "One JPEG or PNG.", pack_frame(b"")),
            (
                "f32le",
                "Float32 little-endian mono PCM.",
                pack_audio(b"", encoding="f32le", sample_rate=RATE_EXAMPLE),
            ),
            (
                "s16le",
                "16-bit little-endian mono PCM.",
                pack_audio(b"", encoding="s16le", sample_rate=RATE_EXAMPLE),
            ),
            (
                "container",
                "A WAV, FLAC or Ogg file.",
                pack_audio(b"", encoding="auto", sample_rate=0),
            ),
        )
    }


def _media_kind(name: str, summary: str, header: bytes) -> dict[str, Any]:
    kind, sample_rate = header[2], int.from_bytes(header[4:], "little")
    fields: dict[str, Schema] = {
        "magic": {"type": "string", "const": "HV", "description": "0x48 0x56."},
        "kind": {"type": "integer", "const": kind, "description": summary},
        "zero": {"type": "integer", "const": 0, "description": "Not used."},
        "sampleRate": _rate(sample_rate),
    }
    values = {"magic": "HV", "kind": kind, "zero": 0, "sampleRate": sample_rate}
    for field, place in zip(fields.values(), ("0-1", "2", "3", "4-7"), strict=True):
        field["x-bytes"] = place
    return {
        "name": name,
        "title": name,
        "summary": summary,
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "description": "The first eight bytes, little-endian.",
            "properties": fields,
            "required": list(fields),
        },
        "payload": {"type": "string", **MEDIA, "description": "The media: all that follows."},
        "examples": [{"summary": header.hex(" "), "headers": values}],
    }


def _rate(sample_rate: int) -> Schema:
    if sample_rate == 0:
        return {"type": "integer", "const": 0, "description": "The media tell their own."}
    return {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**32 - 1,
        "description": "Unsigned 32-bit, in Hz; 0 means 16,000.",
    }
