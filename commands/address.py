"""Where the service answers, and whether it does: asked without the service's own packages."""

import httpx

from hoovik.errors import HoovikError
from hoovik.settings import Settings


class ServiceError(HoovikError):
    """The service did not come up."""

    code = "SERVICE_DOWN"


def address_of(settings: Settings) -> str:
    """Where the service of these settings answers."""
    return f"http://{settings.serve.host}:{settings.serve.port}"


def is_up(url: str) -> bool:
    """Whether a ready service answers there."""
    try:
        return httpx.get(f"{url}/ready", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
