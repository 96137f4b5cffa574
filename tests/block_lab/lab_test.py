#!/usr/bin/env python3
"""The parts of the lab that need neither root nor a file system."""
import pathlib
import random
import sys
import tempfile
import unittest

import cache_subject
import crash_images
import crash_trial
import write_log
from crash_images import SECTOR_BYTES
from device_process import Medium
from recording import Recording
from write_log import FLUSH, SAID, WRITE, Entry

SECTORS = 8


def write(sector, letter, sectors=1):
    return Entry(WRITE, sector * SECTOR_BYTES, letter * (sectors * SECTOR_BYTES), bytes(sectors * SECTOR_BYTES))


def said(text):
    return Entry(SAID, 0, text.ljust(cache_subject.RECORD_BYTES - 1).encode() + b"\n", b"")


FLUSHED = Entry(FLUSH, 0, b"", b"")


class LogTest(unittest.TestCase):
    def test_what_is_encoded_is_decoded(self):
        entries = [write(1, b"a"), FLUSHED, said("O 1 0 0 0"), write(0, b"b", 2)]
        log = b"".join(write_log.encode(*entry) for entry in entries)
        self.assertEqual(write_log.decode(log), (entries, len(log)))

    def test_an_entry_that_is_being_written_waits(self):
        first = write_log.encode(*write(1, b"a"))
        log = first + write_log.encode(*write(2, b"b"))
        for length in range(len(first), len(log)):
            self.assertEqual(write_log.decode(log[:length]), ([write(1, b"a")], len(first)))

    def test_an_epoch_ends_at_a_flush(self):
        entries = [write(0, b"a"), said("O 1 0 0 0"), FLUSHED, FLUSHED, write(1, b"b"), write(2, b"c")]
        found = [(epoch.begin, epoch.end, [p for p, _ in epoch.writes]) for epoch in write_log.epochs(entries)]
        self.assertEqual(found, [(0, 2, [0]), (2, 3, []), (3, 6, [4, 5])])


class ImagesTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(self.folder.name) / "medium"
        path.write_bytes(bytes(SECTORS * SECTOR_BYTES))
        self.medium = Medium(path)

    def tearDown(self):
        self.medium.bytes.close()
        self.folder.cleanup()

    def letters(self):
        return "".join(chr(self.medium.bytes[i * SECTOR_BYTES] or ord("-")) for i in range(SECTORS)).rstrip("-")

    def images_of(self, entries):
        """{what is on the medium: its moments}"""
        epochs = write_log.epochs(entries)
        found = crash_images.find(epochs, self.medium, 4, random.Random(1))
        self.assertEqual(self.letters(), "")
        images = {}
        for image in found.images:
            for epoch in epochs[:image.epoch]:
                crash_images.put_all(self.medium, epoch)
            crash_images.put(self.medium, epochs[image.epoch], image.kept, image.torn)
            images[self.letters()] = image.moments
            self.medium.go_back(0)
        self.assertEqual(len(images), len(found.images), "two images are alike")
        return images

    def test_any_write_of_an_epoch_may_be_lost_until_it_is_flushed(self):
        images = self.images_of([write(0, b"a"), write(1, b"b"), FLUSHED, write(2, b"c")])
        self.assertEqual(set(images), {"", "a", "-b", "ab", "abc"})

    def test_later_writes_of_a_sector_win(self):
        self.assertEqual(set(self.images_of([write(0, b"a"), write(0, b"b")])), {"", "a", "b"})

    def test_the_same_bytes_are_one_image_with_all_its_moments(self):
        images = self.images_of([write(0, b"a"), FLUSHED, write(1, b"b"), FLUSHED, write(1, bytes(1)), write(2, b"c")])
        self.assertEqual(sorted(images["a"]), [(0, 1), (1, 3), (4, 6)])

    def test_a_write_of_several_sectors_tears(self):
        images = self.images_of([write(0, b"a", 3)])
        self.assertLess({"", "aaa"}, set(images))
        self.assertLessEqual(set(images), {"", "aaa", "a", "-a", "--a", "aa", "a-a", "-aa"})

    def test_a_large_epoch_has_each_alone_each_missing_and_every_prefix(self):
        count = crash_images.EVERY_SUBSET_UP_TO + 2
        letters = "abcdefg"[:count]
        subsets = crash_images.some_subsets(count, count, random.Random(1))
        texts = {"".join(letters[i] for i in subset) for subset in subsets}
        self.assertLessEqual({*letters, *(letters[:i] for i in range(count + 1))}, texts)
        self.assertLessEqual({letters.replace(letter, "") for letter in letters}, texts)

    def test_the_past_of_the_medium_can_be_had_again(self):
        self.medium.write(0, b"a" * SECTOR_BYTES)
        state = self.medium.state()
        self.medium.bytes[0:3 * SECTOR_BYTES] = b"d" * (3 * SECTOR_BYTES)  # the device does
        before = b"a" * SECTOR_BYTES + bytes(2 * SECTOR_BYTES)
        self.medium.written_by_device([Entry(WRITE, 0, b"d" * (3 * SECTOR_BYTES), before), FLUSHED])
        self.medium.go_back(state)
        self.assertEqual(self.letters(), "a")
        self.medium.go_back(0)
        self.assertEqual(self.letters(), "")

    def test_a_copy_is_the_medium(self):
        self.medium.write(3 * SECTOR_BYTES + 1, b"abc")
        path = pathlib.Path(self.folder.name) / "copy"
        self.medium.copy_to(path)
        self.assertEqual(path.read_bytes(), self.medium.bytes[:])


class LedgersTest(unittest.TestCase):
    ENTRIES = [said("O 1 0 0 0"), said("S 1 0 3 16777217"), write(0, b"a"), FLUSHED, said("A 1 0 3 16777217"),
               write(1, b"b"), said("E 1 0 3 0"), said("D 1 0 3 0"), FLUSHED]

    def debts(self, *moments):
        ledgers = Recording(self.ENTRIES, [cache_subject.Ledger()]).ledgers_at(moments)
        return [dict(cache_subject.debt(ledger)) for ledger in ledgers]

    def test_what_is_acknowledged_after_a_flush_is_not_owed_before_it(self):
        self.assertEqual(self.debts((0, 3)), [{}, {}, {}])

    def test_an_image_is_held_against_every_moment_at_which_it_may_arise(self):
        self.assertEqual(self.debts((3, 8)), [{}, {3: 16777217}, {}, {}])
        self.assertEqual(self.debts((0, 3), (5, 5)), [{}, {}, {}, {3: 16777217}])

    def test_the_strictest_ledgers_speak_for_the_others(self):
        ledgers = Recording(self.ENTRIES, [cache_subject.Ledger()]).ledgers_at([(0, 8)])
        strictest = crash_trial.strictest(cache_subject, ledgers)
        self.assertEqual([dict(cache_subject.debt(ledger)) for ledger in strictest], [{3: 16777217}])


if __name__ == "__main__":
    sys.exit(unittest.main())
