"""Who may listen at a port beside whom."""

import signal
import socket
import subprocess
import sys

import pytest

from bench.ports import free_port
from deployments.ingress import port as ports
from deployments.ingress.port import Port, PortTakenError, refuse_taken
from hoovik.errors import ConfigurationError
from hoovik.settings import ServeSettings

HOLDER = """
import sys, time
from deployments.ingress.port import Port
from hoovik.settings import ServeSettings
held = Port(ServeSettings(port=int(sys.argv[1])), "first")
print("listening", flush=True)
time.sleep(60)
"""


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> ServeSettings:
    monkeypatch.setattr(ports, "PATIENCE_S", 0.2)
    return ServeSettings(port=free_port())


def connected(settings: ServeSettings) -> bool:
    with socket.socket() as client:
        return client.connect_ex((settings.host, settings.port)) == 0


def test_replicas_of_one_service_share_a_port(settings: ServeSettings) -> None:
    old = Port(settings, "first")
    new = Port(settings, "first")
    old.close()
    assert connected(settings)
    newest = Port(settings, "first")
    for port in (new, newest):
        port.close()
    assert not connected(settings)


def test_another_service_gets_in_when_the_last_replica_is_gone(settings: ServeSettings) -> None:
    replicas = [Port(settings, "first"), Port(settings, "first")]
    while replicas:
        with pytest.raises(PortTakenError):
            Port(settings, "second")
        replicas.pop().close()
    Port(settings, "second").close()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_another_service_is_told_who_is_there(settings: ServeSettings, host: str) -> None:
    first = Port(settings, "first")
    second = settings.model_copy(update={"host": host})
    for attempt in (lambda: Port(second, "second"), lambda: refuse_taken(second)):
        with pytest.raises(PortTakenError, match=f"http://127.0.0.1:{settings.port}"):
            attempt()
    assert connected(settings)
    first.close()


def test_another_program_is_no_neighbour(settings: ServeSettings) -> None:
    with socket.create_server((settings.host, settings.port)):
        for attempt in (lambda: Port(settings, "first"), lambda: refuse_taken(settings)):
            with pytest.raises(PortTakenError, match="another program"):
                attempt()
    refuse_taken(settings)
    Port(settings, "first").close()


def test_the_proxy_of_serve_may_be_there(settings: ServeSettings) -> None:
    with socket.create_server((settings.host, settings.port), reuse_port=True):
        Port(settings, "first").close()
        with pytest.raises(PortTakenError, match="another program"):
            refuse_taken(settings)


def test_a_killed_replica_leaves_nothing(settings: ServeSettings) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(settings.port)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "listening\n"
    with pytest.raises(PortTakenError, match="another service"):
        Port(settings, "second")
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    holder.stdout.close()
    Port(settings, "second").close()


def test_an_address_of_another_machine(settings: ServeSettings) -> None:
    elsewhere = settings.model_copy(update={"host": "203.0.113.1"})
    with pytest.raises(ConfigurationError, match=r"cannot listen at http://203\.0\.113\.1:"):
        Port(elsewhere, "first")
