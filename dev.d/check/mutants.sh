# Every planted bug is caught.
set -euo pipefail
source dev.d/common.sh

exec bash dev.d/mutants.sh
