#!/usr/bin/env python3
"""Tests of tools/tidy: each rule finds its offender, and leaves what is allowed alone."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
LOADER = importlib.machinery.SourceFileLoader("tidy", str(HERE / "tidy"))
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", LOADER))
LOADER.exec_module(tidy)


class TidyTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        for room in tidy.LEVEL:
            self.write(f"src/{room}/CMakeLists.txt", "")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def rules(self):
        """The (file:line, rule) pairs found in the tree."""
        findings, _ = tidy.check_tree(self.root)
        return [tuple(f.split(": ")[:2]) for f in findings]

    def assert_found(self, text, rule, path="src/delta/a.cc"):
        self.write(path, text)
        self.assertEqual([(f"{path}:1", rule)], self.rules(), text)

    def assert_clean(self, text, path="src/delta/a.cc"):
        self.write(path, text)
        self.assertEqual([], self.rules(), text)

    def test_room_may_include_rooms_above_it(self):
        self.assert_clean('#include "tarn/base/result.h"\n#include "tarn/delta/log.h"\n#include "tarn/types/type.h"\n')

    def test_room_may_not_include_rooms_below_or_beside_it(self):
        self.assert_found('#include "tarn/plan/expr.h"\n', "room_order")
        self.assert_found('#include "tarn/sql/ast.h"\n', "room_order")
        self.assert_found('#include <tarn/session/session.h>\n', "room_order")

    def test_unknown_room_is_found(self):
        self.assert_found('#include "tarn/utils/x.h"\n', "room_order")

    def test_duckdb_is_fenced(self):
        for header in ("duckdb.hpp", "duckdb/main/connection.hpp", "parquet_reader.hpp"):
            self.assert_found(f'#include "{header}"\n', "duckdb_fence", "src/engine/plan.cc")
        (self.root / "src/engine/plan.cc").unlink()
        self.assert_clean('#include "duckdb.hpp"\n', "src/engine/duck/scan.cc")

    def test_forbidden_calls_are_found(self):
        for code, rule in (("std::cout << 1;", "console"), ("printf(\"x\");", "console"), ("int a = rand();", "random"),
                           ("auto t = time(nullptr);", "clock"), ("std::system(\"ls\");", "process"),
                           ("assert(x);", "assert"), ("exit(1);", "exit"), ("std::regex r;", "regex"),
                           ("throw 1;", "throw"), ("int a = std::stoi(s);", "parse_number"),
                           ("getenv(\"HOME\");", "environment"), ("strcpy(a, b);", "c_string"),
                           ("thread.detach();", "detach")):
            self.assert_found(code + "\n", rule)

    def test_look_alikes_are_left_alone(self):
        for code in ("clock.time(1);", "static_assert(true);", "snapshot->system();", "operand();", "// throw it",
                     'Say("assert(x) with time(0)");', "auto s = R\"(throw)\";", "int rethrow;", "Lifetime(x);",
                     "auto c = '\"'; int n = 1'000; // exit(1)"):
            self.assert_clean(code + "\n")

    def test_calls_are_allowed_where_they_belong(self):
        self.assert_clean("std::cout << 1;\n", "src/cli/main/main.cc")
        self.assert_clean("throw 1;\n", "src/engine/duck/a.cc")
        self.assert_clean("int a = std::stoi(s);\n", "src/delta/test/a_test.cc")

    def test_sleep_is_forbidden_in_tests(self):
        self.assert_found("std::this_thread::sleep_for(x);\n", "sleep", "src/delta/test/a_test.cc")

    def test_allowed_line_needs_a_reason(self):
        self.assert_clean("throw 1;  // tidy: allow(throw) the library's interface asks for it\n")
        self.assert_clean("// tidy: allow(throw) the library's interface asks for it\nthrow 1;\n")
        self.write("src/delta/a.cc", "throw 1;  // tidy: allow(throw)\n")
        self.assertEqual([("src/delta/a.cc:1", "throw")], self.rules())

    def test_stray_files_are_found(self):
        self.assert_found("int a;\n", "stray_file", "src/delta/test/helper.cc")
        (self.root / "src/delta/test/helper.cc").unlink()
        self.assert_found("#pragma once\n", "stray_file", "src/delta/lonely.h")
        self.write("src/delta/a.cc", '#include "lonely.h"\n')
        self.assertEqual([], self.rules())
        self.write("test/acceptance/area/case/script", "")
        self.write("test/suites/Bad", "")
        self.write("test/sql/joins/data.csv", "")
        self.assertEqual(["stray_file"] * 3, [rule for _, rule in self.rules()])

    def test_long_function_is_found(self):
        body = "  Call();\n" * 69
        self.assert_clean("int Good(int a) {\n" + body[:-10] + "}\n")
        self.assert_found("int Bad(int a,\n        int b) const {\n" + body + "}\n", "long_function")

    def test_long_class_with_short_functions_is_no_finding(self):
        methods = "".join(f"  int F{n}() {{\n    return 1;\n  }}\n" for n in range(40))
        self.assert_clean("namespace a {\nclass B : public C {\n" + methods + "};\n}  // namespace a\n")

    def test_list_of_long_functions_only_shrinks(self):
        listing = "tools/tidy_long_functions.txt"
        self.write("src/delta/a.cc", "int Bad() {\n" + "  Call();\n" * 80 + "}\n")
        self.write(listing, "src/delta/a.cc:Bad 82\n")
        self.assertEqual([], self.rules())
        self.write(listing, "src/delta/a.cc:Bad 81\n")
        self.assertEqual([("src/delta/a.cc:1", "long_function")], self.rules())
        self.write(listing, "src/delta/a.cc:Bad 82\nsrc/delta/a.cc:Gone 90\n")
        self.assertEqual([(listing + ":1", "long_function")], self.rules())

    def test_unknown_condition_is_found(self):
        self.write("src/base/error_table.inc", 'TARN_ERROR_ROW("KNOWN.SUB", "00000", 400)\n')
        self.assert_clean('Error A() { return Error(Condition("KNOWN.SUB")); }\n')
        self.assert_found('Error A() { return Error(Condition("KNOWN")); }\n', "condition")

    def test_condition_that_stands_twice_is_found(self):
        row = 'TARN_ERROR_ROW("KNOWN", "00000", 400)\n'
        self.write("src/base/error_table.inc", row + row)
        self.assertEqual([("src/base/error_table.inc:2", "condition")], self.rules())


if __name__ == "__main__":
    unittest.main()
