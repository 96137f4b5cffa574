# ./dev soak [MINUTES]: a seed that nobody has tried before, for long; then how many seeds each mutant takes.
set -euo pipefail
source dev.d/common.sh

minutes=${1:-30}
[[ $minutes =~ ^[1-9][0-9]*$ ]] || fail "soak takes minutes, not '$minutes'"

bash dev.d/deps.sh all
build_preset release wavetank
seed=$(date +%s)
echo "== soak: wavetank verify --time ${minutes}m --seed $seed"
build/release/wavetank verify --time "${minutes}m" --seed "$seed"
bash dev.d/mutants.sh --seeds 20
