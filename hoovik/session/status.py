from hoovik.layout import SEQ_LEN
from hoovik.schema.emotion import Profile
from hoovik.schema.outbound import Modalities, ServerStatus
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
