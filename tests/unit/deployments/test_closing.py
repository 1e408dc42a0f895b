from deployments.ingress.closing import with_orderly_close


async def run(received: list[dict], sent_by_app: list[dict]) -> list[dict]:
    """What reaches the proxy of an application that receives, then sends."""
    inbox, outbox = iter(received), []

    async def app(_scope, receive, send) -> None:
        for _ in received:
            await receive()
        for message in sent_by_app:
            await send(message)

    async def receive() -> dict:
        return next(inbox)

    async def send(message: dict) -> None:
        outbox.append(message)

    await with_orderly_close(app)({"type": "websocket"}, receive, send)
    return outbox


async def test_a_close_without_a_code_is_a_normal_one() -> None:
    assert await run([{"type": "websocket.connect"}], [{"type": "websocket.close"}]) == [
        {"type": "websocket.close", "code": 1000}
    ]


async def test_a_close_keeps_its_code() -> None:
    close = {"type": "websocket.close", "code": 1013}
    assert await run([{"type": "websocket.connect"}], [close]) == [close]


async def test_nothing_is_sent_to_a_client_that_has_gone() -> None:
    received = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}]
    sent = [{"type": "websocket.send", "text": "late"}, {"type": "websocket.close"}]
    assert await run(received, sent) == []
