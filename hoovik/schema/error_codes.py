"""The codes of ``emotion.error`` that come over a socket, and what each says."""

from collections.abc import Iterator

from hoovik.errors import (
    BundleError,
    ConfigurationError,
    HoovikError,
    MediaError,
    RecordingError,
    TelemetryError,
    UploadTooLargeError,
)

# The service does not start with the first two; the others are answers of HTTP.
ELSEWHERE = {
    error.code
    for error in (
        ConfigurationError,
        BundleError,
        MediaError,
        RecordingError,
        TelemetryError,
        UploadTooLargeError,
    )
}
"""Codes that no socket is told."""

WITHOUT_AN_ERROR = {
    "INTERNAL": "The service failed.",
    "RESULT_LOST": "A worker died or did not answer in time; the next result makes up.",
    "ROOM_RESTARTED": "The room lost its process and was begun anew with the same sockets.",
}
"""Codes that are sent without an error of their own."""

CLOSING = ("BAD_AUTH", "UNAUTHORIZED", "AT_CAPACITY", "ROOM_UNAVAILABLE", "REPLACED", "INTERNAL")
"""Codes after which the socket is closed."""


def socket_codes() -> dict[str, str]:
    """What each code says, by code, from the docstrings of the error tree."""
    told = {error.code: (error.__doc__ or "").replace("``", "`") for error in _tree(HoovikError)}
    codes = {code: words for code, words in told.items() if code not in ELSEWHERE}
    return codes | WITHOUT_AN_ERROR


def _tree(error: type[HoovikError]) -> Iterator[type[HoovikError]]:
    yield error
    for child in error.__subclasses__():
        # A test may have errors of its own.
        if child.__module__ == HoovikError.__module__:
            yield from _tree(child)
