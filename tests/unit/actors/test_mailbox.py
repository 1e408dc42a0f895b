import asyncio

from actors.mailbox import Mailbox


async def test_what_has_gathered_comes_in_order() -> None:
    mailbox: Mailbox[int] = Mailbox(10)
    mailbox.put(1)
    mailbox.put(2)
    assert await mailbox.take() == [1, 2]


async def test_the_oldest_give_way() -> None:
    dropped: list[None] = []
    mailbox: Mailbox[int] = Mailbox(3, lambda: dropped.append(None))
    for item in range(5):
        mailbox.put(item)
    assert await mailbox.take() == [2, 3, 4]
    assert len(dropped) == 2


async def test_taking_waits_for_an_item() -> None:
    mailbox: Mailbox[int] = Mailbox(3)
    taking = asyncio.create_task(mailbox.take())
    await asyncio.sleep(0.01)
    assert not taking.done()
    mailbox.put(7)
    assert await taking == [7]


async def test_a_closed_one_gives_what_is_left_and_then_nothing() -> None:
    mailbox: Mailbox[int] = Mailbox(3)
    mailbox.put(1)
    mailbox.close()
    assert await mailbox.take() == [1]
    assert await mailbox.take() == []
