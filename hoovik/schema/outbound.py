"""What the service says."""

from typing import Annotated, ClassVar

from pydantic import Field

from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.reason import Reason
from hoovik.schema.wire import WireModel

Ts = Annotated[float, Field(description="Seconds since 1970, by the server's clock.")]
Subject = Annotated[str, Field(description="Whom it is about.")]
Untrained = Annotated[
    bool | None, Field(description="`true` where random weights run; otherwise left out.")
]


class OutboundEvent(WireModel):
    """A message with its event name; ``ts`` is in seconds since the epoch."""

    event: ClassVar[str]


class Modalities(WireModel):
    """Which of a participant's modalities are live."""

    audio: bool = Field(description="While there is speech.")
    video: bool = Field(description="While a face is seen.")


class ServerStatus(OutboundEvent):
    """Answer to a join, and sent again whenever the live modalities change."""

    event: ClassVar[str] = "server.status"
    status: str = Field("ready", description="Always `ready`.")
    participant_id: Subject
    room_id: str = Field(description="Where the socket is.")
    device: str = Field(
        description="Where the audio encoder runs.", json_schema_extra={"enum": ["cpu", "cuda"]}
    )
    seq_len: int = Field(description="Time steps behind a result.")
    target_fps: float = Field(
        description="Frames a second to send: the rate asked for at the moment."
    )
    modality_stale_sec: float = Field(
        description="A modality without newer samples is not live, in seconds."
    )
    modalities: Modalities = Field(description="Which are live.")
    untrained: Untrained = None
    ts: Ts


class Basis(WireModel):
    """Newest samples that a result rests on, each kind counted from 1 over one connection."""

    audio: int | None = Field(None, description="Number of the sound, where there is one.")
    frame: int | None = Field(None, description="Number of the image, where there is one.")


class Emotion(WireModel):
    """The expressed emotion of one participant over the last three seconds."""

    emotion: str = Field(
        description="The most probable of the six.",
        json_schema_extra={"enum": [*EMOTIONS]},
    )
    confidence: float = Field(description="Its probability, 0 to 1.")
    uncertain: bool = Field(
        description="No single one of the six stands out: show the label as doubtful."
    )
    probs: dict[str, float] = Field(
        description="Probability of each of the six where they are as frequent as "
        "`HOOVIK_SESSION__PRIOR` says, smoothed over time.",
        json_schema_extra={"propertyNames": {"enum": [*EMOTIONS]}},
    )
    modality: Profile = Field(description="What the result rests on.")
    anomaly: bool = Field(
        description="The input is unfit, or like nothing the models have seen: do not show the result."
    )
    anomaly_reasons: list[Reason] = Field(
        default_factory=list,
        description="What is wrong with the input. `no_face` and `too_short`, and what concerns a "
        "modality that the result does not rest on, are only told: `anomaly` stays `false`.",
    )
    anomaly_score: float = Field(
        description="Conformal p-value, 0 to 1: of usual results a share of p has one of at most p."
    )
    raw_emotion: str = Field(
        description="The same as `emotion`, under the name that older clients know.",
        json_schema_extra={"enum": [*EMOTIONS]},
    )
    untrained: Untrained = None


class EmotionResult(OutboundEvent):
    """One result, to the participant and to the room's observers."""

    event: ClassVar[str] = "emotion.result"
    participant_id: Subject
    result: Emotion = Field(description="The expressed emotion over the last three seconds.")
    basis: Basis = Field(description="Newest samples that it rests on.")
    latency_ms: float = Field(
        description="From the arrival of the newest of these samples to this result."
    )
    ts: Ts


class Backpressure(OutboundEvent):
    """Asks a client for another frame rate; sent when it falls and when it rises again."""

    event: ClassVar[str] = "backpressure"
    queue_depth: int = Field(description="Requests waiting in the face pool, at the deepest.")
    suggested_fps: float = Field(description="Frames a second to send from now on.")
    ts: Ts


class EmotionError(OutboundEvent):
    """Something went wrong for this socket."""

    event: ClassVar[str] = "emotion.error"
    code: str = Field(description="What went wrong, for programs.")
    message: str = Field(description="The same for people, in words that may change.")
    participant_id: str | None = Field(None, description="Whom it is about, where that is known.")
    lost: int | None = Field(None, description="Answers that were lost, where one was.")
    ts: Ts


class Pong(OutboundEvent):
    """Answer to a ``ping``."""

    event: ClassVar[str] = "pong"
    ts: Ts


OUTBOUND: dict[str, type[OutboundEvent]] = {
    model.event: model for model in (ServerStatus, EmotionResult, Backpressure, EmotionError, Pong)
}
"""Everything that the service says, by its event."""
