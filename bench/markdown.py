#!/usr/bin/env python3
"""Figures of Google Benchmark as Markdown: markdown.py FILE.json... writes to stdout.

Names are FAMILY/CASE...; the cases of a family stand together in the order in which they ran, so that a figure and its
yardstick are neighbours. Counters of a benchmark are columns; what a name says of the machine is in the JSON.
"""
import json
import pathlib
import sys

# What Google Benchmark itself says of each run; everything else is a counter of ours.
OWN_FIELDS = {
    "name", "run_name", "run_type", "family_index", "per_family_instance_index", "repetitions", "repetition_index",
    "threads", "iterations", "real_time", "cpu_time", "time_unit", "aggregate_name", "aggregate_unit", "label",
    "error_occurred", "error_message",
}


def number(value):
    if not isinstance(value, (int, float)):
        return str(value)
    if abs(value) >= 1e15 or (value and abs(value) < 1e-3):
        return f"{value:.3g}"
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def row(run, counters):
    if run.get("error_occurred"):
        cells = [f"failed: {run.get('error_message', '')}", ""] + ["" for _ in counters]
    else:
        cells = [f"{number(run[field])} {run['time_unit']}" for field in ("real_time", "cpu_time")]
        cells += [number(run[counter]) if counter in run else "" for counter in counters]
    return f"| {run['name']} | " + " | ".join(cells + [run.get("label", "")]) + " |"


def table(name, figures):
    runs = figures["benchmarks"]
    counters = sorted({field for run in runs for field in run} - OWN_FIELDS)
    context = figures["context"]
    columns = ["benchmark", "real time", "CPU time", *counters, "remark"]
    return "\n".join([
        f"## {name}", "",
        f"{context['num_cpus']} cores at {context['mhz_per_cpu']} MHz, {context['date']}, "
        f"load {'/'.join(number(load) for load in context.get('load_avg', [])) or 'unknown'}.", "",
        "| " + " | ".join(columns) + " |",
        "|" + " --- |" * len(columns),
        *(row(run, counters) for run in runs), ""])


def main():
    for file in map(pathlib.Path, sys.argv[1:]):
        print(table(file.stem, json.loads(file.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
