"""Four processes append to one table while one of them is killed and started again and again."""

import json
import os
import pathlib
import random
import subprocess
import threading

from interop_support import TARN, tarn

WRITERS = 4
COMMITS = int(os.environ.get("TARN_APPEND_COMMITS", "250"))
KILLS = int(os.environ.get("TARN_APPEND_KILLS", "25"))
SEED = int(os.environ.get("TARN_APPEND_SEED", "1"))


class Writer:
    """Appends the rows (writer, 0) to (writer, COMMITS - 1), one commit each, in a process of its own."""

    def __init__(self, home, number):
        self.home, self.number = home, number
        self.acknowledged = []
        self.errors = []

    def run(self, kill_after=None):
        """Goes on where it left off; with `kill_after`, the process is killed after so many answers."""
        landed = set(self.landed()) if kill_after is not None or self.acknowledged else set()
        rest = [n for n in range(COMMITS) if n not in landed]
        script = pathlib.Path(self.home, f"writer{self.number}.sql")
        script.write_text("".join(f"INSERT INTO main.default.t VALUES ({self.number}, {n});\n" for n in rest))
        with subprocess.Popen([TARN, "sql", "--home", os.path.join(self.home, "lake"), "--output", "results",
                               "-f", str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              stdin=subprocess.DEVNULL, text=True) as process:
            for answers, (n, line) in enumerate(zip(rest, process.stdout), start=1):
                try:
                    error = json.loads(line)["error"]
                except json.JSONDecodeError:
                    break  # killed in the middle of a line: not an answer
                if error:
                    self.errors.append(error)
                    break
                self.acknowledged.append(n)
                if kill_after is not None and answers >= kill_after:
                    process.kill()
        return len(self.acknowledged)

    def landed(self):
        result = tarn(os.path.join(self.home, f"reader{self.number}"),
                      f"SELECT n FROM main.default.t WHERE writer = {self.number}",
                      lake=os.path.join(self.home, "lake"))
        return [int(row[0]) for row in result[0]["rows"]]


def test_appends_of_four_processes_with_one_killed_again_and_again(tmp_path):
    home = str(tmp_path)
    lake = os.path.join(home, "lake")
    tarn(home, "CREATE TABLE main.default.t (writer INT, n INT)", lake=lake)
    writers = [Writer(home, number) for number in range(WRITERS)]
    threads = [threading.Thread(target=writer.run) for writer in writers[1:]]
    for thread in threads:
        thread.start()
    chance = random.Random(SEED)
    victim = writers[0]
    for _ in range(KILLS):
        victim.run(kill_after=chance.randint(1, max(1, COMMITS // KILLS - 1)))
    victim.run(kill_after=COMMITS + 1)
    for thread in threads:
        thread.join()

    for writer in writers:
        assert not writer.errors, f"writer {writer.number}: {writer.errors[:1]}"
    (rows,) = tarn(home, "SELECT writer, n, count(*) FROM main.default.t GROUP BY ALL", lake=lake)
    counts = {(int(w), int(n)): int(c) for w, n, c in rows["rows"]}
    lost = [(w.number, n) for w in writers for n in w.acknowledged if (w.number, n) not in counts]
    assert not lost, "acknowledged and lost"
    assert all(count == 1 for count in counts.values()), "doubled"
    assert set(counts) == {(w, n) for w in range(WRITERS) for n in range(COMMITS)}
    tables = [p for p in pathlib.Path(lake, "tables").iterdir() if (p / "_delta_log").is_dir()]
    assert len(tables) == 1
    versions = sorted(int(p.stem) for p in (tables[0] / "_delta_log").glob("*.json") if p.stem.isdigit())
    assert versions == list(range(WRITERS * COMMITS + 1)), "versions aren't dense"
