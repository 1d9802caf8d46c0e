#!/bin/sh
# Usage: check-merges.sh BASE [DIGEST]
#
# Ends with 0 where each merge since BASE does what its branch was approved to do, and else with 3:
# what `kuberoster review` says of the merge has to have the digest of what it says of the branch,
# from where it left to its last commit. With DIGEST, all that changed since BASE has to have that.
set -eu

base=$(git rev-parse --verify --quiet "$1^{commit}") || {
  echo "no such commit: $1"
  exit 1
}
git merge-base --is-ancestor "$base" HEAD || {
  echo "$base is not in the history of what is to be deployed"
  exit 1
}

# Runs a review, and goes on where it says that something changes, or nothing does.
run() {
  status=0
  kuberoster "$@" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 2 ] || exit "$status"
}

if [ -n "${2-}" ]; then
  run review --offline --base "$base" --approved "$2"
  exit 0
fi

work=$(mktemp -d)
trap 'git worktree remove --force "$work/tree" 2>/dev/null || true; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/tree" HEAD

for merge in $(git rev-list --first-parent --reverse "$base..HEAD"); do
  branch=$(git rev-parse --verify --quiet "$merge^2") || {
    echo "$merge is no merge of a branch, so nothing says that it was approved"
    echo "Read what changed since $base, and run this with its digest:"
    kuberoster review --offline --base "$base" || true
    exit 3
  }
  echo "merge $merge of branch $branch"
  git -C "$work/tree" checkout --quiet --detach "$branch"
  fork=$(git merge-base "$merge^1" "$branch")
  # What blocks a branch blocks its merge below, where it is shown.
  kuberoster -C "$work/tree" review --offline --base "$fork" --format json > "$work/review.json" || [ $? -gt 1 ]
  digest=$(sed -n 's/^  "digest": "\(sha256:[0-9a-f]*\)",*$/\1/p' "$work/review.json")
  git -C "$work/tree" checkout --quiet --detach "$merge"
  run -C "$work/tree" review --offline --base "$merge^1" --approved "$digest"
done
