"""One result followed through the processes that made it, by spans that a collector received."""

from tests.e2e.collector import PARTS, Collector
from tests.e2e.guests import Stage, until


async def test_a_result_is_one_trace_across_processes(stage: Stage, collector: Collector) -> None:
    collector.traces.clear()
    async with stage.streaming("ada") as ada:
        await until(lambda: len(collector.complete()) >= 3, timeout_s=60)
        # A share of them is traced.
        assert len(collector.complete()) < len(ada.results)
    for spans in collector.complete().values():
        root, _, room_pid = spans["result"]
        assert {name: spans[name][1] for name in PARTS} == PARTS
        assert len({pid for _, _, pid in spans.values()}) == 6
        ids = {span.span_id for span, _, _ in spans.values()}
        for span, name, pid in spans.values():
            assert span is root or span.parent_span_id in ids
            assert pid == room_pid or name != "room host"
            assert span.start_time_unix_nano <= span.end_time_unix_nano
        began = [spans[name][0].start_time_unix_nano for name in ("EncodeAudio", "Predict")]
        assert root.start_time_unix_nano <= began[0] <= began[1] <= root.end_time_unix_nano
