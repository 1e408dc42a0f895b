"""Who has not agreed is not read, where the service asks for that."""

import asyncio
from typing import Any

import pytest

from actors.parcel import PictureItem, SoundItem, StateItem
from deployments.ingress.connection import Connection
from deployments.ingress.link import RoomLink
from hoovik.errors import ConsentRequiredError, HoovikError, JoinError
from hoovik.schema.inbound import parse_join
from hoovik.settings import AuthSettings, Settings
from hoovik.telemetry.meter import Meter
from hoovik_client.client import Client
from tests.pictures import jpeg
from tests.unit.deployments.test_link import SmallRoom

STRICT = Settings(auth=AuthSettings(require_consent=True))
SOUND = bytes(4 * 1600)


class Guest:
    """A connection to a small room, and what it was told."""

    def __init__(self, settings: Settings, **auth: Any) -> None:
        self.room = SmallRoom()
        self.told: list[tuple[str, dict[str, Any]]] = []

        async def find() -> SmallRoom:
            return self.room

        async def send(event: str, payload: dict[str, Any]) -> None:
            self.told.append((event, payload))

        async def close(_error: HoovikError) -> None:
            raise AssertionError("nobody is thrown out for this")

        join = parse_join({"participantId": "ada", "roomId": "standup", **auth})
        link = RoomLink("standup", find, 0.05, Meter())  # type: ignore[arg-type]
        self.connection = Connection(join, send, close, link, settings, Meter())

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

    async def reached_the_room(self) -> set[type]:
        self.connection.open()
        async with asyncio.timeout(5):
            while not any(isinstance(item, StateItem) for item in self.room.delivered[1:]):
                await asyncio.sleep(0.01)
        await self.connection.ended()
        return {type(item) for item in self.room.delivered}


async def test_media_without_consent_never_reach_a_room_and_that_is_said_once() -> None:
    guest = Guest(STRICT)
    assert guest.talk() == [ConsentRequiredError.code]
    assert await guest.reached_the_room() == {StateItem}


async def test_who_has_agreed_is_read() -> None:
    guest = Guest(STRICT, consent=True)
    assert guest.talk() == []
    assert await guest.reached_the_room() == {StateItem, SoundItem, PictureItem}


async def test_nobody_is_asked_unless_the_service_asks() -> None:
    guest = Guest(Settings())
    assert guest.talk() == []
    assert await guest.reached_the_room() == {StateItem, SoundItem, PictureItem}


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
