"""Links out of the report: to recordings, at a time, and to the model card."""

import os
import re
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
"""Two letters at least, so that a drive of Windows is none."""


def media_link(media: str, at_s: float, folder: Path | None) -> str | None:
    """Address of a recording at a time on its own clock, as media fragments have it.

    Args:
        media: path or http(s) URL.
        at_s: on the recording's own clock.
        folder: where the report lies, see `address`.

    Returns:
        None where a browser cannot open the recording.
    """
    link = address(media, folder)
    return None if link is None else f"{link.partition('#')[0]}#t={max(at_s, 0):.1f}"


def address(place: str, folder: Path | None = None) -> str | None:
    """What a link to a path or a URL holds.

    Args:
        place: path, or URL with http, https or file.
        folder: where the report lies; a path becomes relative to it, so that both can be moved
            together. Without it a path becomes an absolute file URL.

    Returns:
        None for whatever else; a link that runs a script is none.
    """
    if not place.strip() or not place.isprintable():
        return None
    if _SCHEME.match(place):
        return _url(place)
    try:
        relative = None if folder is None else Path(os.path.relpath(place, folder)).as_posix()
    except ValueError:  # another drive of Windows
        relative = None
    if relative is None:
        return Path(place).absolute().as_uri()
    # A colon in its first part would make a scheme of it.
    return quote(relative if relative.startswith("../") else f"./{relative}")


def _url(place: str) -> str | None:
    try:
        parts = urlsplit(place)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https", "file"}:
        return None
    return quote(urlunsplit(parts), safe=":/?#[]@!$&'()*+,;=%")
