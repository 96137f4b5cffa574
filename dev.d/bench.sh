# ./dev bench [ARGUMENT...]: runs each benchmark program with these Google Benchmark arguments, one after the other.
set -euo pipefail
source dev.d/common.sh

bash dev.d/deps.sh build
build_preset release
out=build/bench
mkdir -p "$out"
rm -f "$out"/*.json

failed=0
for program in build/release/bench/programs/*; do
  [[ -x $program && -f $program ]] || fail "no benchmarks were built"
  name=$(basename "$program")
  "$program" --benchmark_out="$out/$name.json" --benchmark_out_format=json "$@" || failed=1
done
python3 bench/markdown.py "$out"/*.json >"$out/figures.md"
echo "figures: $out/figures.md and $out/*.json"
((failed == 0))
