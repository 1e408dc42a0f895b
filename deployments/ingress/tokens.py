from typing import Any

import jwt
from pydantic import SecretStr

from hoovik.errors import UnauthorizedError
from hoovik.schema.inbound import Join, Role
from hoovik.settings import AuthSettings

OPERATOR = "operator"
"""Role of a token that may read the counts of the whole service."""


def check_token(join: Join, settings: AuthSettings) -> None:
    """See that a join's token allows it; without a configured key nothing is asked for.

    The token is a JWT signed with HS256 whose ``room`` claim is the room, ``sub`` the participant
    and ``role`` the role (participant where it is missing). It must expire.

    Raises:
        UnauthorizedError: the token is missing, not valid, or says something else.
    """
    if settings.jwt_secret is None:
        return
    if join.token is None:
        raise UnauthorizedError("this service asks for a token in auth")
    claims = _claims(join.token, settings.jwt_secret, ["exp", "sub", "room"])
    role = claims.get("role", Role.PARTICIPANT)
    if (claims["sub"], claims["room"], role) != (join.participant_id, join.room_id, join.role):
        raise UnauthorizedError("the token is for another participant, room or role")


def check_bearer(token: str | None, settings: AuthSettings, role: str | None = None) -> None:
    """See that an HTTP request bears a token of ours; without a configured key nothing is asked for.

    Args:
        token: what follows ``Bearer``.
        settings: for the key.
        role: what the token's ``role`` must be; None: anything.

    Raises:
        UnauthorizedError: the token is missing, not valid, or of another role.
    """
    if settings.jwt_secret is None:
        return
    if token is None:
        raise UnauthorizedError("this service asks for a token: Authorization: Bearer ...")
    claims = _claims(SecretStr(token), settings.jwt_secret, ["exp"])
    if role is not None and claims.get("role") != role:
        raise UnauthorizedError(f"this needs a token of the role {role!r}")


def _claims(token: SecretStr, key: SecretStr, required: list[str]) -> dict[str, Any]:
    try:
        return jwt.decode(
            token.get_secret_value(),
            key.get_secret_value(),
            algorithms=["HS256"],
            options={"require": required},
        )
    except jwt.InvalidTokenError as fault:
        raise UnauthorizedError(f"the token is not valid: {fault}") from None
