"""What the AsyncAPI document says of a message."""

import json
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.validators import extend

from hoovik.schema.asyncapi import asyncapi_document

DOCUMENT: dict[str, Any] = json.loads(json.dumps(asyncapi_document()))
CHANNELS = ("socketio", "ws")

# Bytes over Socket.IO are what a schema calls a binary string.
Validator = extend(
    Draft7Validator,
    type_checker=Draft7Validator.TYPE_CHECKER.redefine(
        "string", lambda _checker, value: isinstance(value, str | bytes)
    ),
)


def messages(channel: str) -> dict[str, dict[str, Any]]:
    """Messages of one channel."""
    return DOCUMENT["channels"][channel]["messages"]


def text_messages(channel: str) -> set[str]:
    """Names of those that are not binary."""
    return {name for name in messages(channel) if not name.startswith("binary.")}


def faults(channel: str, message: str, payload: object) -> list[str]:
    """What the document has against a payload."""
    schema = {**messages(channel)[message]["payload"], "components": DOCUMENT["components"]}
    return [fault.message for fault in Validator(schema).iter_errors(payload)]
