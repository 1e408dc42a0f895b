"""What the pages do when the service loses a process, or somebody else takes the place."""

import os
import signal

import psutil
import pytest
from playwright.async_api import expect

from tests.e2e.guests import until
from tests.e2e.web.conftest import Visit

pytestmark = pytest.mark.timeout(120)

LOST_SOCKET = "WebSocket"
"""Browsers tell the console of every socket that breaks or is not taken."""


def ingress_replicas() -> list[psutil.Process]:
    """Those of this test's own Ray; others may run on the machine."""
    own = psutil.Process().children(recursive=True)
    return [one for one in own if "ServeReplica:hoovik:Ingress" in " ".join(one.cmdline())]


async def test_the_page_survives_the_replica_that_holds_its_socket(visit: Visit, room: str) -> None:
    ada = await visit()
    await ada.join("ada", room)
    await ada.press("Mute")
    await expect(ada.page.locator("#profile")).to_have_text("face alone")
    await ada.page.evaluate(
        """() => {
          window.states = [];
          const state = document.getElementById("state");
          new MutationObserver(() => window.states.push(state.dataset.state))
            .observe(state, { attributes: true });
        }"""
    )

    async def states() -> list[str]:
        return await ada.page.evaluate("() => window.states")

    # Which of them holds the socket is not to be seen from outside: one, and if need be the other.
    replicas = ingress_replicas()
    assert len(replicas) == 2
    for replica in replicas:
        os.kill(replica.pid, signal.SIGKILL)
        await ada.page.wait_for_timeout(1500)
        if await states():
            break
    assert (await states())[0] == "reconnecting"
    await expect(ada.page.locator("#state")).to_have_text("Live", timeout=30_000)
    await ada.sees_results()
    # The button that was pressed before holds on the new connection, too.
    await expect(ada.page.locator("#mic")).to_have_text("Unmute")
    await expect(ada.page.locator("#profile")).to_have_text("face alone")
    ada.forgive(LOST_SOCKET)
    await until(lambda: len(ingress_replicas()) == 2, timeout_s=60)


async def test_the_newest_tab_takes_the_place(visit: Visit, room: str) -> None:
    first, second = await visit(), await visit()
    await first.join("ada", room)
    await second.join("ada", room)
    await expect(first.page.locator("#notice")).to_contain_text("from another tab")
    await first.page.wait_for_timeout(1500)
    await second.sees_results()
    await expect(second.page.locator("#state")).to_have_text("Live")
