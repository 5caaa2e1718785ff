#!/usr/bin/env bash
# Write dist/dateline-VERSION.cdx.json: what `pip install 'dateline[all]'` installs, as a CycloneDX
# bill of materials, valid by its schema. From a clean environment; `make sbom` calls it.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${BIN:-.venv/bin}
wheel=$(ls -t dist/dateline-*.whl | head -n 1)
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
"${PYTHON:-python3}" -m venv --without-pip "$environment"
"$bin/python" -m pip --python "$environment/bin/python" install --quiet -c constraints.txt "$wheel[all]"
version=$(basename "$wheel" | cut -d- -f2)
"$bin/cyclonedx-py" environment --pyproject pyproject.toml --mc-type application \
  --spec-version 1.6 --output-reproducible --validate \
  --output-file "dist/dateline-$version.cdx.json" "$environment/bin/python"
