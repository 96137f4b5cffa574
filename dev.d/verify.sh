# ./dev verify [ARGUMENT...]: on a machine with only git, from nothing to verified.
set -euo pipefail
source dev.d/common.sh

bash dev.d/deps.sh build
build_preset release wavetank
exec build/release/wavetank verify "$@"
