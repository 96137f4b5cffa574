"""The kill matrix as Markdown, for people, and as JSON."""
import json
import math


def percentile(values, share):
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def cell(outcomes):
    """One mutant at one level, under each seed: `12 / 0.1 s` is schedules and seconds until it was found."""
    if not outcomes:
        return ""
    killed = [o for o in outcomes if o.killed]
    if not killed:
        return "survives"
    schedules = [o.schedules for o in killed if o.schedules is not None]
    seconds = percentile([o.seconds for o in killed], 0.5)
    shown = f"{seconds:.1f} s"
    if schedules:
        shown = f"{percentile(schedules, 0.5)} / {shown}"
    if len(outcomes) > 1:
        tail = f", p95 {percentile(schedules, 0.95)}" if schedules else ""
        shown = f"{len(killed)} of {len(outcomes)}: {shown}{tail}"
    return shown


def verdict(row):
    if row.error:
        return row.error.splitlines()[0]
    if not row.killed():
        return "SURVIVES EVERYTHING"
    missed = row.missed_claims()
    return f"NOT CAUGHT BY {', '.join(missed)}" if missed else row.first_check()


def markdown(rows, levels, seeds):
    shown = [level for level in levels if any(row.outcomes.get(level.name) for row in rows)]
    text = ["# Kill matrix", "", f"{sum(row.killed() for row in rows)} of {len(rows)} mutants are caught. "
            "A cell says how many schedules and seconds it took; an empty one, that the level does not look at such a "
            f"mutant.{' Medians over the seeds that caught it.' if seeds > 1 else ''}", "",
            "| mutant | " + " | ".join(level.name for level in shown) + " | first caught by |",
            "| --- |" + " --- |" * (len(shown) + 1)]
    for row in rows:
        cells = [cell(row.outcomes.get(level.name)) for level in shown]
        text.append(f"| {row.mutant.family}/{row.mutant.name} | " + " | ".join(cells) + f" | {verdict(row)} |")
    text += ["", "## The bugs", ""]
    text += [f"- `{row.mutant.family}/{row.mutant.name}`: {row.mutant.bug}" for row in rows]
    return "\n".join(text) + "\n"


def as_json(rows, seeds):
    def of(row):
        return {
            "family": row.mutant.family, "name": row.mutant.name, "bug": row.mutant.bug, "killed": row.killed(),
            "first_check": row.first_check(), "missed_claims": row.missed_claims(), "error": row.error,
            "build_seconds": round(row.build_seconds, 1),
            "levels": {name: [vars(outcome) for outcome in outcomes] for name, outcomes in row.outcomes.items()},
        }
    return json.dumps({"seeds": seeds, "caught": sum(row.killed() for row in rows), "mutants": [of(r) for r in rows]},
                      indent=1) + "\n"
