from enum import StrEnum


class Drop(StrEnum):
    """Why something that came in, or was to go out, led to nothing."""

    INBOX_FULL = "inbox_full"
    ROOM_AWAY = "room_away"
    FRAME_SURPLUS = "frame_surplus"
    FRAME_SPARE = "frame_spare"
    STEP_SHED = "step_shed"
    AUDIO_LOST = "audio_lost"
    FACE_LOST = "face_lost"
    PREDICTION_LOST = "prediction_lost"
    MODALITY_ENDED = "modality_ended"
    NO_FEATURE = "no_feature"
    REQUEST_STALE = "request_stale"
    EVENTS_FULL = "events_full"
    OUTBOX_FULL = "outbox_full"
