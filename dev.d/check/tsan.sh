# What runs on real threads, under ThreadSanitizer. Fibers are left out: the Debian build of Boost.Context does not tell
# ThreadSanitizer of its switches, and a simulated world runs on one thread anyway.
set -euo pipefail
source dev.d/common.sh

build_preset tsan impl_tests conformance_tests cache_table_tests cache_store_tests batch_threads_tests buffer_tests
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
on_threads='^(impl|conformance|cache_table|cache_store|batch_threads)\.'
on_threads+='|^buffer\.(production|buffer_options|routing|queue_table|log_listener|shard_seats|own_table_kind.*_on_threads|partition_writer_on_threads)'
ctest --test-dir build/tsan --parallel "$(build_jobs)" --output-on-failure --no-tests=error \
  --tests-regex "$on_threads" --exclude-regex 'fiber|simulated'
