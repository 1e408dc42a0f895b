import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic.alias_generators import to_snake

from hoovik.errors import HoovikError, JoinError, ProtocolError, UnknownEventError
from hoovik.schema.framing import (
    pack_audio,
    pack_event,
    pack_frame,
    unpack,
    unpack_event,
    unpack_message,
)
from hoovik.schema.inbound import (
    EVENTS,
    Audio,
    AvChunk,
    Frame,
    MediaState,
    Role,
    parse,
    parse_join,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["participantId", "buffer", "sampleRate", "video"]), inner
        )
    ),
    max_leaves=8,
)


def test_a_client_that_gives_only_its_id_gets_a_room_of_its_own() -> None:
    join = parse_join({"participantId": "ada"})
    assert (join.room_id, join.role) == ("solo-ada", Role.PARTICIPANT)
    assert parse_join({"participantId": 7, "roomId": None}).room_id == "solo-7"


@pytest.mark.parametrize(
    ("auth", "place"),
    [
        ({"participant_id": " x "}, ("x", "solo-x")),
        ({"participant_id": "x", "room_id": "standup"}, ("x", "standup")),
        ({"participantId": "x", "participant_id": "y"}, ("x", "solo-x")),
        ({"participantId": None, "participant_id": "y"}, ("y", "solo-y")),
        ({"role": "observer", "room_id": "standup"}, ("observer", "standup")),
    ],
)
def test_a_join_is_read_by_either_name(auth: object, place: tuple[str, str]) -> None:
    join = parse_join(auth)
    assert (join.participant_id, join.room_id) == place


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("audio_chunk", {"buffer": b"12", "sampleRate": 8_000, "participantId": "x"}),
        ("frame", {"buffer": b"12", "participantId": "x"}),
        ("av_chunk", {"audio": b"12", "sampleRate": 8_000, "participantId": "x"}),
        (
            "participant.media_state",
            {"micEnabled": False, "cameraEnabled": False, "participantId": "x"},
        ),
    ],
)
def test_every_message_is_read_by_either_name(event: str, payload: dict[str, object]) -> None:
    inside = {to_snake(name): value for name, value in payload.items()}
    assert inside.keys() != payload.keys()
    message = parse(event, inside)
    assert message == parse(event, payload)
    # And nothing of it was left out.
    assert message.model_dump(include=set(inside)) == inside


@pytest.mark.parametrize(
    "auth",
    [
        None,
        "ada",
        {},
        {"participantId": ""},
        {"participantId": "a" * 129},
        {"participantId": "a\nb"},
        {"participantId": "ada", "role": "admin"},
        {"role": "observer"},
    ],
)
def test_a_bad_auth_is_refused(auth: object) -> None:
    with pytest.raises(JoinError) as refusal:
        parse_join(auth)
    assert refusal.value.code == "BAD_AUTH"


def test_a_token_is_in_no_text() -> None:
    join = parse_join({"participantId": "ada", "token": "s3cret"})
    assert "s3cret" not in repr(join)
    with pytest.raises(JoinError) as refusal:
        parse_join({"participantId": "", "token": "s3cret"})
    assert "s3cret" not in str(refusal.value)


def test_media_come_as_bytes_base64_or_objects() -> None:
    data = bytes(range(8))
    text = base64.b64encode(data).decode()
    for event, model in (("audio_chunk", Audio), ("frame", Frame), ("emotion.frame", Frame)):
        for payload in (data, bytearray(data), text, {"participantId": "ada", "buffer": data}):
            message = parse(event, payload)
            assert isinstance(message, model)
            assert message.buffer == data
    assert parse("frame", f"data:image/jpeg;base64,{text}").buffer == data


def test_the_original_clients_frames_are_understood() -> None:
    message = parse("emotion.frame", {"meetingId": "m", "participantId": "ada", "buffer": b"jpeg"})
    assert message == Frame(participant_id="ada", buffer=b"jpeg")


def test_av_chunks_and_media_states() -> None:
    chunk = parse("av_chunk", {"participantId": "ada", "video": b"v", "audio": b"a"})
    assert isinstance(chunk, AvChunk)
    assert (chunk.video, chunk.audio) == (b"v", b"a")
    state = parse(
        "participant.media_state",
        {"participantId": "ada", "micEnabled": False, "cameraEnabled": True},
    )
    assert state == MediaState(participant_id="ada", mic_enabled=False, camera_enabled=True)


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("audio_chunk", "not base64!"),
        ("audio_chunk", None),
        ("audio_chunk", {"buffer": 5}),
        ("audio_chunk", {"buffer": b"", "sampleRate": "fast"}),
        ("audio_chunk", {"buffer": b"", "encoding": "mp3"}),
        ("frame", {"participantId": "ada"}),
        ("av_chunk", {"participantId": "ada"}),
        ("participant.media_state", {"micEnabled": "perhaps"}),
    ],
)
def test_a_payload_that_does_not_fit_is_refused(event: str, payload: object) -> None:
    with pytest.raises(ProtocolError) as refusal:
        parse(event, payload)
    assert refusal.value.code == "BAD_MESSAGE"


def test_an_unknown_event_is_named_and_cut() -> None:
    with pytest.raises(UnknownEventError) as refusal:
        parse("x" * 10_000, None)
    assert len(str(refusal.value)) < 300


@given(st.sampled_from([*EVENTS, "auth", ""]), ANYTHING)
def test_nothing_but_our_own_errors_comes_out(event: str, payload: object) -> None:
    with contextlib.suppress(HoovikError):
        parse(event, payload)
    with contextlib.suppress(HoovikError):
        parse_join(payload)


def test_websocket_framing_round_trips() -> None:
    assert unpack(pack_frame(b"jpeg")) == Frame(buffer=b"jpeg")
    packed = pack_audio(b"\0" * 8, encoding="s16le", sample_rate=48_000)
    assert unpack(packed) == Audio(buffer=b"\0" * 8, encoding="s16le", sample_rate=48_000)
    assert unpack(pack_audio(b"RIFF", encoding="auto", sample_rate=0)).sample_rate == 16_000
    assert unpack_event(pack_event("ping", {"a": 1})) == ("ping", {"a": 1})


def test_the_documented_header_is_what_is_sent() -> None:
    assert pack_audio(b"xx", sample_rate=16_000) == b"HV\x02\x00\x80\x3e\x00\x00xx"


@given(st.binary() | st.text())
def test_any_websocket_message_is_parsed_or_refused(message: bytes | str) -> None:
    with contextlib.suppress(HoovikError):
        unpack_message(message)
