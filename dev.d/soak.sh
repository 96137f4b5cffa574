# ./dev soak [MINUTES]: a seed that nobody has tried before, for long; processes killed and power cut on real file systems,
# each as long; then how many seeds each mutant takes, of as many as that time allows.
set -euo pipefail
source dev.d/common.sh

minutes=${1:-30}
[[ $minutes =~ ^[1-9][0-9]*$ ]] || fail "soak takes minutes, not '$minutes'"

bash dev.d/deps.sh soak
build_preset release wavetank cache_crash_writer
seed=$(date +%s)
echo "== soak: wavetank verify --time ${minutes}m --seed $seed"
build/release/wavetank verify --time "${minutes}m" --seed "$seed"

kills_per_minute=1000
echo "== soak: kill -9 of processes that share a cache"
python3 tests/cache_crash/kill_test.py build/release/tests/cache_crash/cache_crash_writer \
  --kills "$((minutes * kills_per_minute))" --seed "$seed"

# power_cuts ARGUMENT...: where the lab cannot run it says why, and that is no failure.
power_cuts() {
  echo "== soak: power cuts, $*"
  local result=0
  /usr/bin/python3 tests/block_lab/block_lab.py build/release "$@" || result=$?
  ((result == 0 || result == 77))
}
build_preset release log_crash_writer careless_sync sudden_death
for broken in device file_sync directory_sync failed_sync; do power_cuts --images 1000 --broken "$broken"; done
campaigns=12 # two programs on three file systems, without faults and with them
for faults in "" --faults; do power_cuts --seconds "$((minutes * 60 / campaigns))" --seed "$seed" $faults; done

bash dev.d/mutants.sh --seeds 20 --minutes "$minutes" --first "$((seed % 1000))"
