"""One message of each kind, for whoever reads the documents. Media are cut short."""

from typing import Any, NamedTuple

from hoovik.schema.emotion import Profile
from hoovik.schema.outbound import (
    Backpressure,
    Basis,
    Emotion,
    EmotionError,
    EmotionResult,
    Modalities,
    OutboundEvent,
    Pong,
    ServerStatus,
)


class Example(NamedTuple):
    """A payload, and when it is sent.

    Attributes:
        summary: when, in a few words.
        payload: what an event carries; bytes as base64 text, which either transport takes.
    """

    summary: str
    payload: Any


JPEG = "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q=="
PCM = "AAAAAAAAgD4AAAA/AACAPg=="
TS = 1767225600.25

JOIN = [
    Example(
        "a participant",
        {"participantId": "ada", "roomId": "standup", "token": "eyJhbGciOi...", "consent": True},
    ),
    Example("an observer", {"role": "observer", "roomId": "standup"}),
]

INBOUND: dict[str, list[Example]] = {
    "audio_chunk": [
        Example("float32 at 48 kHz", {"buffer": PCM, "sampleRate": 48_000, "encoding": "f32le"}),
        Example("the media alone", PCM),
    ],
    "frame": [
        Example("with the participant", {"participantId": "ada", "buffer": JPEG}),
        Example("the media alone", f"data:image/jpeg;base64,{JPEG}"),
    ],
    "av_chunk": [
        Example("both", {"participantId": "ada", "video": JPEG, "audio": PCM}),
        Example("an image alone", {"video": JPEG}),
    ],
    "participant.media_state": [
        Example("muted", {"micEnabled": False}),
        Example("both on", {"participantId": "ada", "micEnabled": True, "cameraEnabled": True}),
    ],
    "ping": [Example("any", {"sent": 1})],
}
"""By event; an event that is another name has none of its own."""

_OUTBOUND: list[tuple[str, OutboundEvent]] = [
    (
        "after a join",
        ServerStatus(
            participant_id="ada",
            room_id="standup",
            device="cpu",
            seq_len=10,
            target_fps=5.0,
            modality_stale_sec=0.4,
            modalities=Modalities(audio=False, video=False),
            ts=TS,
        ),
    ),
    (
        "from voice and face",
        EmotionResult(
            participant_id="ada",
            result=Emotion(
                emotion="happy",
                confidence=0.71,
                uncertain=False,
                probs={
                    "angry": 0.04,
                    "fearful": 0.05,
                    "disgust": 0.03,
                    "happy": 0.71,
                    "sad": 0.02,
                    "neutral/calm": 0.15,
                },
                modality=Profile.BOTH,
                anomaly=False,
                anomaly_reasons=[],
                anomaly_score=0.08,
                raw_emotion="happy",
            ),
            basis=Basis(audio=42, frame=21),
            latency_ms=183.5,
            ts=TS,
        ),
    ),
    ("under load", Backpressure(queue_depth=4, suggested_fps=2.5, ts=TS)),
    (
        "an answer that was lost",
        EmotionError(
            code="RESULT_LOST",
            message="no answer from a worker within 4.0 s",
            participant_id="ada",
            lost=1,
            ts=TS,
        ),
    ),
    (
        "a refusal, before the socket is closed",
        EmotionError(code="UNAUTHORIZED", message="this service asks for a token in auth", ts=TS),
    ),
    ("at once", Pong(ts=TS)),
]


def outbound_examples(event: str) -> list[Example]:
    """Examples of one event of the service."""
    return [
        Example(summary, message.to_wire())
        for summary, message in _OUTBOUND
        if message.event == event
    ]
