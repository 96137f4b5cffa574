# ./dev format [--check]
set -euo pipefail
source dev.d/common.sh

mode=${1:-}
[[ -z $mode || $mode == --check ]] || fail "format takes --check or nothing, not '$mode'"

# Other versions of clang-format lay out the same style differently.
formatter=clang-format-14
command -v "$formatter" >/dev/null || formatter=clang-format
need_command "$formatter"
[[ $("$formatter" --version) == *"version 14."* ]] || fail "clang-format 14 is wanted; run ./dev deps"

if [[ $mode == --check ]]; then
  cxx_sources | xargs -r -n 50 -P "$(build_jobs)" "$formatter" --dry-run -Werror ||
    fail "these files are not formatted; run ./dev format"
else
  cxx_sources | xargs -r -n 50 -P "$(build_jobs)" "$formatter" -i
fi
