from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

NORMAL_CLOSURE = 1000

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]


def with_orderly_close(app: AsgiApp) -> AsgiApp:
    """The same application, whose WebSockets close as Serve's proxy expects.

    ASGI lets a close go without a code, and lets an application send to a client that has gone;
    Socket.IO does both. The proxy counts on the code, and what it cannot send any more it ends
    with an exception in its log. So a close gets a code, and after a disconnect nothing is sent.
    """

    async def orderly_app(scope: Message, receive: Receive, send: Send) -> None:
        gone = False

        async def receive_noting() -> Message:
            nonlocal gone
            message = await receive()
            gone = gone or message["type"] == "websocket.disconnect"
            return message

        async def send_orderly(message: Message) -> None:
            if gone:
                return
            if message["type"] == "websocket.close" and message.get("code") is None:
                message = {**message, "code": NORMAL_CLOSURE}
            await send(message)

        await app(scope, receive_noting, send_orderly)

    return orderly_app
