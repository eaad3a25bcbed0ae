"""The prompt of `tarn sql`, typed at by a pseudo-terminal."""

import contextlib
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import termios
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARN = os.environ.get("TARN_BIN", str(ROOT / "build" / "tarn"))
PROMPT = "tarn:main.default> "
# It takes minutes.
SLOW = "SELECT count(*) AS n FROM range(100000) a JOIN range(100000) b ON a.id * b.id % 1000003 = 7;"
RUNNING = re.compile(r"\d\.\d s")  # the progress bar's time
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\x07]")  # what moves the cursor, colours or rings


class TerminalProcess:
    """`tarn sql` at a terminal of 100 columns."""

    def __init__(self, home, *arguments, **environment):
        self.master, slave = pty.openpty()
        os.set_blocking(self.master, False)
        subprocess.run(["stty", "cols", "100", "rows", "30"], stdin=slave, check=True)
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment}
        self.process = subprocess.Popen([TARN, "sql", "--home", str(home / "lake"), *arguments], stdin=slave,
                                        stdout=slave, stderr=slave, env=env, start_new_session=True, close_fds=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.raw = ""

    def type(self, keys):
        os.write(self.master, keys.encode())

    def wait_for(self, text, seconds=30):
        """Reads until `text` (or what a pattern matches) has come since the last wait; returns all, without escapes."""
        came = ""
        pattern = text if isinstance(text, re.Pattern) else re.compile(re.escape(text))
        end = time.monotonic() + seconds
        while not pattern.search(ESCAPES.sub("", came)):
            left = end - time.monotonic()
            assert left > 0, f"{text!r} didn't come, but {came!r}"
            if select.select([self.master], [], [], left)[0]:
                try:
                    came += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:
                    assert False, f"the session ended before {text!r} came: {came!r}"
        self.raw = came
        return ESCAPES.sub("", came)

    def run(self, statement):
        self.type(statement + "\n")
        shown = self.wait_for("\n" + PROMPT)
        self.wait_until_editing()
        return shown

    def wait_until_editing(self):
        """The prompt is shown a moment before the terminal hands on keys such as Ctrl-D as they are typed."""
        end = time.monotonic() + 30
        while termios.tcgetattr(self.master)[3] & termios.ICANON and time.monotonic() < end:
            time.sleep(0.01)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


class Prompt(TerminalProcess):
    """A session that waits for statements."""

    def __init__(self, home, **environment):
        super().__init__(home, **environment)
        self.wait_for(PROMPT)
        self.wait_until_editing()


@contextlib.contextmanager
def terminal_process(home, *arguments):
    session = TerminalProcess(home, *arguments)
    try:
        yield session
    finally:
        session.end()


def statements(home):
    """The history, newest first."""
    shown = subprocess.run([TARN, "history", "--home", str(home / "lake"), "--output", "jsonl"], capture_output=True,
                           text=True, check=True).stdout
    return [json.loads(line) for line in shown.splitlines()]


def wait_until_interruptible(process):
    """Until the program handles SIGINT, which it does while a statement runs."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        caught = re.search(r"^SigCgt:\s*(\w+)", pathlib.Path(f"/proc/{process.pid}/status").read_text(), re.M)
        if int(caught.group(1), 16) >> (signal.SIGINT - 1) & 1:
            return
        time.sleep(0.02)
    assert False, "no statement began"


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


def test_an_open_transaction_is_shown_and_rolled_back_at_the_end(prompt):
    session = prompt()
    session.run("CREATE TABLE t (id INT);")
    session.type("BEGIN;\n")
    session.wait_for("tarn:main.default*> ")
    session.type("INSERT INTO t\n")
    session.type("VALUES (1);\n")
    session.wait_for("tarn:main.default*> ")
    session.type("exit\n")
    session.wait_for("a transaction was open at the end; it is rolled back")
    again = prompt()
    assert "│ 0 │" in again.run("SELECT count(*) AS n FROM t;")


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
    session.wait_for(RUNNING)
    session.type("\x03")
    shown = session.wait_for("\n" + PROMPT)
    assert "error[OPERATION_CANCELED]" in shown
    assert " 2 │" in session.run("SELECT 1 + 1;")


def test_control_c_cancels_a_statement_that_writes(prompt):
    session = prompt()
    session.type("CREATE TABLE big AS " + SLOW + "\n")
    session.wait_for(RUNNING)
    session.type("\x03")
    assert "error[OPERATION_CANCELED]" in session.wait_for("\n" + PROMPT)
    assert "error[TABLE_OR_VIEW_NOT_FOUND]" in session.run("SELECT * FROM big;")


def test_control_c_drops_the_rest_of_the_line(prompt):
    session = prompt()
    session.type(SLOW + " SELECT upper('the rest');\n")
    session.wait_for(RUNNING)
    session.type("\x03")
    assert "THE REST" not in session.wait_for("\n" + PROMPT)


def test_the_bar_is_wiped_before_rows_come(prompt):
    session = prompt()
    session.type("SELECT count_if(sha2(string(id), 512) LIKE '00%') > 0 AS found FROM range(1500000);\n")
    session.wait_for(RUNNING)
    session.wait_for("\n" + PROMPT)
    assert "\r\x1b[K┌───────┐" in session.raw


@pytest.mark.parametrize("way", ["-e", "-f"])
def test_control_c_cancels_a_script_and_ends_it(tmp_path, way):
    script = SLOW + " SELECT upper('the rest');"
    if way == "-f":
        (tmp_path / "slow.sql").write_text(script, encoding="ascii")
        script = str(tmp_path / "slow.sql")
    with terminal_process(tmp_path, way, script, "--keep-going") as session:
        session.wait_for(RUNNING)
        session.type("\x03")
        shown = session.wait_for("error[OPERATION_CANCELED]: The statement was cancelled.")
        assert session.process.wait(timeout=30) == 130
    assert "THE REST" not in shown
    assert [row["status"] for row in statements(tmp_path)] == ["CANCELED"]


def test_interrupt_without_a_terminal_cancels_too(tmp_path):
    process = subprocess.Popen([TARN, "sql", "--home", str(tmp_path / "lake"), "-e", SLOW], stderr=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    wait_until_interruptible(process)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 130 and output == ""
    assert errors.startswith("error[OPERATION_CANCELED]: The statement was cancelled.")


def test_an_interrupt_that_comes_twice_is_one(tmp_path):
    """`timeout -s INT` and terminals signal the process and its group."""
    process = subprocess.Popen([TARN, "sql", "--home", str(tmp_path / "lake"), "-e", SLOW], stderr=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    wait_until_interruptible(process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.startswith("error[OPERATION_CANCELED]: The statement was cancelled.")


def test_deadline_ends_a_statement_and_what_follows_goes_on(tmp_path):
    done = subprocess.run([TARN, "sql", "--home", str(tmp_path / "lake"), "--timeout", "300", "--keep-going",
                           "-e", SLOW + "CREATE TABLE t AS " + SLOW + "SELECT 'the rest'", "--output", "jsonl"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.count("error[OPERATION_TIMED_OUT]: The statement didn't finish within its deadline of 300 ms") == 2
    assert done.stdout == '{"the rest":"the rest"}\n'


def test_tab_completes_keywords_and_names(prompt, tmp_path):
    session = prompt()
    session.run("CREATE TABLE customers_of_oslo AS SELECT 1 AS n;")
    session.type("SELECT n FROM customers_\t")
    session.wait_for("customers_of_oslo")
    assert "│ 1 │" in session.run(";")
    session.type("SELECT * FROM main.default.cust\t")
    session.wait_for("main.default.customers_of_oslo")
    assert "│ 1 │" in session.run(";")
    # Completion isn't a statement.
    assert len(statements(tmp_path)) == 3


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


def test_a_table_whose_folder_is_moved_takes_no_rows(prompt, tmp_path):
    """The session has the log open; the rows would go to one folder and the commit to another."""
    session = prompt()
    session.run(f"CREATE TABLE t LOCATION '{tmp_path}/t' AS SELECT 1 AS a;")
    session.run("INSERT INTO t VALUES (2);")
    os.rename(tmp_path / "t", tmp_path / "moved")
    assert "error[PATH_NOT_FOUND]" in session.run("INSERT INTO t VALUES (3);")
    assert not (tmp_path / "t").exists()
    os.rename(tmp_path / "moved", tmp_path / "t")
    session.run("INSERT INTO t VALUES (4);")
    assert "│     7 │" in session.run("SELECT sum(a) AS total FROM t;")


def test_a_table_that_another_takes_the_place_of_is_the_other(prompt, tmp_path):
    session = prompt()
    session.run(f"CREATE TABLE t LOCATION '{tmp_path}/t' AS SELECT 1 AS a;")
    session.run("SELECT * FROM t;")
    session.run(f"CREATE TABLE u LOCATION '{tmp_path}/u' AS SELECT 5 AS b;")
    os.rename(tmp_path / "t", tmp_path / "old")
    os.rename(tmp_path / "u", tmp_path / "t")
    session.run("INSERT INTO t VALUES (6);")
    shown = session.run("SELECT sum(b) AS total FROM t;")
    assert "│    11 │" in shown, shown
    assert len(list((tmp_path / "old" / "_delta_log").glob("*.json"))) == 1


def test_a_lake_whose_metastore_is_replaced_takes_no_changes(prompt, tmp_path):
    session = prompt()
    session.run("CREATE TABLE t AS SELECT 1 AS a;")
    metastore = tmp_path / "lake" / "metastore.db"
    os.rename(metastore, metastore.with_suffix(".away"))
    assert "error[METASTORE_ERROR]" in session.run("CREATE TABLE u AS SELECT 1 AS a;")
    os.rename(metastore.with_suffix(".away"), metastore)
    session.run("CREATE TABLE u AS SELECT 1 AS a;")
    assert "│ 1 │" in session.run("SELECT * FROM u;")


def put_secret_at_terminal(home, keys):
    """Types at `tarn secrets put-secret`; its exit code, what was shown, and whether the terminal shows keys afterwards."""
    master, slave = pty.openpty()
    tarn_secrets(home, "create-scope", "vault")
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen([TARN, "secrets", "put-secret", "vault", "key", "--home", str(home / "lake")], stdin=slave,
                          stdout=slave, stderr=slave, env=env, start_new_session=True,
                          preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) as process:
        shown = ""
        while "value: " not in shown:
            shown += os.read(master, 4096).decode()
        for some in keys:
            os.write(master, some.encode())
        try:
            code = process.wait(timeout=30)
        finally:
            process.kill()
    while select.select([master], [], [], 0)[0]:
        shown += os.read(master, 4096).decode()
    echoes = bool(termios.tcgetattr(slave)[3] & termios.ECHO)
    os.close(slave)
    os.close(master)
    return code, shown, echoes


def tarn_secrets(home, *arguments):
    done = subprocess.run([TARN, "secrets", *arguments, "--home", str(home / "lake")], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout


def test_a_secret_that_is_typed_is_not_shown(tmp_path):
    code, shown, echoes = put_secret_at_terminal(tmp_path, ["hunter2\n"])
    assert (code, echoes) == (0, True)
    assert "hunter2" not in shown
    assert tarn_secrets(tmp_path, "list-secrets", "vault") == (0, "key\n")


def test_ctrl_c_at_a_secret_leaves_the_terminal_as_it_was(tmp_path):
    code, shown, echoes = put_secret_at_terminal(tmp_path, ["hunt", "\x03"])
    assert (code, echoes) == (130, True)
    assert "OPERATION_CANCELED" in shown and "hunt" not in shown
    assert tarn_secrets(tmp_path, "list-secrets", "vault") == (0, "")


def test_a_typed_line_that_the_terminal_cuts_is_refused(tmp_path):
    code, shown, _ = put_secret_at_terminal(tmp_path, ["x" * 2048, "x" * 2048 + "\n"])
    assert code == 1
    assert "4095 bytes" in shown
    assert tarn_secrets(tmp_path, "list-secrets", "vault") == (0, "")
