import jwt

from hoovik.errors import UnauthorizedError
from hoovik.schema.inbound import Join, Role
from hoovik.settings import AuthSettings


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
    try:
        claims = jwt.decode(
            join.token.get_secret_value(),
            settings.jwt_secret.get_secret_value(),
            algorithms=["HS256"],
            options={"require": ["exp", "sub", "room"]},
        )
    except jwt.InvalidTokenError as fault:
        raise UnauthorizedError(f"the token is not valid: {fault}") from None
    role = claims.get("role", Role.PARTICIPANT)
    if (claims["sub"], claims["room"], role) != (join.participant_id, join.room_id, join.role):
        raise UnauthorizedError("the token is for another participant, room or role")
