"""Failpoints do nothing unless a test armed them, and then exactly what it said."""

import os
import signal
import subprocess
import sys

import pytest

from core import failpoints
from core.failpoints import Crash, Fault, armed, hit, parse


def child(code, tmp_path, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


HIT = "from core.failpoints import hit; hit('send.answered'); print('alive')"


def test_nothing_happens_where_nothing_is_armed():
    hit("send.answered")


def test_an_armed_installation_does_not_start(tmp_path):
    done = child(HIT, tmp_path, MUSTER_FAILPOINTS="send.answered=kill")
    assert done.returncode == 1
    assert "MUSTER_FAILPOINTS is set" in done.stderr


def test_kill_ends_the_process_there(tmp_path):
    done = child(HIT, tmp_path, MUSTER_FAILPOINTS="send.answered=kill", MUSTER_TESTING="1")
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")


def test_hits_are_counted_over_all_processes(tmp_path):
    armed = {"MUSTER_FAILPOINTS": "send.answered=kill@2", "MUSTER_TESTING": "1"}
    codes = [child(HIT, tmp_path, **armed).returncode for _ in range(3)]
    assert codes == [0, -signal.SIGKILL, 0]


def test_raising_takes_the_name_of_an_exception(tmp_path):
    with armed("send.intent=raise=Crash@2, send.answered=raise=ConnectionError", tmp_path):
        hit("send.intent")
        with pytest.raises(Crash):
            hit("send.intent")
        hit("send.intent")
        with pytest.raises(ConnectionError):
            hit("send.answered")
    hit("send.answered")


def test_a_full_disk_can_be_played(tmp_path):
    with armed("build.synced=raise=ENOSPC", tmp_path), pytest.raises(OSError, match="No space"):
        hit("build.synced")


def test_several_faults_are_read_together():
    assert parse("send.intent=sleep=250 send.answered=kill@3") == {
        "send.intent": Fault("sleep", "250", 0),
        "send.answered": Fault("kill", "", 3),
    }


@pytest.mark.parametrize("text", ["sent.nowhere=kill", "send.intent=explode", "send.intent=kill@x"])
def test_what_does_not_exist_is_refused(text):
    with pytest.raises(failpoints.FailpointUnknownError):
        parse(text)


def test_a_name_outside_the_registry_is_refused_while_armed(tmp_path):
    with armed("send.intent=kill", tmp_path), pytest.raises(failpoints.FailpointUnknownError):
        hit("send.intend")
