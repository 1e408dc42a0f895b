import time

import jwt
import pytest
from pydantic import SecretStr

from deployments.ingress.tokens import check_token
from hoovik.errors import UnauthorizedError
from hoovik.schema.inbound import parse_join
from hoovik.settings import AuthSettings

SECRET = "a secret of at least thirty-two bytes"
SETTINGS = AuthSettings(jwt_secret=SecretStr(SECRET))
CLAIMS = {"sub": "ada", "room": "standup", "exp": time.time() + 3600}


def join_with(token: str | None, **auth: str):
    return parse_join({"participantId": "ada", "roomId": "standup", "token": token, **auth})


def token_of(secret: str = SECRET, **changes) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode(claims, secret, algorithm="HS256")


def test_nobody_is_asked_without_a_key() -> None:
    check_token(join_with(None), AuthSettings())


def test_a_token_for_this_person_and_room_is_good() -> None:
    check_token(join_with(token_of()), SETTINGS)
    check_token(join_with(token_of(role="observer"), role="observer"), SETTINGS)


@pytest.mark.parametrize(
    "token",
    [
        None,
        "no token",
        token_of("another secret, just as long as the first"),
        token_of(sub="ben"),
        token_of(room="elsewhere"),
        token_of(role="observer"),
        token_of(exp=time.time() - 60),
        token_of(exp=None),
        jwt.encode(CLAIMS, None, algorithm="none"),
    ],
)
def test_any_other_token_is_refused(token: str | None) -> None:
    with pytest.raises(UnauthorizedError) as refusal:
        check_token(join_with(token), SETTINGS)
    assert token is None or token not in str(refusal.value)


def test_a_participants_token_opens_no_observers_seat() -> None:
    with pytest.raises(UnauthorizedError):
        check_token(join_with(token_of(), role="observer"), SETTINGS)
