"""The browser client's own rules, in a browser: pacing, counting, words."""

from itertools import pairwise

import pytest

from tests.e2e.web.conftest import Visit, run

PASSES = """
async ([fps, everyMs, forMs, slower]) => {
  const { FrameGate } = await import("/web/client/frame-gate.js");
  const gate = new FrameGate(fps);
  const passed = [];
  for (let now = 1000; now < 1000 + forMs; now += everyMs) {
    if (slower && now >= slower.at) gate.fps = slower.fps;
    if (gate.passes(now)) passed.push(now - 1000);
  }
  return passed;
}
"""


@pytest.mark.parametrize("every_ms", [1000 / 30, 1000 / 24, 100])
async def test_frames_pass_evenly_at_the_rate_asked_for(visit: Visit, every_ms: float) -> None:
    passed = await run(visit, PASSES, 5, every_ms, 10_000, None)
    assert len(passed) == pytest.approx(50, abs=1)
    gaps = [later - earlier for earlier, later in pairwise(passed)]
    assert min(gaps) >= 200 - every_ms


async def test_a_lower_rate_holds_at_once(visit: Visit) -> None:
    passed = await run(visit, PASSES, 5, 10, 4_000, {"at": 3_010, "fps": 1})
    assert [time for time in passed if time > 2_000] == [3_000]


async def test_after_a_pause_frames_do_not_come_in_a_burst(visit: Visit) -> None:
    passed = await run(
        visit,
        """async () => {
          const { FrameGate } = await import("/web/client/frame-gate.js");
          const gate = new FrameGate(5);
          return [0, 200, 5000, 5033, 5066, 5199, 5200].map((now) => gate.passes(now));
        }""",
    )
    assert passed == [True, True, True, False, False, False, True]


async def test_sending_times_are_those_of_this_connection(visit: Visit) -> None:
    found = await run(
        visit,
        """async () => {
          const { Sent } = await import("/web/client/sent.js");
          const sent = new Sent();
          for (let number = 0; number < 700; number += 1) sent.note();
          const known = (number) => sent.at(number) !== undefined;
          const before = [100, 101, 700, 701, undefined].map(known);
          sent.clear();
          sent.note();
          return [...before, known(1), known(2)];
        }""",
    )
    assert found == [False, True, True, False, False, True, False]


async def test_results_are_put_into_words(visit: Visit) -> None:
    words = await run(
        visit,
        """async () => {
          const { Reader } = await import("/web/page/reading.js");
          const reader = new Reader();
          const happy = { emotion: "happy", uncertain: false, confidence: 0.7, modality: "both", anomalyReasons: [] };
          const unsure = { ...happy, uncertain: true, confidence: 0.4 };
          const odd = { ...happy, emotion: "angry", anomaly: true, anomalyReasons: ["dark", "unusual_face"] };
          return [
            reader.read(odd, 0), reader.read(happy, 1000), reader.read(odd, 1300),
            reader.read(odd, 2600), reader.read(unsure, 2900),
          ].map(({ kind, word, note }) => [kind, word, note]);
        }""",
    )
    kinds = [(kind, word) for kind, word, _ in words]
    assert kinds == [
        ("anomaly", "Not shown"),
        ("sure", "Happy"),
        ("anomaly", "Happy"),  # greyed out, for a moment
        ("anomaly", "Not shown"),
        ("unsure", "Happy"),
    ]
    assert words[2][2] == "Not shown. The face is dark, the face is like none that the models know."
    assert "no single emotion stands out" in words[4][2]


async def test_a_client_that_has_left_stays_so(visit: Visit, room: str) -> None:
    found = await run(
        visit,
        """async ([roomId]) => {
          const { HoovikClient } = await import("/web/hoovik-client.js");
          const client = new HoovikClient({ participantId: "ada", roomId });
          const states = [];
          client.addEventListener("state", ({ detail }) => states.push(detail.state));
          await client.connect();
          client.close();
          client.setMic(false);
          client.stopCapture();
          const again = await client.connect().catch((fault) => fault.message);
          const never = new HoovikClient({ participantId: "" });
          const refused = await never.connect().catch((fault) => fault.code);
          return { states, again, refused };
        }""",
        room,
    )
    assert found["states"] == ["connecting", "joined", "closed"]
    assert "make a new one" in found["again"]
    assert found["refused"] == "BAD_AUTH"
