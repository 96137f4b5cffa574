# What every command of ./dev shares. Sourced, with the project's root as the working directory.

# One line on stderr that says what is wrong and what to do; exit 2.
fail() {
  echo "dev: $*" >&2
  exit 2
}

# Two builds of the same sources in different folders (a fresh clone, the copy that mutants are planted in) share
# what ccache holds, because paths below the root are hashed as relative ones.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

build_jobs() { nproc; }

# need_command NAME: stops unless NAME is installed.
need_command() {
  command -v "$1" >/dev/null || fail "$1 is not installed; run ./dev deps"
}

# build_preset PRESET [TARGET...]
build_preset() {
  local preset=$1
  shift
  need_command cmake
  need_command ninja
  cmake --preset "$preset" >"$(preset_log "$preset")" 2>&1 || {
    cat "$(preset_log "$preset")" >&2
    fail "cmake --preset $preset failed, see above"
  }
  local targets=()
  if (($# > 0)); then targets=(--target "$@"); fi
  cmake --build "build/$preset" --parallel "$(build_jobs)" "${targets[@]}"
}

preset_log() {
  mkdir -p "build/$1"
  echo "build/$1/configure.log"
}

# stage NAME COMMAND...: runs the command and remembers how long it took; the first failure stops the script.
stage_report=()
stage() {
  local name=$1 started=$SECONDS
  shift
  echo "== $name"
  "$@" || {
    echo "== $name: FAILED after $((SECONDS - started)) s" >&2
    print_stages
    exit 1
  }
  stage_report+=("$(printf '%-28s %6d s' "$name" $((SECONDS - started)))")
}

print_stages() {
  if ((${#stage_report[@]} > 0)); then printf '== took: %s\n' "${stage_report[@]}"; fi
}

# The project's own C++ files, new ones included.
cxx_sources() {
  git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp' | sort -u | while read -r file; do
    if [[ -f $file ]]; then echo "$file"; fi
  done
}
