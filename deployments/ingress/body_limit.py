from collections.abc import Awaitable, Callable

from fastapi import HTTPException

from deployments.ingress.closing import AsgiApp, Message, Receive, Send

TOO_LARGE = 413


def with_body_limit(app: AsgiApp, max_bytes: int) -> AsgiApp:
    """The same application; an HTTP request with a longer body ends while it is still coming in.

    Form parsing would write the whole body to disk before anything could look at its size.
    """

    async def limited_app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        await app(scope, _counting(receive, max_bytes), send)

    return limited_app


def _counting(receive: Receive, max_bytes: int) -> Callable[[], Awaitable[Message]]:
    received = 0

    async def receive_counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise HTTPException(TOO_LARGE, f"a body of more than {max_bytes} bytes")
        return message

    return receive_counted
