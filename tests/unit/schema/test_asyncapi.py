"""The AsyncAPI document against the parser, the room and the framing that it describes."""

import json
import re
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator

from hoovik import errors
from hoovik.errors import HoovikError
from hoovik.schema.error_codes import CLOSING, ELSEWHERE, socket_codes
from hoovik.schema.framing import pack_event, unpack, unpack_event
from hoovik.schema.inbound import EVENTS, JOIN_EVENTS, Audio, Frame, parse, parse_join
from hoovik.session.effects import EncodeAudio, EncodeFace
from hoovik.session.room import Lost
from hoovik.settings import Settings
from tests.asyncapi import CHANNELS, DOCUMENT, faults, messages, text_messages
from tests.meeting import Meeting
from tests.unit.test_docs import error_codes, outbound_events, subclasses, text_of

OUTBOUND = {model.event: model for model in outbound_events()}


def nodes(part: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document, with where it stands."""
    if isinstance(part, dict):
        yield path, part
        for name, child in part.items():
            yield from nodes(child, f"{path}/{name}")
    elif isinstance(part, list):
        for index, child in enumerate(part):
            yield from nodes(child, f"{path}/{index}")


def examples(*, binary: bool = False) -> list[Any]:
    return [
        pytest.param(channel, name, example, id=f"{channel}-{name}-{number}")
        for channel in CHANNELS
        for name, message in messages(channel).items()
        if name.startswith("binary.") == binary
        for number, example in enumerate(message["examples"])
    ]


def test_every_reference_leads_somewhere() -> None:
    references = [node["$ref"] for _, node in nodes(DOCUMENT) if "$ref" in node]
    assert len(references) > 40
    for reference in references:
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_nothing_stands_beside_a_reference() -> None:
    """A reader of draft 7 would not see it."""
    assert [path for path, node in nodes(DOCUMENT) if "$ref" in node and len(node) > 1] == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_event_is_there(channel: str) -> None:
    joins = set(JOIN_EVENTS) if channel == "ws" else {"auth"}
    assert text_messages(channel) == joins | set(EVENTS) | set(OUTBOUND)


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_message_is_in_one_operation_of_its_direction(channel: str) -> None:
    found = []
    for operation in DOCUMENT["operations"].values():
        if operation["channel"]["$ref"] == f"#/channels/{channel}":
            for reference in operation["messages"]:
                name = reference["$ref"].rpartition("/")[2]
                found.append(name)
                assert (operation["action"] == "send") == (name in OUTBOUND)
    assert sorted(found) == sorted(messages(channel))


def test_only_a_join_asks_for_the_token() -> None:
    asking = {name for name, one in DOCUMENT["operations"].items() if "security" in one}
    assert asking == {"socketioJoin", "wsJoin"}


def test_every_schema_is_one_of_draft_7() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft7Validator.check_schema(schema)
    for channel in CHANNELS:
        for name in messages(channel):
            Draft7Validator.check_schema(messages(channel)[name]["payload"])


def test_every_field_is_described() -> None:
    silent = [
        f"{path}/{name}"
        for path, node in nodes(DOCUMENT["components"]["schemas"])
        if isinstance(node.get("properties"), dict) and "type" in node
        for name, field in node["properties"].items()
        if not field.get("description")
    ]
    assert silent == []


def test_names_are_those_of_the_wire() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    fields = {name for _, node in nodes(schemas) for name in node.get("properties", {})}
    assert {"participantId", "sampleRate", "anomalyScore", "suggestedFps"} <= fields
    assert [name for name in fields if "_" in name] == []


@pytest.mark.parametrize(("channel", "name", "example"), examples())
def test_an_example_is_valid_and_understood(channel: str, name: str, example: Any) -> None:
    payload = example["payload"]
    assert faults(channel, name, payload) == []
    event, data = name, payload
    if channel == "ws":
        event, data = unpack_event(pack_event(payload["event"], payload.get("data")))
        assert event == name
    if event in JOIN_EVENTS:
        assert parse_join(data).room_id == "standup"
    elif event in EVENTS:
        assert isinstance(parse(event, data), EVENTS[event])
    else:
        assert OUTBOUND[event].model_validate(data).to_wire() == data


@pytest.mark.parametrize(("channel", "name", "example"), examples(binary=True))
def test_a_binary_example_is_understood(channel: str, name: str, example: Any) -> None:
    headers = messages(channel)[name]["headers"]
    values = example["headers"]
    assert list(Draft7Validator(headers).iter_errors(values)) == []
    places = [field["x-bytes"] for field in headers["properties"].values()]
    assert places == ["0-1", "2", "3", "4-7"]
    header = struct.pack(
        "<2sBBI", values["magic"].encode(), values["kind"], values["zero"], values["sampleRate"]
    )
    assert header.hex(" ") == example["summary"]
    message = unpack(header + b"media")
    assert message.buffer == b"media"
    if isinstance(message, Audio):
        encoding = name.removeprefix("binary.").replace("container", "auto")
        assert (message.encoding, message.sample_rate) == (
            encoding,
            values["sampleRate"] or 16_000,
        )
    else:
        assert (type(message), name) == (Frame, "binary.image")


@pytest.mark.parametrize(
    ("event", "payload", "valid"),
    [
        ("auth", {"participantId": "ada"}, True),
        ("auth", {"participantId": "ada", "role": "observer", "roomId": "standup"}, True),
        ("auth", {"role": "observer"}, False),
        ("auth", {"participantId": "a\nb"}, False),
        ("auth", {}, False),
        ("audio_chunk", b"\0\0\0\0", True),
        ("audio_chunk", {"buffer": b"\0\0", "encoding": "s16le", "sampleRate": 8000}, True),
        ("audio_chunk", {"buffer": b"", "encoding": "mp3"}, False),
        ("audio_chunk", None, False),
        ("frame", {"participantId": "ada"}, False),
        ("av_chunk", {"audio": b"\0\0"}, True),
        ("av_chunk", {"participantId": "ada"}, False),
        ("participant.media_state", {"micEnabled": "perhaps"}, False),
        ("ping", None, True),
    ],
)
def test_document_and_parser_are_of_one_mind(event: str, payload: Any, valid: bool) -> None:
    assert (faults("socketio", event, payload) == []) == valid
    try:
        parse_join(payload) if event == "auth" else parse(event, payload)
    except HoovikError:
        assert not valid
    else:
        assert valid


@pytest.mark.parametrize("untrained", [False, True])
def test_what_a_room_says_is_valid(untrained: bool) -> None:
    meeting = Meeting(Settings(untrained=untrained))
    meeting.join()
    meeting.run(3.0)
    meeting.run(1.5, sight=False)
    meeting.hold = (object,)
    meeting.run(1.0)
    for effect in meeting.held:
        if isinstance(effect, EncodeAudio):
            lost = Lost("RESULT_LOST", "no answer")
            meeting.do(meeting.room.audio_encoded(effect.ticket, lost, meeting.now))
        elif isinstance(effect, EncodeFace):
            meeting.answer(effect, depth=9)
    meeting.run(1.0)
    said = [effect.message for effect in meeting.emitted]
    assert {message.event for message in said} == set(OUTBOUND) - {"pong"}
    for message in said:
        wire = message.to_wire()
        assert faults("socketio", message.event, wire) == []
        assert faults("ws", message.event, json.loads(pack_event(message.event, wire))) == []


@pytest.mark.parametrize("event", ["server.status", "emotion.result", "backpressure", "pong"])
def test_what_always_comes_is_required(event: str) -> None:
    (wire,) = (example["payload"] for example in messages("socketio")[event]["examples"])
    for name in wire:
        assert faults("socketio", event, {key: wire[key] for key in wire if key != name})
        assert faults("socketio", event, {**wire, name: None})


def test_the_codes_are_those_that_a_socket_is_told() -> None:
    code = DOCUMENT["components"]["schemas"]["EmotionError"]["properties"]["code"]
    assert len(code["enum"]) == len(code["x-enum-descriptions"])
    assert all(words.endswith(".") for words in code["x-enum-descriptions"])
    assert set(code["enum"]) == set(socket_codes()) == error_codes() - ELSEWHERE
    assert {"RESULT_LOST", "ROOM_RESTARTED", "BAD_AUTH"} <= set(code["enum"])
    tree = {error.code for error in subclasses(HoovikError) if error.__module__ == errors.__name__}
    assert tree >= ELSEWHERE


def test_the_codes_that_close_are_those_of_the_protocol() -> None:
    rows = re.findall(r"(?m)^\| `([A-Z_]+)` \| ([^|]*)\|", text_of("docs/protocol.md"))
    assert {code for code, when in rows if re.search(r"; closes\b", when)} == set(CLOSING)
