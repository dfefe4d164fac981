"""What holds for the whole project: conventions that nobody has to remember."""

import json
import re
import runpy
from pathlib import Path

import environ
import pytest
from django.core.management import call_command
from importlinter.cli import lint_imports

from warehouse.engines import folder

BASE_DIR = Path(__file__).resolve().parents[1]
TEMPLATES = sorted(BASE_DIR.glob("templates/**/*.html"))
TEMPLATES += sorted(BASE_DIR.glob("[a-z]*/templates/**/*.html"))
INLINE = {
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.I),
    "a style sheet in the page": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"\sstyle\s*=", re.I),
    "an event attribute": re.compile(r"\son[a-z]+\s*=", re.I),
    "script that htmx evaluates": re.compile(r"hx-on\b|hx-vals\s*=\s*['\"]js:|javascript:", re.I),
}


def test_tests_write_into_a_folder_of_their_own(settings):
    assert settings.VAR_DIR.name.startswith("muster-test-")


def settings_and_defaults(monkeypatch, tmp_path) -> dict[str, str]:
    """Each variable that the settings read, with its default as a person would type it."""
    found = {}
    get_value = environ.Env.get_value

    def recorded(self, var, *args, **kwargs):
        default = kwargs.get("default")
        text = ",".join(default) if isinstance(default, list) else str(default)
        found[var] = text.lower() if isinstance(default, bool) else text
        return get_value(self, var, *args, **kwargs)

    monkeypatch.setattr(environ.Env, "get_value", recorded)
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    runpy.run_path(str(BASE_DIR / "config/settings.py"))
    places = {str(BASE_DIR / "var"): "var/", str(tmp_path): "VAR_DIR"}
    for name in found:
        for place, word in places.items():
            found[name] = found[name].replace(place, word)
        found[name] = found[name] or "generated once"
    return found


def table_of_settings() -> dict[str, str]:
    """The README's table: variable -> default."""
    lines = (BASE_DIR / "README.md").read_text().splitlines()
    start = lines.index("| Variable | Default | Meaning |") + 2
    rows = {}
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        name, default, meaning = (cell.strip() for cell in line.strip("|").split("|"))
        assert meaning, name
        rows[name.strip("`")] = default.strip("`")
    return rows


def test_var_dir_may_have_any_name(monkeypatch, tmp_path):
    var = tmp_path / "a b#c+d%20?"
    monkeypatch.setenv("VAR_DIR", str(var))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("WAREHOUSE_URL")
    settings = runpy.run_path(str(BASE_DIR / "config/settings.py"))
    assert settings["DATABASES"]["default"]["NAME"] == f"{var}/muster.sqlite3"
    assert folder(settings["WAREHOUSE_URL"]) == var / "warehouse"


def test_the_readme_lists_every_setting_with_its_default(monkeypatch, tmp_path):
    assert table_of_settings() == settings_and_defaults(monkeypatch, tmp_path)


@pytest.mark.parametrize("name", [path.name for path in BASE_DIR.glob("requirements/*.txt")])
def test_a_lock_file_names_no_host_and_hashes_everything(name):
    text = (BASE_DIR / "requirements" / name).read_text()
    assert "://" not in text
    assert " @ " not in text
    for requirement in text.replace("\\\n", "").splitlines():
        assert "--hash=sha256:" in requirement, requirement


def test_the_front_ends_lock_file_names_no_host_and_hashes_everything():
    lock = json.loads((BASE_DIR / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name
        package.pop("funding", None)
        assert "://" not in json.dumps(package), name


def test_imports_run_one_way():
    assert lint_imports(config_filename=str(BASE_DIR / "pyproject.toml")) == 0


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_a_template_needs_no_exception_from_the_content_security_policy(path):
    text = path.read_text()
    assert [name for name, pattern in INLINE.items() if pattern.search(text)] == []


def test_the_content_security_policy_trusts_only_ourselves(settings):
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    for name in ("default-src", "script-src", "style-src"):
        assert directives[name] == ["'self'"], name
