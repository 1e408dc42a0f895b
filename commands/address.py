"""Whether a service answers: asked without the service's own packages."""

from http.client import HTTPException
from urllib.request import urlopen

from hoovik.errors import HoovikError

ANSWER_S = 2.0


class ServiceError(HoovikError):
    """The service did not come up."""

    code = "SERVICE_DOWN"


def is_up(url: str) -> bool:
    """Whether a ready service answers there."""
    try:
        with urlopen(f"{url}/ready", timeout=ANSWER_S):
            return True  # anything but 2xx raises
    except (OSError, HTTPException):
        return False
