# ./dev fuzz [SECONDS [NAME]]: what is found lies in build/fuzz/found; copy it to tests/fuzz/corpus/NAME to keep it.
set -euo pipefail
source dev.d/common.sh

seconds=${1:-60}
only=${2:-*}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || fail "fuzz takes seconds, not '$seconds'"

bash dev.d/deps.sh all
fuzzers=()
for source in tests/fuzz/${only}_fuzz.cpp; do
  [[ -f $source ]] || fail "no fuzzer '$only' in tests/fuzz"
  fuzzers+=("$(basename "$source" .cpp)")
done
build_preset fuzz "${fuzzers[@]}"

failed=0
for fuzzer in "${fuzzers[@]}"; do
  name=${fuzzer%_fuzz}
  found=build/fuzz/found/$name
  grown=build/fuzz/grown/$name
  mkdir -p "$found" "$grown"
  seeds=()
  if [[ -d tests/fuzz/corpus/$name ]]; then seeds=("tests/fuzz/corpus/$name"); fi
  echo "== fuzz: $name, $seconds s"
  "build/fuzz/tests/fuzz/$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="$found/" "$grown" "${seeds[@]}" || failed=1
done
((failed == 0)) || fail "a fuzzer found something: see build/fuzz/found"
