#!/usr/bin/env bash
# PyYAML 6.0.3: a document that sets an anchor a second time is an error, though YAML allows it.
#
# YAML 1.2 (s. 3.2.2.2, s. 7.1) lets a later node take over an anchor's name, and an alias means the last one before
# it. Files that are put together from parts do that, and other readers, such as Go's, take them.
#
# Observed: PyYAML raises ComposerError ("found duplicate anchor"); the pure reader of ruamel.yaml 0.18.16 warns and
# reads the same text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install PyYAML==6.0.3 ruamel.yaml==0.18.16
"$folder/venv/bin/python" - <<'PYTHON'
import warnings

import yaml
from ruamel.yaml import YAML

text = "a: &limit 1\nb: *limit\nc: &limit 2\nd: *limit\n"
try:
    read = yaml.safe_load(text)
except yaml.composer.ComposerError as error:
    read = f"ComposerError: {error.context}"
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    other = dict(YAML(typ="safe", pure=True).load(text))
print("PyYAML:     ", read)
print("ruamel.yaml:", other, *(type(each.message).__name__ for each in told))
assert str(read).startswith("ComposerError"), "changed"
assert other == {"a": 1, "b": 1, "c": 2, "d": 2}, "changed"
PYTHON
