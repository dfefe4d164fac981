"""The processes by their usual names, as somebody starts them by hand."""

import pytest

from config import celery_app
from tests.waiting import until


@pytest.mark.data
def test_a_plain_worker_serves_every_queue(workers):
    workers.start()
    answers = celery_app.control.inspect(timeout=5, limit=1).active_queues()
    queues = {queue["name"] for queues in answers.values() for queue in queues}
    assert queues == {"build", "send", "follow"}


def test_worker_and_beat_write_nothing_outside_var_dir(workers, settings, tmp_path):
    workers.start(cwd=tmp_path, HOME=str(tmp_path))
    beat = workers.beat(cwd=tmp_path, HOME=str(tmp_path))
    schedule = settings.VAR_DIR / "beat"
    until(lambda: beat.says("Starting") and any(schedule.iterdir()), 30, "beat keeps its schedule")
    beat.stop()
    assert list(tmp_path.iterdir()) == []
