# ./dev check [STAGE...]: asan, tsan, tidy, mutants. Every stage runs, whatever the others say; the last line counts.
set -euo pipefail
source dev.d/common.sh

all_stages=(asan tsan tidy mutants)
stages=("$@")
if ((${#stages[@]} == 0)); then stages=("${all_stages[@]}"); fi
for name in "${stages[@]}"; do
  [[ " ${all_stages[*]} " == *" $name "* ]] || fail "no stage '$name' in check; there are: ${all_stages[*]}"
done
bash dev.d/deps.sh all

report=()
passed=0
failed=0
for name in "${stages[@]}"; do
  started=$SECONDS
  echo "== check: $name"
  # A process of its own, so that its own 'set -e' holds.
  if bash "dev.d/check/$name.sh"; then
    verdict=passed
    ((++passed))
  else
    verdict=FAILED
    ((++failed))
  fi
  report+=("$(printf '%-8s %6d s  %s' "$name" $((SECONDS - started)) "$verdict")")
done
printf '== check: %s\n' "${report[@]}"
echo "$passed passed, $failed failed"
((failed == 0))
