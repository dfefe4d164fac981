import os
import socket
from pathlib import Path

import pytest

from demo import preflight
from tests.environment import free_port


@pytest.fixture
def base(tmp_path, monkeypatch) -> Path:
    """A folder with the front-end files built, and free ports."""
    (tmp_path / "static/vendor").mkdir(parents=True)
    (tmp_path / "static/vendor/app.css").touch()
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("SANDBOX_PORT", str(free_port()))
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    return tmp_path


@pytest.fixture
def busy_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def problems(base: Path) -> list[str]:
    with pytest.raises(preflight.NotReady) as stop:
        preflight.plan(base)
    return stop.value.problems


def test_a_machine_that_has_everything_is_ready(base):
    plan = preflight.plan(base)
    assert plan.var == base / "var"
    assert plan.own_broker


def test_an_address_of_no_database_is_said_without_its_password(base, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgre://muster:secret@127.0.0.1/muster")
    (problem,) = problems(base)
    assert "DATABASE_URL" in problem
    assert "secret" not in problem


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_port_in_use_is_named_with_a_way_out(base, busy_port, monkeypatch, name):
    monkeypatch.setenv(name, str(busy_port))
    (problem,) = problems(base)
    assert f"Port {busy_port} is in use." in problem
    assert f"{name}={busy_port + 1}" in problem


def test_a_stranger_on_the_default_brokers_port_is_not_used(base, busy_port, monkeypatch):
    default = f"redis://127.0.0.1:{busy_port}/0"
    monkeypatch.setattr(preflight, "BROKER", default)
    monkeypatch.setenv("REDIS_URL", default)
    (problem,) = problems(base)
    assert f"REDIS_URL=redis://127.0.0.1:{busy_port + 1}/0" in problem


def test_a_broker_of_ones_own_is_used(base, valkey_server, monkeypatch):
    monkeypatch.setenv("REDIS_URL", valkey_server)
    assert not preflight.plan(base).own_broker


def test_a_broker_that_does_not_answer_is_named_without_its_password(base, monkeypatch):
    monkeypatch.setenv("REDIS_URL", f"redis://:hush@127.0.0.1:{free_port()}/0")
    (problem,) = problems(base)
    assert "No broker answers at REDIS_URL" in problem
    assert "hush" not in problem


def test_two_services_cannot_share_a_port(base, monkeypatch):
    monkeypatch.setenv("SANDBOX_PORT", os.environ["PORT"])
    (problem,) = problems(base)
    assert "PORT and SANDBOX_PORT are both" in problem


def test_what_is_no_port_is_named(base, monkeypatch):
    monkeypatch.setenv("PORT", "eighty")
    assert problems(base) == ["PORT must be a port from 1 to 65535."]


def test_a_folder_that_cannot_be_written_is_named(base, monkeypatch):
    (base / "file").touch()
    monkeypatch.setenv("VAR_DIR", str(base / "file" / "var"))
    (problem,) = problems(base)
    assert "No write access to" in problem
    assert "VAR_DIR" in problem


def test_missing_front_end_files_are_named(base):
    (base / "static/vendor/app.css").unlink()
    (problem,) = problems(base)
    assert "make install" in problem


def test_the_settings_file_is_read(base, monkeypatch):
    monkeypatch.delenv("PORT")
    port = free_port()
    (base / ".env").write_text(f"PORT={port}\n")
    assert preflight.plan(base).port == port


def test_the_preflights_broker_is_the_settings_broker(settings):
    assert settings.EMBEDDED_BROKER == preflight.BROKER


def test_a_process_number_that_another_program_has_by_now_is_not_a_running_demo(base):
    (base / "var").mkdir()
    (base / "var/supervisord.pid").write_text(str(os.getpid()))
    assert preflight.plan(base)
