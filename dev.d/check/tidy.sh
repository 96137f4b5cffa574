# clang-tidy over every source that ships; tests and benchmarks are left to the compilers' warnings.
set -euo pipefail
source dev.d/common.sh

need_command clang-tidy
# Compile commands as clang understands them; nothing is built.
cmake --preset clang >"$(preset_log clang)" 2>&1 || fail "cmake --preset clang failed: see $(preset_log clang)"

cxx_sources | grep -E '^(model|impl|sim|props|tools)/.*\.cpp$' |
  xargs -r -n 1 -P "$(build_jobs)" bash dev.d/check/tidy_one.sh build/clang
