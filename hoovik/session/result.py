from hoovik.models.prediction import Prediction
from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.outbound import Basis, Emotion, EmotionResult
from hoovik.session.sight import Picture, Sighting
from hoovik.session.smoothing import Smoother
from hoovik.session.voice import Window


def emotion_result(
    participant_id: str,
    prediction: Prediction,
    profile: Profile,
    smoother: Smoother,
    *,
    window: Window | None,
    frame: Picture | Sighting | None,
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
