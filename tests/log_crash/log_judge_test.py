#!/usr/bin/env python3
"""The judge of the log finds what it is for."""
import pathlib
import sys
import tempfile
import unittest

import log_judge
import log_ledger

IDENTITY = 77
FIRST_RUN = 1 << 24
ONE, TWO, THREE, FOUR = (FIRST_RUN + number for number in range(2, 6))


def frame(number, at, sequence, content):
    body = log_judge.body_of(content)
    rest = log_judge.FRAME_HEADER.pack(b"WTLF", 0, IDENTITY, sequence, sequence - 1, len(body), log_judge.crc32c(body),
                                       len(log_judge.items_of(content)), 0)[8:]
    place = log_judge.struct.pack("<QQ", number, at)
    return log_judge.struct.pack("<4sI", b"WTLF", log_judge.crc32c(place + rest)) + rest + body


def segment(number, first, contents, identity=IDENTITY):
    rest = log_judge.SEGMENT_HEADER.pack(b"WTLS", 0, 1, 0, identity, number, first, first - 1)[8:]
    data = log_judge.struct.pack("<4sI", b"WTLS", log_judge.crc32c(rest)) + rest
    for sequence, content in enumerate(contents, first):
        data += frame(number, len(data), sequence, content)
    return data


def ledger_of(*records):
    ledger = log_ledger.Ledger()
    for record in records:
        ledger.add(record.ljust(63).encode() + b"\n")
    return ledger


TWO_BATCHES = ("O 1 0 0 0", "R 1 0 0 0", f"S 1 0 0 {ONE}", f"A 1 0 1 {ONE}", f"S 1 0 0 {TWO}", f"A 1 0 2 {TWO}")


class LedgerTest(unittest.TestCase):
    def wrong(self, batches, *more):
        return ledger_of(*TWO_BATCHES, *more).check(batches)

    def test_what_was_acknowledged_is_owed(self):
        self.assertEqual(self.wrong([(1, ONE), (2, TWO)]), [])
        self.assertEqual(len(self.wrong([(1, ONE)])), 1)
        self.assertEqual(len(self.wrong([(2, TWO)])), 1)

    def test_in_its_place_and_once(self):
        self.assertTrue(self.wrong([(1, TWO), (2, ONE)]))
        self.assertTrue(self.wrong([(1, ONE), (2, TWO), (2, TWO)]))

    def test_what_was_being_appended_may_be_there(self):
        self.assertEqual(self.wrong([(1, ONE), (2, TWO), (3, THREE)], f"S 1 0 0 {THREE}"), [])
        self.assertEqual(self.wrong([(1, ONE), (2, TWO)], f"S 1 0 0 {THREE}"), [])
        self.assertTrue(self.wrong([(1, ONE), (2, TWO), (3, THREE)]))
        self.assertTrue(self.wrong([(1, ONE), (2, TWO), (3, THREE), (4, FOUR)], f"S 1 0 0 {THREE}"))

    def test_what_failed_may_be_there_until_another_batch_is(self):
        failed = (f"S 1 0 0 {THREE}", f"F 1 0 0 {THREE}", f"S 1 0 0 {FOUR}")
        for last in (THREE, FOUR):
            self.assertEqual(self.wrong([(1, ONE), (2, TWO), (3, last)], *failed), [])
        self.assertTrue(self.wrong([(1, ONE), (2, TWO), (3, THREE)], *failed, f"A 1 0 3 {FOUR}"))
        self.assertTrue(self.wrong([(1, ONE), (2, TWO), (3, THREE)], *failed, f"N 1 0 0 {THREE}"))

    def test_what_a_start_did_not_find_is_never_there_again(self):
        start = (f"S 1 0 0 {THREE}", "O 2 0 0 0", f"H 2 0 1 {ONE}", f"H 2 0 2 {TWO}", "R 2 0 0 0")
        self.assertEqual(self.wrong([(1, ONE), (2, TWO)], *start), [])
        self.assertTrue(self.wrong([(1, ONE), (2, TWO), (3, THREE)], *start))

    def test_what_a_start_found_is_owed_from_then_on(self):
        start = (f"S 1 0 0 {THREE}", "O 2 0 0 0", f"H 2 0 1 {ONE}", f"H 2 0 2 {TWO}", f"H 2 0 3 {THREE}", "R 2 0 0 0")
        self.assertTrue(self.wrong([(1, ONE), (2, TWO)], *start))
        self.assertEqual(self.wrong([(1, ONE), (2, TWO), (3, THREE)], *start), [])

    def test_a_start_that_misses_a_batch_is_wrong(self):
        self.assertEqual(len(ledger_of(*TWO_BATCHES, "O 2 0 0 0", f"H 2 0 1 {ONE}", "R 2 0 0 0").wrong), 1)

    def test_dropped_batches_may_be_there_and_leave_no_hole(self):
        self.assertEqual(self.wrong([(2, TWO)], "E 1 0 2 0"), [])
        self.assertEqual(self.wrong([(1, ONE), (2, TWO)], "E 1 0 2 0"), [])
        self.assertTrue(self.wrong([(1, ONE), (3, THREE)], f"S 1 0 0 {THREE}", f"A 1 0 3 {THREE}", "E 1 0 3 0"))
        self.assertTrue(self.wrong([(1, ONE)], "E 1 0 2 0"))

    def test_an_acknowledgement_out_of_turn_is_wrong(self):
        self.assertEqual(len(ledger_of(*TWO_BATCHES, f"A 1 0 4 {FOUR}").wrong), 1)

    def test_what_the_program_complains_of_is_wrong(self):
        self.assertEqual(ledger_of("O 1 0 0 0", "X 1 0 0 0 rot").wrong, ["run 1: rot"])


class DirectoryTest(unittest.TestCase):
    def judge(self, files, after_a_start=True):
        with tempfile.TemporaryDirectory() as folder:
            for name, data in files.items():
                (pathlib.Path(folder) / name).write_bytes(data)
            return log_judge.judge(ledger_of(*TWO_BATCHES), pathlib.Path(folder), after_a_start)

    def segments(self, *datas):
        return self.judge({f"log-{number:016x}": data for number, data in enumerate(datas)})

    def test_a_log_that_holds_what_is_owed_is_right(self):
        self.assertEqual(self.segments(segment(0, 1, [ONE, TWO])), [])
        self.assertEqual(self.segments(segment(0, 1, [ONE]), segment(1, 2, [TWO])), [])

    def test_a_later_segment_voids_what_the_older_one_has_from_its_beginning_on(self):
        self.assertEqual(self.segments(segment(0, 1, [ONE, FOUR]), segment(1, 2, [TWO])), [])

    def test_a_torn_tail_is_no_batch(self):
        whole = segment(0, 1, [ONE, TWO])
        self.assertEqual(self.segments(whole + frame(0, len(whole), 3, THREE)[:-1]), [])
        self.assertEqual(len(self.segments(whole[:-1])), 1)

    def test_every_flipped_bit_is_wrong(self):
        whole = segment(0, 1, [ONE, TWO])
        for at in [*range(110), *range(110, len(whole), 13)]:
            self.assertTrue(self.segments(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]), at)

    def test_a_frame_that_stands_elsewhere_is_none(self):
        self.assertTrue(self.segments(segment(0, 1, [ONE]) + frame(0, 48, 2, TWO)))

    def test_segments_of_two_logs_are_wrong(self):
        self.assertTrue(self.segments(segment(0, 1, [ONE]), segment(1, 2, [TWO]), segment(2, 3, [], IDENTITY + 1)))

    def test_a_segment_in_the_making_may_be_there_before_a_start_only(self):
        files = {"log-0000000000000000": segment(0, 1, [ONE, TWO]), "log.new": b""}
        self.assertEqual(self.judge(files, after_a_start=False), [])
        self.assertEqual(len(self.judge(files)), 1)

    def test_strange_names_are_wrong(self):
        self.assertTrue(self.judge({"log-0000000000000000": segment(0, 1, [ONE, TWO]), "notes": b""}))


if __name__ == "__main__":
    sys.exit(unittest.main())
