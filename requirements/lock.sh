#!/bin/bash
# Resolve the dependencies of pyproject.toml: all.txt is the widest set, the others keep to it.
set -euo pipefail

compile() {
    .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate "$@"
}

compile pyproject.toml --upgrade \
    --group demo --group front --group test --group dev -o requirements/all.txt
compile pyproject.toml -c requirements/all.txt -o requirements/base.txt
compile pyproject.toml -c requirements/all.txt --group front -o requirements/install.txt
compile pyproject.toml -c requirements/all.txt --group front --group demo -o requirements/demo.txt
compile - -o requirements/uv.txt <<< uv
.venv/bin/npm install --package-lock-only --ignore-scripts --no-audit --no-fund
