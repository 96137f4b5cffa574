"""The include rules catch a planted violation of each kind, and accept what is allowed."""
import pathlib
import tempfile
import unittest

import include_rules


class IncludeRules(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.plant("model/fine.h", "#include <vector>\n#include <wavetank/model/other.h>")

    def plant(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n", encoding="utf-8")

    def found(self):
        return list(include_rules.violations(self.root))

    def test_allowed_includes_pass(self):
        self.plant("impl/a.h", "#include <wavetank/impl/runtime/thread/thread_runtime.h>")
        self.plant("sim/a.h", "#include <wavetank/impl/runtime.h>\n#include <wavetank/impl/runtime/log.h>")
        self.plant("props/a.cpp", "#include <wavetank/sim/world.h>\n#include <wavetank/impl/runtime.h>")
        self.plant("tools/a.cpp", '#include "anything.h"\n#include <wavetank/props/a.h>')
        self.assertEqual(self.found(), [])

    def test_each_forbidden_direction_is_named_with_file_and_line(self):
        for room, target in [
            ("model", "impl/runtime.h"),
            ("model", "sim/world.h"),
            ("impl", "model/state_machine.h"),
            ("impl", "sim/world.h"),
            ("sim", "model/state_machine.h"),
            ("sim", "impl/counting_semaphore.h"),
            ("sim", "impl/runtime/thread/thread_runtime.h"),
            ("sim", "impl/runtime/fiber/fiber_runtime.h"),
            ("props", "tools/lin_command.h"),
            ("props", "tests/any.h"),
            ("sim", "bench/any.h"),
        ]:
            with self.subTest(room=room, target=target):
                self.plant(f"{room}/planted.cpp", f"// first line\n #  include <wavetank/{target}>")
                self.assertEqual(self.found(), [f"{room}/planted.cpp:2: {room}/ may not include {target}"])
                (self.root / room / "planted.cpp").unlink()

    def test_quotes_cannot_hide_an_include(self):
        self.plant("sim/planted.h", '#include "../impl/counting_semaphore.h"')
        self.assertEqual(len(self.found()), 1)

    def test_a_folder_without_sources_is_no_pass(self):
        (self.root / "model/fine.h").unlink()
        self.assertEqual(len(self.found()), 1)


if __name__ == "__main__":
    unittest.main()
