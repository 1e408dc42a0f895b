"""The events of AsyncAPI's document, as either transport carries them."""

from collections.abc import Callable
from typing import Any

from hoovik.schema.error_codes import CLOSING, socket_codes
from hoovik.schema.examples import INBOUND, JOIN, Example, outbound_examples
from hoovik.schema.inbound import EVENTS, JOIN_EVENTS, Audio, AvChunk, Frame, Join, Ping
from hoovik.schema.outbound import OUTBOUND, EmotionError
from hoovik.schema.payload_schema import Schema, media_as_text, payload_schema
from hoovik.schema.wire import WireModel

MEDIA_MODELS = (Audio, Frame, AvChunk)

Message = dict[str, Any]

Carry = Callable[[str, type[WireModel], list[Example]], Message]
"""Payload and examples of an event over one transport."""


def component_schemas() -> dict[str, Schema]:
    """Schema of every payload, by name; those with media in two forms."""
    schemas = {Join.__name__: payload_schema(Join, "validation")}
    for model in EVENTS.values():
        schema = _inbound(model)
        schemas[model.__name__] = schema
        if model in MEDIA_MODELS:
            schemas[_text_form(model)] = media_as_text(schema)
    schemas |= {
        model.__name__: payload_schema(model, "serialization") for model in OUTBOUND.values()
    }
    schemas[EmotionError.__name__]["properties"]["code"] |= _codes()
    return schemas


def _inbound(model: type[WireModel]) -> Schema:
    if model is Ping:
        return {"description": "Anything, or nothing."}
    schema = payload_schema(model, "validation")
    if model not in (Audio, Frame):
        return schema
    alone = {"title": "the media alone", **schema["properties"]["buffer"]}
    return {"description": "The media alone, or an object.", "oneOf": [schema, alone]}


def _text_form(model: type[WireModel]) -> str:
    return f"{model.__name__}Text"


def _codes() -> Schema:
    codes = socket_codes()
    closing = ", ".join(f"`{code}`" for code in CLOSING)
    return {
        "description": f"What went wrong, for programs. The socket is closed after {closing}.",
        "enum": list(codes),
        "x-enum-descriptions": list(codes.values()),
    }


def socketio_messages() -> dict[str, Message]:
    """Messages of the Socket.IO channel, by event; a payload is the event's one argument."""
    auth = _message("auth", Join, JOIN, _bare)
    auth["description"] = "The `auth` of the connection, not an event."
    return {"auth": auth, **_events(_bare)}


def websocket_messages() -> dict[str, Message]:
    """Text messages of the plain WebSocket, by event; a payload is the whole message."""
    joins = {event: _message(event, Join, JOIN, _enveloped) for event in JOIN_EVENTS}
    joins["join"]["summary"] = _alias("auth")
    return {**joins, **_events(_enveloped)}


def _events(carry: Carry) -> dict[str, Message]:
    messages: dict[str, Message] = {}
    first: dict[type[WireModel], str] = {}
    for event, model in EVENTS.items():
        name = first.setdefault(model, event)
        messages[event] = _message(event, model, INBOUND[name], carry)
        if name != event:
            messages[event]["summary"] = _alias(name)
    for answer in OUTBOUND.values():
        event = answer.event
        messages[event] = _message(event, answer, outbound_examples(event), carry)
    return messages


def _message(event: str, model: type[WireModel], examples: list[Example], carry: Carry) -> Message:
    summary = (model.__doc__ or "").replace("``", "`")
    return {"name": event, "title": event, "summary": summary, **carry(event, model, examples)}


def _alias(event: str) -> str:
    return f"Another name of `{event}`."


def _bare(_event: str, model: type[WireModel], examples: list[Example]) -> Message:
    return {"payload": _reference(model.__name__), "examples": _told(examples)}


def _enveloped(event: str, model: type[WireModel], examples: list[Example]) -> Message:
    name = _text_form(model) if model in MEDIA_MODELS else model.__name__
    name_field = {"type": "string", "const": event, "description": "Name of the event."}
    payload = {
        "type": "object",
        "properties": {"event": name_field, "data": _reference(name)},
        "required": ["event"] if model is Ping else ["event", "data"],
    }
    packed = [Example(one.summary, {"event": event, "data": one.payload}) for one in examples]
    return {"payload": payload, "examples": _told(packed)}


def _reference(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _told(examples: list[Example]) -> list[dict[str, Any]]:
    return [{"summary": one.summary, "payload": one.payload} for one in examples]
