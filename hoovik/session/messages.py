"""What a participant is told."""

from collections.abc import Iterable

from hoovik.layout import SEQ_LEN
from hoovik.models.prediction import Prediction
from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.outbound import Basis, Emotion, EmotionResult, Modalities, ServerStatus
from hoovik.schema.reason import Reason, is_unfit, reasons_of
from hoovik.session.sight import CameraFrame, Sighting
from hoovik.session.smoothing import Smoother, told
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
    faults: Iterable[Reason],
    alpha: float,
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
        faults: of the media, as rules see them.
        alpha: a score below this is unusual.
        window: the newest sound behind it.
        frame: the newest frame behind it.
        newest_s: arrival of the newest sample behind it.
        now: on the clock of the arrivals.
        ts: the same in seconds since 1970.
        untrained: whether random weights run.
    """
    probs = smoother.update(prediction.probs, profile, now)
    label, confidence, uncertain = told(probs, prediction.least)
    reasons = reasons_of(faults, profile, unusual=prediction.anomaly_score < alpha)
    return EmotionResult(
        participant_id=participant_id,
        result=Emotion(
            emotion=label,
            confidence=confidence,
            probs=dict(zip(EMOTIONS, probs.tolist(), strict=True)),
            modality=profile,
            anomaly=is_unfit(reasons, profile),
            anomaly_reasons=list(reasons),
            anomaly_score=prediction.anomaly_score,
            uncertain=uncertain,
            raw_emotion=label,
            untrained=True if untrained else None,
        ),
        basis=Basis(audio=window and window.sequence_number, frame=frame and frame.sequence_number),
        latency_ms=1000 * (now - newest_s),
        ts=ts,
    )
