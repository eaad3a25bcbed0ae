"""Checkpoints whose Parquet bytes are damaged: a table reads by its commits, or is refused; the program never falls."""

import json
import os
import random
import shutil
import subprocess

from interop_support import TARN, location, tarn

FILES = int(os.environ.get("TARN_HOSTILE_CHECKPOINTS", "300"))
SEED = int(os.environ.get("TARN_HOSTILE_SEED", "1"))
BATCH = 50


def damaged(data, chance):
    """The bytes after one to five changes, half of them in the footer, where Parquet keeps what everything else hangs on."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        if not data:
            break
        at = chance.randrange(len(data)) if chance.random() < 0.5 else max(0, len(data) - 1 - chance.randrange(3000))
        change = chance.randrange(6)
        if change == 0:
            data[at] = chance.randrange(256)
        elif change == 1:
            data[at] ^= 1 << chance.randrange(8)
        elif change == 2:
            data[at:at + chance.randint(1, 8)] = bytes([chance.choice([0, 255, 127, 128])]) * chance.randint(1, 8)
        elif change == 3:
            del data[at:at + chance.randint(1, 60)]
        elif change == 4:
            other = chance.randrange(len(data))
            data[at:at] = data[other:other + chance.randint(1, 60)]
        elif chance.random() < 0.2:
            del data[at:]
    return bytes(data)


def ask(home, paths):
    """The answers of one process, to the first refusal; (number of files or condition) of each."""
    script = os.path.join(home, "details.sql")
    with open(script, "w", encoding="utf-8") as f:
        f.writelines(f"DESCRIBE DETAIL delta.`{path}`;\n" for path in paths)
    run = subprocess.run([TARN, "sql", "--home", os.path.join(home, "lake"), "--output", "results", "-f", script],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    answers = []
    for result in map(json.loads, run.stdout.splitlines()):
        if result["error"]:
            answers.append(result["error"]["condition"])
        else:
            answers.append(int(result["rows"][0][[c["name"] for c in result["columns"]].index("numFiles")]))
    assert answers and run.returncode in (0, 1, 3), (paths[len(answers):][:1], run.returncode, run.stderr[-1000:])
    return answers


def test_a_damaged_checkpoint_is_passed_over_or_refused(tmp_path):
    home, chance = str(tmp_path), random.Random(SEED)
    tarn(home, "CREATE TABLE t (id INT, s STRING, p INT) PARTITIONED BY (p) TBLPROPERTIES "
         "('delta.checkpointInterval' = '3', 'delta.enableDeletionVectors' = 'true')",
         "INSERT INTO t SELECT CAST(id AS INT), concat('s', id), CAST(id % 4 AS INT) FROM range(400)",
         "DELETE FROM t WHERE id % 9 = 0", "INSERT INTO t VALUES (1, 'x', 7)")
    log = os.path.join(location(home, "t"), "_delta_log")
    name, = [n for n in os.listdir(log) if n.endswith(".checkpoint.parquet")]
    with open(os.path.join(log, name), "rb") as f:
        whole = f.read()
    paths = []
    for number in range(FILES):
        paths.append(str(tmp_path / f"t{number}"))
        shutil.copytree(log, os.path.join(paths[-1], "_delta_log"))
        with open(os.path.join(paths[-1], "_delta_log", name), "wb") as f:
            f.write(damaged(whole, chance))
        if number % 2:
            os.remove(os.path.join(paths[-1], "_delta_log", f"{0:020}.json"))
    answers = []
    while len(answers) < FILES:
        answers += ask(home, paths[len(answers):len(answers) + BATCH])
    assert set(answers[::2]) <= {5, "DELTA_LOG_CORRUPT", "DELTA_PATH_OUTSIDE_TABLE"} | set(range(100)), set(answers)
    assert answers[::2].count(5) > FILES // 8, "hardly any table was read by its commits"
    assert any(isinstance(a, str) for a in answers[1::2]), "nothing was refused"
