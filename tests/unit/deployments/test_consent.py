"""Who has not agreed is not read, where the service asks for that."""

from typing import Any

import pytest

from actors.parcel import PictureItem, SoundItem, StateItem
from deployments.ingress.connection import Connection
from hoovik.errors import ConsentRequiredError, HoovikError, JoinError
from hoovik.schema.inbound import parse_join
from hoovik.settings import AuthSettings, Settings
from hoovik.telemetry.meter import Meter
from hoovik_client.client import Client
from tests.pictures import jpeg

STRICT = Settings(auth=AuthSettings(require_consent=True))
SOUND = bytes(4 * 1600)


class Doorstep:
    """A room that takes whatever a socket brings."""

    async def add(self, _connection: Connection) -> None: ...

    async def remove(self, _connection: Connection) -> None: ...

    def brought(self, _connection: Connection, *, urgent: bool) -> None: ...


class Guest:
    """A connection, and what it was told."""

    def __init__(self, settings: Settings, **auth: Any) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []

        async def send(event: str, payload: dict[str, Any]) -> None:
            self.told.append((event, payload))

        async def close(_error: HoovikError) -> None:
            raise AssertionError("nobody is thrown out for this")

        join = parse_join({"participantId": "ada", "roomId": "standup", **auth})
        self.connection = Connection(join, send, close, Doorstep(), settings, Meter())

    def talk(self) -> list[str]:
        """Send everything that there is; the codes of what was refused."""
        codes = []
        for event, payload in [
            ("audio_chunk", SOUND),
            ("frame", jpeg()),
            ("participant.media_state", {"micEnabled": True}),
            ("av_chunk", {"video": jpeg(), "audio": SOUND}),
        ] * 3:
            try:
                self.connection.hear(event, payload)
            except HoovikError as error:
                codes.append(error.code)
        return codes

    def brought(self) -> set[type]:
        """What its room would be brought."""
        parcel = self.connection.parcel()
        return {type(item) for item in parcel.items} if parcel is not None else set()


async def test_media_without_consent_never_reach_a_room_and_that_is_said_once() -> None:
    guest = Guest(STRICT)
    assert guest.talk() == [ConsentRequiredError.code]
    assert guest.brought() == {StateItem}


async def test_who_has_agreed_is_read() -> None:
    guest = Guest(STRICT, consent=True)
    assert guest.talk() == []
    assert guest.brought() == {StateItem, SoundItem, PictureItem}


async def test_nobody_is_asked_unless_the_service_asks() -> None:
    guest = Guest(Settings())
    assert guest.talk() == []
    assert guest.brought() == {StateItem, SoundItem, PictureItem}


def test_a_ping_is_answered_without_consent() -> None:
    guest = Guest(STRICT)
    guest.connection.hear("ping", None)


@pytest.mark.parametrize("given", ["yes", "true", 1, [True]])
def test_consent_is_true_and_nothing_like_it(given: object) -> None:
    with pytest.raises(JoinError):
        parse_join({"participantId": "ada", "consent": given})


def test_consent_is_not_taken_for_granted() -> None:
    assert not parse_join({"participantId": "ada"}).consent
    assert not parse_join({"participantId": "ada", "consent": None}).consent
    assert parse_join({"participantId": "ada", "consent": True}).consent


async def test_the_python_client_says_what_it_was_given() -> None:
    assert not parse_join(Client("http://service", "ada")._auth).consent
    assert parse_join(Client("http://service", "ada", consent=True)._auth).consent
