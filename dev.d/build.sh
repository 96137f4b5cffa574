# ./dev build [PRESET [TARGET...]]
set -euo pipefail
source dev.d/common.sh

preset=${1:-release}
shift || true
grep -q "\"name\": \"$preset\"" CMakePresets.json || fail "no preset '$preset'; CMakePresets.json lists them"
build_preset "$preset" "$@"
