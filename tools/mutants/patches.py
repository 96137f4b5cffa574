"""Mutants: patches that each plant one real bug.

A mutant is a file FAMILY/NAME.patch. It opens with lines

    # bug: what is wrong, in one sentence
    # caught by: what must catch it; may be given several times
    # component: the one whose properties are run   (default: all that the level looks at)

then a patch against the project's root. What must catch it is either names of levels that look at its family, separated
by commas, or a regular expression of tests as for `ctest -R`; the latter is the level `tests`.
"""
import dataclasses
import pathlib
import re


class BadPatch(Exception):
    """A patch file that is not what this page says; the message names the file."""


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    family: str
    file: pathlib.Path
    bug: str
    must_be_caught_by: tuple  # of names of levels
    tests: str  # regular expression, or empty
    component: str  # or empty
    touches: tuple  # of paths below the root


def read(file, levels_of_family):
    level_names = levels_of_family.get(file.parent.name, ())
    text = file.read_text(encoding="utf-8")
    said = {}
    for key, value in re.findall(r"^# (bug|caught by|component):\s*(.*?)\s*$", text, re.MULTILINE):
        said.setdefault(key, []).append(value)
    if len(said.get("bug", [])) != 1 or not said["bug"][0]:
        raise BadPatch(f"{file}: needs one line '# bug: what is wrong'")
    if not said.get("caught by"):
        raise BadPatch(f"{file}: needs a line '# caught by: levels, or a regular expression of tests'")

    levels, expressions = [], []
    for line in said["caught by"]:
        names = [name.strip() for name in line.split(",")]
        if all(name in level_names for name in names):
            levels += names
        else:
            expressions.append(check_expression(file, line))
    if expressions:
        levels.append("tests")
    touches = re.findall(r"^\+\+\+ b/(\S+)", text, re.MULTILINE)
    if not touches:
        raise BadPatch(f"{file}: holds no patch ('+++ b/FILE')")
    return Mutant(name=file.stem, family=file.parent.name, file=file.resolve(), bug=said["bug"][0],
                  must_be_caught_by=tuple(dict.fromkeys(levels)), tests="|".join(expressions),
                  component="".join(said.get("component", [])),
                  touches=tuple(dict.fromkeys(touches)))


def check_expression(file, line):
    try:
        re.compile(line)
    except re.error as error:
        raise BadPatch(f"{file}: '{line}' is neither levels nor a regular expression: {error}") from error
    return line


def read_all(folder, levels_of_family):
    """`levels_of_family`: names of the levels that look at each family."""
    mutants = [read(file, levels_of_family) for file in sorted(folder.glob("*/*.patch"))]
    if not mutants:
        raise BadPatch(f"{folder}: no mutants; they are FAMILY/NAME.patch")
    return mutants
