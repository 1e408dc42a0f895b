from hoovik.schema.wire import WireModel


class PageConfig(WireModel):
    """What a page of the service has to know before anybody joins.

    Attributes:
        consent_required: media of participants without ``consent`` are refused.
        token_required: a join needs a token.
        target_fps: frames a second that a participant will be asked for.
        sound_kept_sec: seconds of sound held in memory.
        face_kept_sec: seconds of face features held in memory.
        untrained: random weights run.
    """

    consent_required: bool
    token_required: bool
    target_fps: float
    sound_kept_sec: float
    face_kept_sec: float
    untrained: bool
