import subprocess
import sys

import psutil
import pytest

from bench.processes import ProcessTree

WORK = """
import subprocess, sys, time
child = None
if len(sys.argv) > 2:
    child = subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[1]])
end = time.process_time() + 0.3
while time.process_time() < end:
    pass
print("done", flush=True)
sys.stdin.read()
"""


def test_the_cpu_and_memory_of_a_process_and_its_child_count() -> None:
    command = [sys.executable, "-c", WORK, WORK, "with a child"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["done\n", "done\n"]
        root = psutil.Process(process.pid)
        (child,) = root.children()
        whole, alone = ProcessTree(root), ProcessTree(root, but=child)
        whole_s, alone_s = whole.cpu_s().total(), alone.cpu_s().total()
        whole_mb, alone_mb = whole.memory_mb(), alone.memory_mb()
        process.stdin.close()
    assert whole_s >= alone_s + 0.28
    assert alone_s >= 0.28
    assert whole_mb["rss"] > alone_mb["rss"] > alone_mb["pss"] > 1
    assert ProcessTree(psutil.Process()).cpu_s().total() > 0


TITLED = "import sys; print('up', flush=True); sys.stdin.read()"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("ray::ServeReplica:hoovik:Ensemble", "Ensemble"),
        ("ray::ServeReplica:hoovik:Ensemble.handle_request", "Ensemble"),
        ("ray::RoomHost", "RoomHost"),
        ("ray::RoomHost.deliver", "RoomHost"),
        ("ray::DirectoryActor.place", "Directory"),
        ("ray::IDLE", "IDLE"),
    ],
)
def test_a_process_is_what_its_title_says(title: str, name: str) -> None:
    with subprocess.Popen(
        [title, "-c", TITLED], executable=sys.executable, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        tree = ProcessTree(psutil.Process(process.pid))
        held = tree.held()
        assert tree.names() == {name: 1}
        assert [one.pid for one in tree.named(name)] == [process.pid]
        process.stdin.close()
    assert list(held) == [name]
    assert held[name]["processes"] == held[name]["threads"] == 1
    assert held[name]["files"] >= 3
    assert held[name]["pss"] > 1
