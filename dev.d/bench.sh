# ./dev bench [ARGUMENT...]: runs each benchmark program, one after the other; the arguments are for those that are
# Google Benchmark's (bench_*). The others print Markdown themselves and take --json FILE.
set -euo pipefail
source dev.d/common.sh

bash dev.d/deps.sh build
build_preset release
out=build/bench
mkdir -p "$out"
rm -f "$out"/*.json "$out"/*.md

failed=0
for program in build/release/bench/programs/*; do
  [[ -x $program && -f $program ]] || fail "no benchmarks were built"
  name=$(basename "$program")
  echo "== bench: $name"
  if [[ $name == bench_* ]]; then
    "$program" --benchmark_out="$out/$name.json" --benchmark_out_format=json "$@" || failed=1
    python3 bench/markdown.py "$out/$name.json" >"$out/$name.md" || failed=1
  else
    { echo "## $name" && echo && "$program" --json "$out/$name.json"; } | tee "$out/$name.md" || failed=1
  fi
done
cat "$out"/*.md >"$out/figures.markdown"
mv "$out/figures.markdown" "$out/figures.md"
echo "figures: $out/figures.md and $out/*.json"
((failed == 0))
