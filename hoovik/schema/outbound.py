"""What the service says."""

from typing import ClassVar

from hoovik.schema.emotion import Profile
from hoovik.schema.wire import WireModel


class OutboundEvent(WireModel):
    """A message with its event name; ``ts`` is in seconds since the epoch."""

    event: ClassVar[str]


class Modalities(WireModel):
    """Which of a participant's modalities are live."""

    audio: bool
    video: bool


class ServerStatus(OutboundEvent):
    """Answer to a join, and sent again whenever the live modalities change."""

    event: ClassVar[str] = "server.status"
    status: str = "ready"
    participant_id: str
    room_id: str
    device: str
    seq_len: int
    target_fps: float
    modality_stale_sec: float
    modalities: Modalities
    untrained: bool | None = None
    ts: float


class Basis(WireModel):
    """Newest samples that a result rests on, counted from 1 over a connection's own messages."""

    audio: int | None = None
    frame: int | None = None


class Emotion(WireModel):
    """The expressed emotion of one participant over the last three seconds."""

    emotion: str
    confidence: float
    probs: dict[str, float]
    modality: Profile
    anomaly: bool
    anomaly_score: float
    raw_emotion: str
    untrained: bool | None = None


class EmotionResult(OutboundEvent):
    """One result; ``latency_ms`` from the arrival of the newest sample it rests on."""

    event: ClassVar[str] = "emotion.result"
    participant_id: str
    result: Emotion
    basis: Basis
    latency_ms: float
    ts: float


class Backpressure(OutboundEvent):
    """Asks a client for another frame rate; sent when it falls and when it rises again."""

    event: ClassVar[str] = "backpressure"
    queue_depth: int
    suggested_fps: float
    ts: float


class EmotionError(OutboundEvent):
    """Something went wrong for this socket; the codes are in docs/protocol.md."""

    event: ClassVar[str] = "emotion.error"
    code: str
    message: str
    participant_id: str | None = None
    lost: int | None = None
    ts: float


class Pong(OutboundEvent):
    """Answer to a ``ping``."""

    event: ClassVar[str] = "pong"
    ts: float
