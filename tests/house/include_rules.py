#!/usr/bin/env python3
"""Who may include whom.

  model   nothing of ours outside model/
  impl    only impl/
  sim     of impl only the runtime concept: runtime.h and the headers directly in impl/runtime/; never a production
          world (the folders below impl/runtime/) nor a component
  props   model/, impl/, sim/ and itself
  tools, tests, bench, examples: anything; and none of the rooms above includes these

An include of ours is written <wavetank/ROOM/...>; in quotes it could name a file outside the rules, so quotes are an
error in the four rooms. Usage: include_rules.py ROOT; exit 1 with one line for each violation.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*(?:include|include_next|import)\s*(?:<([^>]+)>|"([^"]+)")')
OURS = "wavetank/"


def runtime_concept(path):
    return re.fullmatch(r"impl/(runtime\.h|runtime/[^/]+\.h)", path) is not None


def within(*rooms):
    return lambda path: path.split("/")[0] in rooms


MAY_INCLUDE = {
    "model": within("model"),
    "impl": within("impl"),
    "sim": lambda path: within("sim")(path) or runtime_concept(path),
    "props": within("model", "impl", "sim", "props"),
}


def violations_in(room, name, text):
    for number, line in enumerate(text.splitlines(), start=1):
        found = INCLUDE.match(line)
        if found is None:
            continue
        bracketed, quoted = found.groups()
        if quoted is not None:
            yield f'{name}:{number}: "{quoted}" in quotes: write <wavetank/...> or <...>'
        elif bracketed.startswith(OURS) and not MAY_INCLUDE[room](bracketed[len(OURS):]):
            yield f"{name}:{number}: {room}/ may not include {bracketed[len(OURS):]}"


def violations(root):
    seen = 0
    for room in sorted(MAY_INCLUDE):
        for file in sorted((root / room).rglob("*")):
            if file.suffix in (".h", ".cpp") and "mutants" not in file.relative_to(root).parts:
                seen += 1
                yield from violations_in(room, str(file.relative_to(root)), file.read_text(encoding="utf-8"))
    if seen == 0:
        yield f"{root}: no sources found; is this the project's root?"


def main():
    found = list(violations(pathlib.Path(sys.argv[1])))
    for violation in found:
        print(violation, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
