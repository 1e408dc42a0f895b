"""The wire protocol as an AsyncAPI 3.0 document, told from the service's side.

``receive`` is what a client sends, ``send`` what the service does. Everything about a message comes
from its model; only what no model knows, addresses and the token, is written here.
"""

from collections.abc import Iterable
from typing import Any

from hoovik import __version__
from hoovik.schema.asyncapi_binary import binary_messages
from hoovik.schema.asyncapi_messages import (
    component_schemas,
    socketio_messages,
    websocket_messages,
)
from hoovik.schema.inbound import EVENTS, JOIN_EVENTS, Ping
from hoovik.schema.outbound import OUTBOUND, EmotionError, Pong, ServerStatus

INFO = """\
Expressed emotion in video meetings, live: a client sends sound and images, the service answers with \
results, one every 0.3 s unless set otherwise. One set of messages, two ways to carry them.

Fields are camelCase. Unknown ones are ignored, and those without a value are left out."""

SOCKETIO = """\
Socket.IO, protocol 5 (as in socket.io-client 3 and 4), namespace `/`, websocket transport only: \
`transports: ["websocket"]` has to be set in the client. Each message is an event with one argument, \
but for `auth`, which is that of the connection. Media are bytes; base64 text, with or without a \
`data:` prefix, is understood, too."""

WEBSOCKET = """\
Text messages are JSON, `{"event": name, "data": payload}`, both ways; the first has to be `auth`, \
within 10 s. Media in text are base64, with or without a `data:` prefix. Binary messages, from client \
to service only, are one image or one sound behind eight bytes. Close codes: 1013 with `AT_CAPACITY`; \
1008 after any other code that closes, and for an origin that is not allowed."""

TOKEN = """\
The `token` field of `auth`, not an HTTP header: a JWT signed with HS256. Asked for only where the \
operator has set `HOOVIK_AUTH__JWT_SECRET`. It is looked at when a socket joins, not afterwards.

Its claims: `sub` is the `participantId`; `room` is the `roomId`, also where that is the default; \
`role` is the role, left out: `participant`; `exp` is a time to come."""


def asyncapi_document() -> dict[str, Any]:
    """AsyncAPI document of both transports, ready for JSON."""
    binary = binary_messages()
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Hoovik", "version": __version__, "description": INFO},
        "defaultContentType": "application/json",
        "servers": {
            "plain": _server("ws", "As the service listens."),
            "tls": _server("wss", "Behind a proxy with a certificate."),
        },
        "channels": {
            "socketio": {
                "address": "/socket.io/",
                "title": "Socket.IO",
                "description": SOCKETIO,
                "messages": socketio_messages(),
                "bindings": {"ws": {"method": "GET", "query": _query()}},
            },
            "ws": {
                "address": "/ws",
                "title": "Plain WebSocket",
                "description": WEBSOCKET,
                "messages": websocket_messages() | binary,
                "bindings": {"ws": {"method": "GET"}},
            },
        },
        "operations": {
            **_operations("socketio", ("auth",)),
            **_operations("ws", JOIN_EVENTS),
            "wsReceiveBinary": {
                "action": "receive",
                "title": "Media as binary messages",
                "summary": "Cheaper than base64, and no field but the sample rate.",
                **_on("ws", binary),
            },
        },
        "components": {
            "schemas": component_schemas(),
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "password", "description": TOKEN}
            },
        },
    }


def _server(protocol: str, summary: str) -> dict[str, Any]:
    host = {"default": "127.0.0.1:8000", "description": "Host and port of your service."}
    return {
        "host": "{host}",
        "protocol": protocol,
        "summary": summary,
        "variables": {"host": host},
    }


def _query() -> dict[str, Any]:
    """What a Socket.IO client adds to the address by itself."""
    fixed = {"EIO": "4", "transport": "websocket"}
    properties = {name: {"type": "string", "const": value} for name, value in fixed.items()}
    return {"type": "object", "properties": properties, "required": list(fixed)}


def _operations(channel: str, joins: Iterable[str]) -> dict[str, Any]:
    pings = [event for event, model in EVENTS.items() if model is Ping]
    refused = EmotionError.event
    return {
        f"{channel}Join": {
            "action": "receive",
            "title": "Join",
            "summary": "Once, before anything else.",
            "security": [{"$ref": "#/components/securitySchemes/token"}],
            **_on(channel, joins),
            "reply": _on(channel, [ServerStatus.event, refused]),
        },
        f"{channel}Receive": {
            "action": "receive",
            "title": "Media and buttons",
            "summary": "From participants, as often as they like; observers send none.",
            **_on(channel, [event for event in EVENTS if event not in pings]),
        },
        f"{channel}Ping": {
            "action": "receive",
            "title": "Ping",
            "summary": "From anybody who has joined.",
            **_on(channel, pings),
            "reply": _on(channel, [Pong.event]),
        },
        f"{channel}Send": {
            "action": "send",
            "title": "What the service says",
            "summary": "To participants about themselves, to observers results of the whole room.",
            **_on(channel, list(OUTBOUND)),
        },
    }


def _on(channel: str, messages: Iterable[str]) -> dict[str, Any]:
    place = f"#/channels/{channel}"
    return {
        "channel": {"$ref": place},
        "messages": [{"$ref": f"{place}/messages/{name}"} for name in messages],
    }
