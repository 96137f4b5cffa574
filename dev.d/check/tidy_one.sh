# tidy_one.sh BUILD FILE: clang-tidy's findings, or one line with the time it took.
set -euo pipefail

started=$SECONDS
# Its stderr only counts the warnings that were suppressed in the headers of others.
if ! findings=$(clang-tidy --quiet -p "$1" "$2" 2>/dev/null); then
  printf '%s\n' "$findings"
  exit 1
fi
printf 'tidy %4d s  %s\n' $((SECONDS - started)) "$2"
