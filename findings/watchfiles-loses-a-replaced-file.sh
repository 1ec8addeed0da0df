#!/usr/bin/env bash
# watchfiles 1.3.0 on Linux: a watched file that is replaced once is never reported again.
#
# Editors and deployment tools write a new file and rename it over the old one. The first rename is reported
# (as modified and deleted); later renames are not, nor is a plain write to the new file. Watching the folder
# instead of the file reports all of them.
#
# Observed: changes per step: 1st replacement some, 2nd replacement none, append none; in the folder: all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install watchfiles==1.3.0
mkdir "$folder/watched"
"$folder/venv/bin/python" - "$folder/watched" <<'PYTHON'
import os
import sys
import threading
import time

from watchfiles import watch

path = os.path.join(sys.argv[1], "config.yaml")


def replace():
    with open(path + ".new", "w") as file:
        file.write("new")
    os.replace(path + ".new", path)


def append():
    with open(path, "a") as file:
        file.write("more")


def reported(target):
    """Which of the three steps is followed by a change of the file within two seconds."""
    with open(path, "w") as file:
        file.write("old")
    stop, changes = threading.Event(), []

    def run():
        for found in watch(target, stop_event=stop, step=20, debounce=50, rust_timeout=200):
            changes.extend(kind for kind, name in found if name == path)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(1)  # until the watch is set up; the library says nothing of that
    outcome = []
    for step in (replace, replace, append):
        before = len(changes)
        step()
        time.sleep(2)
        outcome.append(len(changes) > before)
    stop.set()
    thread.join()
    return outcome


of_file, of_folder = reported(path), reported(os.path.dirname(path))
print("watching the file:  ", of_file)
print("watching the folder:", of_folder)
assert of_file == [True, False, False], "changed"
assert of_folder == [True, True, True], "changed"
PYTHON
