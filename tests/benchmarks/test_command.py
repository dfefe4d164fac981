import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parents[2]


def benchmarks(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words],
        cwd=BASE_DIR,
        env=os.environ | {"BENCHMARKS_DIR": str(folder), "N": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.mark.timeout(240)
def test_each_figure_is_one_line_of_json_with_its_baseline_and_goal(tmp_path):
    """The work is compared inside: a product that counted otherwise would end it."""
    done = benchmarks(tmp_path, "count_ratio", "build", "lines_purchase", "editor_ms", "N=300")
    assert done.returncode == 0, done.stderr[-2000:]
    figures = [json.loads(line) for line in done.stdout.splitlines()]
    assert [figure["name"] for figure in figures] == [
        "count_ratio",
        "build_ratio",
        "lines_purchase_ratio",
        "editor_ms",
    ]
    for figure in figures:
        assert list(figure) == ["name", "value", "unit", "baseline", "goal"]
        assert figure["value"] > 0


def test_an_unknown_benchmark_is_told_with_those_that_there_are(tmp_path):
    done = benchmarks(tmp_path, "speed")
    assert done.returncode == 2
    assert done.stderr == (
        "No such benchmark: speed. There are count, insights, build, memory, send, launch, page, "
        "lines, lines_purchase, editor, campaign_editor.\n"
    )
