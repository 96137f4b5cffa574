# ./dev mutants [ARGUMENT...]: the kill matrix, also as build/mutants/kill_matrix.{md,json}.
set -euo pipefail
source dev.d/common.sh

need_command python3
exec python3 tools/mutants/run.py "$@"
