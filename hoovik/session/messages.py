"""What a participant is told."""

from hoovik.layout import SEQ_LEN
from hoovik.models.prediction import Prediction
from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.outbound import Basis, Emotion, EmotionResult, Modalities, ServerStatus
from hoovik.session.sight import CameraFrame, Sighting
from hoovik.session.smoothing import Smoother
from hoovik.session.voice import SpeechWindow
from hoovik.settings import Settings


def server_status(
    settings: Settings,
    room_id: str,
    participant_id: str,
    live: Profile | None,
    now: float,
    *,
    fps: float | None = None,
) -> ServerStatus:
    """What a socket is told when it joins, and whenever its live modalities change.

    `fps` is the frame rate asked for at the moment; None: the usual one.
    """
    return ServerStatus(
        participant_id=participant_id,
        room_id=room_id,
        device=settings.device,
        seq_len=SEQ_LEN,
        target_fps=settings.session.target_fps if fps is None else fps,
        modality_stale_sec=settings.session.stale_s,
        modalities=Modalities(
            audio=live is not None and live.has_audio, video=live is not None and live.has_face
        ),
        untrained=True if settings.untrained else None,
        ts=now,
    )


def emotion_result(
    participant_id: str,
    prediction: Prediction,
    profile: Profile,
    smoother: Smoother,
    *,
    window: SpeechWindow | None,
    frame: CameraFrame | Sighting | None,
    newest_s: float,
    now: float,
    ts: float,
    untrained: bool,
) -> EmotionResult:
    """What a participant is told of a prediction.

    Args:
        participant_id: whose it is.
        prediction: of the models.
        profile: what it rests on.
        smoother: the participant's; takes the prediction in.
        window: the newest sound behind it.
        frame: the newest frame behind it.
        newest_s: arrival of the newest sample behind it.
        now: on the clock of the arrivals.
        ts: the same in seconds since 1970.
        untrained: whether random weights run.
    """
    probs = smoother.update(prediction.probs, profile, now)
    label, raw, confidence = smoother.label(probs)
    return EmotionResult(
        participant_id=participant_id,
        result=Emotion(
            emotion=label,
            confidence=confidence,
            probs=dict(zip(EMOTIONS, probs.tolist(), strict=True)),
            modality=profile,
            anomaly=prediction.anomaly,
            anomaly_score=prediction.anomaly_score,
            raw_emotion=raw,
            untrained=True if untrained else None,
        ),
        basis=Basis(audio=window and window.sequence_number, frame=frame and frame.sequence_number),
        latency_ms=1000 * (now - newest_s),
        ts=ts,
    )
