"""One file system and one program: rounds of work, and the power cuts of each."""
import os
import random
import time
from decimal import Decimal
from typing import NamedTuple

import crash_images
import crash_trial
import failure_report
import linux_devices
import recording
from device_process import Device


# How libcareless_sync.so is to be.
CARELESS = {"file_sync": "files", "directory_sync": "directories", "failed_sync": "failures"}


SYNCS_OF_A_LIFE = (1, 60)  # about as many as the records of a run take


class Effort(NamedTuple):
    images: int          # that are tried of one recording
    most_of_a_kind: int  # that are made of one epoch


FIRST_CUT = Effort(150, 16)
SECOND_CUT = Effort(6, 3)
ONE_IN_SO_MANY_IS_CUT_AGAIN = 12


class Counts:
    def __init__(self):
        self.rounds = self.records = self.epochs = self.possible = self.made = self.distinct = 0
        self.mounted = self.cut_again = self.judged = self.failures = 0

    def __str__(self):
        return (f"{self.rounds} rounds, {self.records} records ({self.failures} of failures), {self.epochs} epochs; "
                f"images: {Decimal(self.possible):.3g} possible, {self.made} made, {self.distinct} distinct, "
                f"{self.mounted} mounted ({self.cut_again} after a second cut), {self.judged} judgements")


class Lab:
    """`work` is an empty folder, best in memory. To be closed whatever happens."""

    def __init__(self, kind, subject, work, options):
        self.kind, self.subject, self.options = kind, subject, options
        self.program = options.build / "tests" / subject.PROGRAM
        self.source = random.Random(f"{options.seed} {kind.name} {subject.__name__}")
        self.mount = work / "mount"
        self.mount.mkdir()
        self.directory = self.mount / "directory"
        self.counts = Counts()
        self.faults = options.faults or options.broken == "failed_sync"
        self.runs = 0
        self.deadline = time.monotonic() + options.seconds
        medium = work / "medium"
        kind.create(medium)
        self.device = Device(medium, work, lying=options.broken == "device")

    def close(self):
        linux_devices.unmount_at_last(self.mount)
        self.device.close()

    def environment(self):
        """In which the program works; it recovers in a sound one."""
        libraries = self.options.build.resolve() / "tests/block_lab"
        if self.options.broken in CARELESS:
            careless = libraries / "libcareless_sync.so"
            return {**os.environ, "LD_PRELOAD": str(careless), "CARELESS_SYNC": CARELESS[self.options.broken]}
        death = libraries / "libsudden_death.so"
        if not death.exists():  # a build with sanitizers
            return os.environ
        return {**os.environ, "LD_PRELOAD": str(death), "DIE_BEFORE_SYNC": str(self.source.randint(*SYNCS_OF_A_LIFE))}

    def work(self):
        """Until the images or the time are used up, or something is wrong: that."""
        ledger = self.subject.Ledger()
        wrong = []
        while not wrong and not self.is_over():
            wrong, ledger = self.round(ledger)
        return wrong

    def is_over(self):
        return self.counts.mounted >= self.options.images or time.monotonic() > self.deadline

    def round(self, ledger):
        """What is wrong, and the ledger of its end. The medium goes on from there."""
        medium = self.device.medium
        beginning = medium.state()
        made, wrong = recording.record(self, ledger)
        self.counts.rounds += 1
        self.counts.records += len(made.said_at)
        last = made.ledgers_after[-1][0]
        medium.go_back(beginning)
        wrong += last.wrong + self.unasked_faults(last)
        if not wrong:
            wrong = self.explore(made, FIRST_CUT, self.cut_again)
        for epoch in made.epochs:
            crash_images.put_all(medium, epoch)
        medium.forget_the_past()
        return wrong, last

    def unasked_faults(self, ledger):
        self.counts.failures = ledger.counts.get("F", 0)
        unasked = self.counts.failures != 0 and not self.faults
        return [f"{self.counts.failures} calls failed, and no write did"] if unasked else []

    def explore(self, made, effort, and_then):
        """Tries images of a recording that begins at the medium's state, which stays as it is."""
        medium = self.device.medium
        beginning = medium.state()
        found = crash_images.find(made.epochs, medium, effort.most_of_a_kind, self.source)
        self.counts.epochs += len(made.epochs)
        self.counts.possible += found.possible
        self.counts.made += found.made
        self.counts.distinct += len(found.images)
        chosen = self.source.sample(found.images, min(effort.images, len(found.images)))
        wrong = []
        epochs_done = 0
        for image in sorted(chosen, key=lambda image: image.epoch):
            for epoch in made.epochs[epochs_done:image.epoch]:
                crash_images.put_all(medium, epoch)
            epochs_done = image.epoch
            wrong = self.try_image(made, image, and_then)
            if wrong or self.is_over():
                break
        medium.go_back(beginning)
        return wrong

    def try_image(self, made, image, and_then):
        """What is wrong with it. The medium is at the end of the epoch before, and stays there."""
        medium = self.device.medium
        before = medium.state()
        crash_images.put(medium, made.epochs[image.epoch], image.kept, image.torn)
        as_cut = medium.state()
        ledgers = crash_trial.strictest(self.subject, made.ledgers_at(image.moments))
        verdict = crash_trial.examine_medium(self, ledgers)
        self.counts.mounted += 1
        self.counts.judged += 2 * len(ledgers)
        medium.go_back(as_cut)
        wrong = [] if verdict.wrong else and_then(verdict, ledgers)
        medium.go_back(before)
        if verdict.wrong:
            return failure_report.report(self, made, image, verdict.wrong)
        return [crash_images.describe(made.epochs, image), *wrong] if wrong else []

    def cut_again(self, verdict, ledgers):
        """Now and then, a second power cut while the image recovers."""
        if self.source.randrange(ONE_IN_SO_MANY_IS_CUT_AGAIN) != 0:
            return []
        mounted = self.counts.mounted
        recovery = recording.Recording(verdict.entries, ledgers)
        wrong = self.explore(recovery, SECOND_CUT, lambda _verdict, _ledgers: [])
        self.counts.cut_again += self.counts.mounted - mounted
        return wrong
