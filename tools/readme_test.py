"""README.md claims only what tests show: what its table links to exists, and its suites are run."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent


class ReadmeTest(unittest.TestCase):
    def setUp(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        table = text[text.index("## What works"):text.index("\nNot yet")]
        self.rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
        self.text = text

    def test_each_row_names_tests(self):
        for row in self.rows:
            self.assertRegex(row, r"suite `|\]\(test/|\]\(samples/", row)

    def test_suites_are_run(self):
        waiting = {line.split()[0] for line in (ROOT / "test/open_suites").read_text(encoding="utf-8").splitlines()
                   if line.strip() and not line.startswith("#")}
        for suite in re.findall(r"suite `([^`]+)`", "\n".join(self.rows)):
            self.assertTrue((ROOT / "test/suites" / suite).exists(), suite)
            self.assertNotIn(suite, waiting)

    def test_links_lead_somewhere(self):
        for target in re.findall(r"\]\(([^)#:]+)\)", self.text):
            self.assertTrue((ROOT / target).exists(), target)

    def test_reference_names_each_option(self):
        sources = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src/cli").glob("*.cc"))
        reference = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
        for option in sorted(set(re.findall(r'"(?:-\w,)?(--[a-z-]+)"', sources)) - {"--help", "--version"}):
            self.assertIn(option, reference)


if __name__ == "__main__":
    unittest.main()
