# ./dev deps [build|all|soak]: installs with apt-get what is missing, and nothing when nothing is.
#   build  what the library, the command, the tests and the benchmarks are built with
#   all    also what ./dev test, check and fuzz use
#   soak   also the file systems that ./dev soak cuts the power of
set -euo pipefail
source dev.d/common.sh

scope=${1:-all}
[[ $scope == build || $scope == all || $scope == soak ]] || fail "deps takes 'build', 'all' or 'soak', not '$scope'"

# Debian 12, Ubuntu 22.04 and 24.04 use the same names. 'a|b': the first that the distribution has.
packages=(
  g++ git cmake ninja-build ccache python3
  libboost-fiber-dev libboost-context-dev librapidcheck-dev libgtest-dev libspdlog-dev libbenchmark-dev
  libcli11-dev nlohmann-json3-dev libexpected-dev zlib1g-dev libssl-dev libisal-dev
  libconcurrentqueue-dev libtbb-dev librocksdb-dev  # peers of the benchmarks
)
if [[ $scope == soak ]]; then packages+=(xfsprogs btrfs-progs); fi
if [[ $scope != build ]]; then
  # The format is that of one version of clang-format, whatever the distribution's newest is.
  packages+=(clang clang-tidy clang-format-14 llvm shellcheck)
  packages+=(e2fsprogs python3-fusepy)  # tests/block_lab
fi

installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Sanitizers and libFuzzer are a package of their own, named after clang's version, in newer releases only.
sanitizer_package() {
  local version
  version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9][0-9]*\)$/\1/p' | head -1)
  echo "libclang-rt-${version:-14}-dev|libclang-common-${version:-14}-dev"
}

has_candidate() {
  local candidate
  candidate=$(apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: //p')
  [[ -n $candidate && $candidate != "(none)" ]]
}

# missing PACKAGE...: those of which no alternative is installed.
missing() {
  local choice alternative
  for choice in "$@"; do
    for alternative in ${choice//|/ }; do
      if installed "$alternative"; then continue 2; fi
    done
    echo "$choice"
  done
}

run_as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  fail "this is not Debian or Ubuntu; install by hand what these packages hold: ${packages[*]}"
fi

if [[ $scope != build ]]; then packages+=("$(sanitizer_package)"); fi
mapfile -t wanted < <(missing "${packages[@]}")
if ((${#wanted[@]} == 0)); then
  echo "deps: nothing is missing"
  exit 0
fi

if ((EUID != 0)) && ! command -v sudo >/dev/null; then
  fail "packages are missing, and you are not root and have no sudo; as root: apt-get install ${wanted[*]%%|*}"
fi

echo "deps: missing: ${wanted[*]}"
export DEBIAN_FRONTEND=noninteractive
run_as_root apt-get update -q
# Without package lists the version of clang could not be known above.
if [[ $scope != build ]]; then
  packages[-1]=$(sanitizer_package)
  mapfile -t wanted < <(missing "${packages[@]}")
fi

chosen=()
for choice in "${wanted[@]}"; do
  for alternative in ${choice//|/ }; do
    if has_candidate "$alternative"; then
      chosen+=("$alternative")
      continue 2
    fi
  done
  fail "no package '$choice' in this distribution; Debian 12, Ubuntu 22.04 and 24.04 (with 'universe') have it"
done
run_as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${chosen[@]}"
