"""The demo as a whole: it starts, brings back what dies, and leaves nothing behind."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import free_port
from tests.waiting import until

BASE_DIR = Path(__file__).resolve().parents[2]


@pytest.fixture
def surroundings(tmp_path) -> dict[str, str]:
    """Free ports and a folder with a small brand, so that the start is quick."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    variables = inherited | {
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/muster.sqlite3",
        "WAREHOUSE_URL": f"duckdb://{tmp_path}/warehouse",
        "PORT": str(free_port()),
        "SANDBOX_PORT": str(free_port()),
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
    }
    for command in (["migrate", "-v", "0"], ["load_demo", "--customers", "200"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=BASE_DIR,
            env=variables,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return variables


@pytest.fixture
def demo(surroundings) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=BASE_DIR,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process
        process.kill()
    for number in processes(surroundings):
        os.kill(number, signal.SIGKILL)


def processes(surroundings: dict[str, str], name: str = "") -> list[int]:
    """The processes of this demo, by the folder that they were given."""
    mark = f"VAR_DIR={surroundings['VAR_DIR']}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if mark in variables and command and name in command:
            found.append(int(folder.name))
    return found


def answers(port: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
    try:
        connection.request("GET", "/login/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def read_until(process: "subprocess.Popen[str]", text: str) -> str:
    said = ""
    for line in process.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(f"It ended without saying {text!r}:\n{said}")


@pytest.mark.timeout(240)
def test_the_demo_brings_back_what_dies_and_leaves_nothing_behind(demo, surroundings):
    said = read_until(demo, "Ctrl-C stops everything")
    address = f"http://127.0.0.1:{surroundings['PORT']}/"
    assert address in said
    for person in ("marketer@", "admin@", "viewer@"):
        assert person in said

    second = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=BASE_DIR,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert "running already" in second.stderr

    web = processes(surroundings, "config.wsgi:application")
    os.kill(min(web), signal.SIGKILL)  # the one that started the other
    until(lambda: not set(web) & set(processes(surroundings)), 10, "both are gone")
    until(lambda: answers(surroundings["PORT"]), 60, "the site is back")

    demo.send_signal(signal.SIGINT)
    assert demo.wait(40) == 0
    assert processes(surroundings) == []


def test_a_database_that_does_not_answer_is_one_line(tmp_path):
    variables = os.environ | {
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"postgres://muster@127.0.0.1:{free_port()}/muster",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=BASE_DIR,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "DATABASE_URL" in ended.stderr
