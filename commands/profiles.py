from enum import StrEnum

from hoovik.settings import Settings


class EncoderProfile(StrEnum):
    """Pairs of encoders."""

    EMBEDDED = "embedded"
    WHISPER = "whisper"
    REFERENCE = "reference"


def settings_for(
    profile: EncoderProfile | None,
    *,
    untrained: bool = False,
    host: str | None = None,
    port: int | None = None,
) -> Settings:
    """Settings of the environment, with what the command line says over them."""
    from serve_app import BuildArgs, settings_from

    args = BuildArgs(
        profile=profile.value if profile else None, untrained=True if untrained else None
    )
    settings = settings_from(args)
    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return settings.model_copy(update={"serve": settings.serve.model_copy(update=chosen)})
