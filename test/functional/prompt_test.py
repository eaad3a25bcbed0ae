"""The prompt of `tarn sql`, typed at by a pseudo-terminal."""

import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARN = os.environ.get("TARN_BIN", str(ROOT / "build" / "tarn"))
PROMPT = "tarn:main.default> "
SLOW = "SELECT count(*) FROM range(100000) a JOIN range(100000) b ON a.id * b.id % 1000003 = 7;"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Prompt:
    """A session at a terminal of 100 columns."""

    def __init__(self, home, **environment):
        self.master, slave = pty.openpty()
        os.set_blocking(self.master, False)
        subprocess.run(["stty", "cols", "100", "rows", "30"], stdin=slave, check=True)
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment}
        self.process = subprocess.Popen([TARN, "sql", "--home", str(home / "lake")], stdin=slave, stdout=slave,
                                        stderr=slave, env=env, start_new_session=True, close_fds=True,
                                        preexec_fn=lambda: __import__("fcntl").ioctl(0, 0x540E, 0))
        os.close(slave)
        self.raw = ""
        self.wait_for(PROMPT)

    def type(self, keys):
        os.write(self.master, keys.encode())

    def wait_for(self, text, seconds=30):
        """Reads until `text` has come since the last wait; returns all of it, without escapes."""
        came = self.raw
        end = time.monotonic() + seconds
        while text not in ESCAPES.sub("", came):
            left = end - time.monotonic()
            assert left > 0, f"{text!r} didn't come, but {came!r}"
            if select.select([self.master], [], [], left)[0]:
                try:
                    came += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:
                    assert False, f"the session ended before {text!r} came: {came!r}"
        self.raw = ""
        return ESCAPES.sub("", came)

    def run(self, statement):
        self.type(statement + "\n")
        return self.wait_for("\n" + PROMPT)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def prompt(tmp_path):
    opened = []

    def start(**environment):
        opened.append(Prompt(tmp_path, **environment))
        return opened[-1]

    yield start
    for one in opened:
        one.end()


def test_statement_over_several_lines_is_run_at_its_semicolon(prompt):
    session = prompt()
    session.type("SELECT 6 *\n")
    session.wait_for("   ...> ")
    shown = session.run("7 AS answer;")
    assert "│ answer │" in shown and "│     42 │" in shown and "1 row" in shown
    assert "Done in " in shown


def test_error_is_shown_in_colour_with_its_place_and_the_session_goes_on(prompt):
    session = prompt()
    session.type("SELECT nosuch;\n")
    shown = session.wait_for("\n" + PROMPT)
    assert "error[UNRESOLVED_COLUMN" in shown and "^^^^^^" in shown
    assert "│ 1 │" in session.run("SELECT 1;")


def test_no_color_is_honoured(prompt):
    session = prompt(NO_COLOR="1")
    session.type("SELECT nosuch;\n")
    end = time.monotonic() + 30
    raw = ""
    while "hint" not in raw and "\n" + PROMPT not in raw and time.monotonic() < end:
        if select.select([session.master], [], [], 1)[0]:
            raw += os.read(session.master, 65536).decode()
    assert "\x1b[31" not in raw


def test_use_changes_the_prompt(prompt):
    session = prompt()
    session.run("CREATE SCHEMA lab;")
    session.type("USE lab;\n")
    session.wait_for("tarn:main.lab> ")


def test_control_c_drops_the_line_being_typed(prompt):
    session = prompt()
    session.type("SELECT 'half")
    session.wait_for("half")
    session.type("\x03")
    session.wait_for("\n" + PROMPT)
    assert " 2 │" in session.run("SELECT 1 + 1;")


def test_control_c_cancels_the_statement_and_the_session_goes_on(prompt):
    session = prompt()
    session.type(SLOW + "\n")
    session.wait_for(" s", 60)  # the progress bar's time
    session.type("\x03")
    shown = session.wait_for("\n" + PROMPT, 60)
    assert "OPERATION_CANCELED" in shown
    assert " 2 │" in session.run("SELECT 1 + 1;")


def test_tab_completes_keywords_and_names(prompt):
    session = prompt()
    session.run("CREATE TABLE customers_of_oslo AS SELECT 1 AS n;")
    session.type("SELECT n FROM customers_\t")
    session.wait_for("customers_of_oslo")
    assert "│ 1 │" in session.run(";")
    session.type("SELECT * FROM main.default.cust\t")
    session.wait_for("main.default.customers_of_oslo")
    assert "│ 1 │" in session.run(";")
    # Completion isn't a statement.
    shown = subprocess.run([TARN, "history", "--home", str(pathlib.Path(session.process.args[3])), "--output", "jsonl"],
                           capture_output=True, text=True, check=True).stdout
    assert len(shown.splitlines()) == 3


def test_earlier_statements_come_back_in_a_new_session(prompt):
    session = prompt()
    session.run("SELECT 'first' AS a -- a remark\n;")
    session.type("\x04")
    session.process.wait(timeout=30)
    assert session.process.returncode == 0
    again = prompt()
    again.type("\x1b[A")
    again.wait_for("SELECT 'first' AS a")
    assert "│ first │" in again.run("")


def test_letters_beyond_ascii_are_typed_and_shown(prompt):
    session = prompt()
    assert "│ grüße 日本 │" in session.run("SELECT 'grüße 日本' AS word;")


def test_exit_and_help(prompt):
    session = prompt()
    session.type("help\n")
    assert "Ctrl-C" in session.wait_for("\n" + PROMPT)
    session.type("exit;\n")
    session.process.wait(timeout=30)
    assert session.process.returncode == 0


def test_wide_rows_fit_the_terminal(prompt):
    session = prompt()
    shown = session.run("SELECT repeat('x', 500) AS a, 1 AS b;")
    assert all(len(line) <= 100 for line in shown.splitlines() if "│" in line)
    assert "…" in shown
