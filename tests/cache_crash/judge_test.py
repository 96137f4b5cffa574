#!/usr/bin/env python3
"""The judges of kill_test.py find what they are for."""
import pathlib
import sys
import tempfile
import unittest

import crash_ledger
import directory_judge
from directory_judge import kvc_reference

KEY, CONTENT, OTHER = 3, (1 << 24) + 1, (1 << 24) + 2


def file_of(key, content, hits=0):
    meta = {"fingerprint": bytes(32), "fingerprint_mode": 0, "quant": 0, "quant_bits": 0, "ctx_params_hash": bytes(32),
            "tokens": [key], "context_size": 1, "save_reason": 0, "hit_count": hits, "creation_time": 0, "last_use": 0,
            "prompt": b"", "hostname": None, "library_version": None, "save_reason_detail": None}
    return f"{kvc_reference.key(meta)}.kvc", kvc_reference.write(meta, directory_judge.payload(key, content))


def ledger_of(*records):
    ledger = crash_ledger.Ledger()
    for record in records:
        ledger.add(record.ljust(63).encode() + b"\n")
    return ledger


SAVED = ("O 1 0 0 0", f"S 1 0 {KEY} {CONTENT}", f"A 1 0 {KEY} {CONTENT}")


class LedgerTest(unittest.TestCase):
    def test_what_was_acknowledged_is_owed(self):
        self.assertEqual(ledger_of(*SAVED).owed, {KEY: CONTENT})

    def test_what_was_begun_is_not(self):
        self.assertEqual(ledger_of(*SAVED[:2]).owed, {})

    def test_what_failed_is_not(self):
        self.assertEqual(ledger_of(*SAVED[:2], f"F 1 0 {KEY} {CONTENT} a file call failed").owed, {})

    def test_present_is_owed_with_some_content(self):
        present = ledger_of(SAVED[0], SAVED[1], f"P 1 0 {KEY} {CONTENT}")
        self.assertEqual(present.owed, {KEY: crash_ledger.SOME_CONTENT})

    def test_an_eviction_ends_the_debt_from_its_beginning(self):
        self.assertEqual(ledger_of(*SAVED, f"E 1 1 {KEY} 0").owed, {})

    def test_an_eviction_under_way_may_take_a_save(self):
        self.assertEqual(ledger_of(SAVED[0], f"E 1 1 {KEY} 0", *SAVED[1:]).owed, {})
        self.assertEqual(ledger_of(*SAVED[:2], f"E 1 1 {KEY} 0", f"D 1 1 {KEY} 0", SAVED[2]).owed, {})

    def test_an_eviction_of_the_dead_takes_nothing(self):
        self.assertEqual(ledger_of("O 0 0 0 0", f"E 0 1 {KEY} 0", *SAVED).owed, {KEY: CONTENT})

    def test_a_start_that_finds_it_is_right(self):
        self.assertEqual(ledger_of(*SAVED, "O 2 0 0 0", f"H 2 0 {KEY} {CONTENT}", "R 2 0 0 0").wrong, [])

    def test_what_a_start_found_is_owed_from_then_on(self):
        found = ledger_of(*SAVED[:2], "O 2 0 0 0", f"H 2 0 {KEY} {CONTENT}", "R 2 0 0 0")
        self.assertEqual(found.owed, {KEY: CONTENT})

    def test_a_start_that_misses_it_is_wrong(self):
        self.assertEqual(len(ledger_of(*SAVED, "O 2 0 0 0", "R 2 0 0 0").wrong), 1)

    def test_a_start_that_finds_another_content_is_wrong(self):
        self.assertEqual(len(ledger_of(*SAVED, f"S 1 0 {KEY} {OTHER}", "O 2 0 0 0", f"H 2 0 {KEY} {OTHER}").wrong), 1)

    def test_a_second_save_of_a_row_that_is_there_is_wrong(self):
        self.assertEqual(len(ledger_of(*SAVED, f"S 1 0 {KEY} {OTHER}", f"A 1 0 {KEY} {OTHER}").wrong), 1)

    def test_what_a_writer_complains_of_is_wrong(self):
        self.assertEqual(ledger_of(SAVED[0], f"X 1 0 {KEY} 0 not loaded").wrong, [f"run 1, key {KEY}: not loaded"])

    def test_two_at_work_in_one_directory_are_wrong(self):
        self.assertEqual(len(ledger_of("O 2 0 0 0", *SAVED, "D 2 0 0 0").wrong), 1)

    def test_a_record_that_is_cut_short_is_wrong(self):
        ledger = crash_ledger.Ledger()
        ledger.add(b"O 1 0")
        self.assertEqual(len(ledger.wrong), 1)


class DirectoryTest(unittest.TestCase):
    def judge(self, files, ledger=None, after_a_start=True):
        with tempfile.TemporaryDirectory() as folder:
            for name, data in files.items():
                (pathlib.Path(folder) / name).parent.mkdir(exist_ok=True)
                (pathlib.Path(folder) / name).write_bytes(data)
            return directory_judge.judge(ledger or ledger_of(*SAVED), pathlib.Path(folder), after_a_start)[0]

    def test_a_file_that_is_owed_is_right(self):
        self.assertEqual(self.judge(dict([file_of(KEY, CONTENT)])), [])
        self.assertEqual(self.judge(dict([file_of(KEY, CONTENT, hits=5)])), [])

    def test_a_missing_file_is_wrong(self):
        self.assertEqual(len(self.judge({})), 1)

    def test_every_flipped_bit_is_wrong_but_for_hits_and_uses(self):
        name, data = file_of(KEY, CONTENT)
        for at in [*range(12), *range(16, 32), *range(40, len(data), 7)]:
            flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
            self.assertTrue(self.judge({name: flipped}), at)

    def test_every_shorter_file_is_wrong(self):
        name, data = file_of(KEY, CONTENT)
        for size in range(0, len(data), 13):
            self.assertTrue(self.judge({name: data[:size]}), size)

    def test_a_content_that_nobody_attempted_is_wrong(self):
        self.assertTrue(self.judge(dict([file_of(KEY, OTHER)])))

    def test_a_content_that_was_replaced_unasked_is_wrong(self):
        ledger = ledger_of(*SAVED, f"S 1 1 {KEY} {OTHER}")
        self.assertTrue(self.judge(dict([file_of(KEY, OTHER)]), ledger))

    def test_a_name_of_another_key_is_wrong(self):
        self.assertTrue(self.judge({file_of(KEY + 1, CONTENT)[0]: file_of(KEY, CONTENT)[1]}))

    def test_temporary_files_may_be_there_before_a_start_only(self):
        name, data = file_of(KEY, CONTENT)
        files = {name: data, f"{name}.a1.tmp": b""}
        self.assertEqual(self.judge(files, after_a_start=False), [])
        self.assertEqual(len(self.judge(files)), 1)

    def test_anything_in_the_quarantine_is_wrong(self):
        name, data = file_of(KEY, CONTENT)
        self.assertEqual(len(self.judge({name: data, f"quarantine/{name}": data})), 1)

    def test_strange_names_are_wrong(self):
        self.assertEqual(len(self.judge(dict([file_of(KEY, CONTENT), ("notes", b"")]))), 1)


if __name__ == "__main__":
    sys.exit(unittest.main())
