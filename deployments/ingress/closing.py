from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

NORMAL_CLOSURE = 1000

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]


def with_close_code(app: AsgiApp) -> AsgiApp:
    """The same application, every WebSocket close of which names its code.

    ASGI lets a close go without one, and Socket.IO's does; Serve's proxy counts on it and ends
    the socket with an exception in its log where it is missing.
    """

    async def closing_app(scope: Message, receive: Receive, send: Send) -> None:
        async def send_with_code(message: Message) -> None:
            if message["type"] == "websocket.close" and message.get("code") is None:
                message = {**message, "code": NORMAL_CLOSURE}
            await send(message)

        await app(scope, receive, send_with_code)

    return closing_app
