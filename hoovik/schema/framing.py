"""Messages over a plain WebSocket.

Text frames carry JSON ``{"event": name, "data": payload}``. Binary frames carry media behind an
eight-byte header, little-endian::

    bytes 0-1   b"HV"
    byte  2     kind: 1 image, 2 float32 PCM, 3 16-bit PCM, 4 WAV, FLAC or OGG
    byte  3     0
    bytes 4-7   uint32 sample rate in Hz; 0 for images and containers
"""

import json
import struct
from typing import Any

from hoovik.errors import ProtocolError
from hoovik.schema.inbound import Audio, AudioEncoding, Frame, Message, parse

_HEADER = struct.Struct("<2sBBI")
_MAGIC = b"HV"
_IMAGE = 1
_ENCODINGS: dict[int, AudioEncoding] = {2: "f32le", 3: "s16le", 4: "auto"}
_KINDS = {encoding: kind for kind, encoding in _ENCODINGS.items()}


def pack_frame(image: bytes) -> bytes:
    """Binary WebSocket message of one JPEG or PNG."""
    return _HEADER.pack(_MAGIC, _IMAGE, 0, 0) + image


def pack_audio(
    data: bytes, *, encoding: AudioEncoding = "f32le", sample_rate: int = 16_000
) -> bytes:
    """Binary WebSocket message of one piece of sound."""
    return _HEADER.pack(_MAGIC, _KINDS[encoding], 0, sample_rate) + data


def unpack(message: bytes) -> Audio | Frame:
    """Media of a binary WebSocket message; raises ProtocolError."""
    if len(message) < _HEADER.size or message[:2] != _MAGIC:
        raise ProtocolError(f"{len(message)} bytes without the HV header of {_HEADER.size} bytes")
    _, kind, _, sample_rate = _HEADER.unpack_from(message)
    body = message[_HEADER.size :]
    if kind == _IMAGE:
        return Frame(buffer=body)
    if kind not in _ENCODINGS:
        raise ProtocolError(f"media kind {kind}; known are 1 to 4")
    return Audio(buffer=body, encoding=_ENCODINGS[kind], sample_rate=sample_rate or 16_000)


def pack_event(event: str, data: object) -> str:
    """Text WebSocket message of one event."""
    return json.dumps({"event": event, "data": data}, separators=(",", ":"))


def unpack_event(message: str) -> tuple[str, Any]:
    """Event name and payload of a text WebSocket message; raises ProtocolError."""
    try:
        envelope = json.loads(message)
    except (ValueError, RecursionError):
        raise ProtocolError(f"text of {len(message)} characters is not JSON") from None
    if not isinstance(envelope, dict) or not isinstance(envelope.get("event"), str):
        raise ProtocolError('expected {"event": name, "data": ...}')
    return envelope["event"], envelope.get("data")


def unpack_message(message: str | bytes) -> Message:
    """Typed message of any WebSocket message but a join."""
    if isinstance(message, bytes):
        return unpack(message)
    return parse(*unpack_event(message))
