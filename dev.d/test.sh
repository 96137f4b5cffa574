# ./dev test: what must hold before anything lands. Ends with ctest's summary.
set -euo pipefail
source dev.d/common.sh
(($# == 0)) || fail "test takes no arguments; for one test: ctest --test-dir build/release -R NAME"

stage "packages" bash dev.d/deps.sh all
stage "format" bash dev.d/format.sh --check
stage "release build (g++)" build_preset release
# The tests replay traces of the release command in it.
stage "debug build (clang++)" build_preset debug wavetank
print_stages
ctest --test-dir build/release --parallel "$(build_jobs)" --output-on-failure --no-tests=error
