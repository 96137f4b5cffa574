# All tests under AddressSanitizer and UndefinedBehaviorSanitizer.
set -euo pipefail
source dev.d/common.sh

build_preset asan
export ASAN_OPTIONS=detect_stack_use_after_return=0:strict_string_checks=1:detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1
# The scopes' hundreds of thousands of executions are alike in memory; the sampled campaigns stay.
ctest --test-dir build/asan --parallel "$(build_jobs)" --output-on-failure --no-tests=error \
  --exclude-regex 'scopes_are_exhausted'
