"""The port of a service on one node: its replicas share it, and no other service gets in."""

import errno
import fcntl
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from hoovik.errors import ConfigurationError, HoovikError
from hoovik.settings import ServeSettings

BACKLOG = 2048
"""Connections that the kernel holds while this process is busy."""

PATIENCE_S = 1.0
"""A process that was ended may keep its port for a moment."""

RETRY_S = 0.05


class PortTakenError(HoovikError):
    """Something else listens at the service's port."""

    code = "PORT_TAKEN"


class Port:
    """A listening socket that replicas of one service on a node share (``SO_REUSEPORT``).

    The kernel would share the port with any process of the same user, and deal clients out among
    two services. So each replica holds a lock on a file of the port, which says whose it is; the
    lock goes with the process, however that ends.

    Args:
        settings: the address.
        service: what this service is known by, the same in all of its replicas.

    Raises:
        PortTakenError: another service, or a program that shares with nobody, listens there.
        ConfigurationError: there is no such address here, or not for this user.
    """

    def __init__(self, settings: ServeSettings, service: str) -> None:
        self._lock = _lock_file(settings.port)
        try:
            self._claim(settings, service)
            # Serve's own proxy may be at the same port, and shares it.
            bound = _bound(settings, socket.SO_REUSEADDR, socket.SO_REUSEPORT)
            if bound is None:
                raise _refusal(settings, None)
            self.socket = bound
            self.socket.listen(BACKLOG)
        except BaseException:
            self._lock.close()
            raise

    def close(self) -> None:
        """Let others have the port, once no replica has it any more."""
        self.socket.close()
        self._lock.close()

    def _claim(self, settings: ServeSettings, service: str) -> None:
        if _locked(self._lock, fcntl.LOCK_EX):  # nobody of any service is there
            self._lock.truncate()
            self._lock.write(f"{service}\n{url_of(settings)}")
            self._lock.flush()
        # In vain only while another replica writes these lines.
        if not any(_locked(self._lock, fcntl.LOCK_SH) for _ in _patiently()):
            raise _refusal(settings, None)
        self._lock.seek(0)
        holder, _, url = self._lock.read().partition("\n")
        if holder != service:
            raise _refusal(settings, url)


def url_of(settings: ServeSettings) -> str:
    """Where a service of these settings answers."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def refuse_taken(settings: ServeSettings) -> None:
    """Raise PortTakenError where anything listens at the address already."""
    if _is_free(settings):
        return
    with _lock_file(settings.port) as lock:
        held = not _locked(lock, fcntl.LOCK_EX)
        raise _refusal(settings, lock.read().partition("\n")[2] if held else None)


def _refusal(settings: ServeSettings, holder: str | None) -> PortTakenError:
    url = url_of(settings)
    who = {None: "another program", url: "another service"}.get(holder, f"the service at {holder}")
    return PortTakenError(
        f"{url} is taken by {who}: end that, or choose another port, with --port or "
        "HOOVIK_SERVE__PORT"
    )


def _is_free(settings: ServeSettings) -> bool:
    for _ in _patiently():
        # Without SO_REUSEPORT nobody shares with whoever listens.
        if (bound := _bound(settings, socket.SO_REUSEADDR)) is not None:
            bound.close()
            return True
    return False


def _bound(settings: ServeSettings, *options: int) -> socket.socket | None:
    """None where the address is taken."""
    bound = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    for option in options:
        bound.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise ConfigurationError(
            f"cannot listen at {url_of(settings)}: {error.strerror}"
        ) from error
    return bound


def _lock_file(port: int) -> TextIO:
    path = Path(tempfile.gettempdir()) / f"hoovik-{os.getuid()}-{port}.lock"
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+")


def _locked(lock: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _patiently() -> Iterator[None]:
    end_s = time.monotonic() + PATIENCE_S
    yield
    while time.monotonic() < end_s:
        time.sleep(RETRY_S)
        yield
