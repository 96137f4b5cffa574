"""A copy of the sources in which mutants are planted one after the other, so that each costs an incremental build."""
import filecmp
import os
import shutil
import subprocess


class Failed(Exception):
    """A command that had to succeed did not; the message ends with its last lines."""


def last_lines(text, count=30):
    return "\n".join(text.strip().splitlines()[-count:])


class Tree:
    """Sources and build of one worker. Not safe for several threads."""

    def __init__(self, source, root, jobs):
        self.source = source
        self.root = root
        self.build = root / "build/release"
        self.jobs = jobs
        # The parent's repository must stay out of sight of `git apply`, which would look for the files there; and
        # objects are shared through ccache with every other build, because paths below the root count as relative.
        self.environment = dict(os.environ, GIT_CEILING_DIRECTORIES=str(root.parent), CCACHE_BASEDIR=str(root),
                                CCACHE_NOHASHDIR="1")

    def run(self, *command, check=True):
        done = subprocess.run(command, cwd=self.root, env=self.environment, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if check and done.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))}: exit {done.returncode}\n{last_lines(done.stdout)}")
        return done

    def copy_sources(self):
        """Makes the copy what the sources are; files that are the same keep their time and need no build."""
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                cwd=self.source, check=True, stdout=subprocess.PIPE, text=True).stdout
        wanted = {name for name in listed.split("\0") if name and (self.source / name).is_file()}
        for name in sorted(wanted):
            self.restore(name)
        for file in sorted(self.root.rglob("*")):
            name = file.relative_to(self.root)
            if file.is_file() and name.parts[0] != "build" and str(name) not in wanted:
                file.unlink()

    def restore(self, name):
        target = self.root / name
        if not (self.source / name).is_file():
            target.unlink(missing_ok=True)
        elif not target.is_file() or not filecmp.cmp(self.source / name, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.source / name, target)
            shutil.copymode(self.source / name, target)

    def configure(self):
        self.run("cmake", "--preset", "release", "-DWAVETANK_HOUSE_TESTS=OFF", "-DWAVETANK_BENCH=OFF",
                 "-DWAVETANK_DEBUG_COMMAND=")

    def compile(self, targets):
        self.run("cmake", "--build", str(self.build), "--parallel", str(self.jobs), "--target", *targets)

    def plant(self, mutant):
        self.run("git", "apply", "--whitespace=nowarn", str(mutant.file))
        unchanged = [name for name in mutant.touches
                     if (self.source / name).is_file() and (self.root / name).is_file() and
                     filecmp.cmp(self.source / name, self.root / name, shallow=False)]
        if unchanged:
            raise Failed(f"the patch left {unchanged[0]} as it was")

    def uproot(self, mutant):
        for name in mutant.touches:
            self.restore(name)
