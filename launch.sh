#!/usr/bin/env bash
# MindBot's one entry: finds the project, installs what is missing, and hands over to commands/<command>.ts.
# Written for bash 3.2 (macOS), any working directory, and a symlink to this file.
set -u

find_root() {
  local file=$1 folder
  while [ -L "$file" ]; do
    folder=$(cd -P "$(dirname "$file")" && pwd)
    file=$(readlink "$file")
    case $file in /*) ;; *) file=$folder/$file ;; esac
  done
  cd -P "$(dirname "$file")" && pwd
}

root=$(find_root "${BASH_SOURCE[0]}") || exit 1
node=$root/node_modules/.bin/node
stamp=$root/node_modules/.mindbot-installed
lock=$root/.mindbot/install.lock

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

lockfile_sum() { cksum <"$root/package-lock.json"; }

# npm writes .package-lock.json last, so a newer one means a finished install that somebody made by hand.
is_installed() {
  [ -x "$node" ] || return 1
  [ "$(cat "$stamp" 2>/dev/null)" = "$(lockfile_sum)" ] && return 0
  [ "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ] || return 1
  lockfile_sum >"$stamp" 2>/dev/null || true
}

check_npm() {
  command -v npm >/dev/null 2>&1 || fail \
    "MindBot needs npm once, to install its packages. Install Node.js 20 or newer from https://nodejs.org (npm comes with it), then run this again."
  local version major
  version=$(node --version 2>/dev/null) || fail "npm is here but node is not. Install Node.js 20 or newer from https://nodejs.org."
  major=${version#v}
  major=${major%%.*}
  [ "$major" -ge 20 ] 2>/dev/null || fail \
    "Node.js $version is too old to install the packages: 20 or newer is needed (https://nodejs.org)."
}

# The holder may belong to another user, whom kill -0 may not ask.
holder_runs() { kill -0 "$1" 2>/dev/null || ps -p "$1" >/dev/null 2>&1; }

# The lock is a symlink whose target is the holder's process id: made in one step, so never without an owner.
# A dead holder's lock is removed under a second lock, else two waiters could remove each other's.
take_install_lock() {
  local holder said=
  while ! ln -s "$$" "$lock" 2>/dev/null; do
    holder=$(readlink "$lock" 2>/dev/null) || continue
    if ! holder_runs "$holder"; then
      if mkdir "$lock.break" 2>/dev/null; then
        [ "$(readlink "$lock" 2>/dev/null)" = "$holder" ] && rm -f "$lock"
        rmdir "$lock.break"
      fi
    elif [ -z "$said" ]; then
      said=yes
      echo "Another run (process $holder) is installing the packages: waiting for it." >&2
    fi
    sleep 1
  done
}

show_progress() {
  local child=$1 started=$SECONDS seconds count
  while kill -0 "$child" 2>/dev/null; do
    seconds=$((SECONDS - started))
    if [ -t 2 ]; then
      count=$(ls "$root/node_modules" 2>/dev/null | wc -l | tr -d ' ')
      printf '\r  installing packages  %3d s  (%s folders) ' "$seconds" "$count" >&2
    elif [ "$seconds" -gt 0 ] && [ $((seconds % 15)) -eq 0 ]; then
      printf '  installing packages  %d s\n' "$seconds" >&2
    fi
    sleep 1
  done
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

install_packages() {
  local log=$root/.mindbot/install.log child status started=$SECONDS
  check_npm
  echo "Installing MindBot's packages (about a minute, once; log: $log)" >&2
  # A home folder that cannot be written (system users have none) must not stop npm's cache.
  if [ -z "${npm_config_cache:-}" ] && { [ -z "${HOME:-}" ] || [ ! -w "${HOME:-/}" ]; }; then
    export npm_config_cache=$root/.mindbot/npm-cache
  fi
  (cd "$root" && ONNXRUNTIME_NODE_INSTALL=skip exec npm ci --no-audit --no-fund --loglevel=error) >"$log" 2>&1 </dev/null &
  child=$!
  # Without job control bash starts background commands deaf to Ctrl-C: pass it on as TERM.
  trap 'kill -TERM "$child" 2>/dev/null; wait "$child"; rm -f "$lock"; exit 130' INT TERM HUP
  show_progress "$child"
  wait "$child"
  status=$?
  trap - INT TERM HUP
  if [ "$status" -ne 0 ] || [ ! -x "$node" ]; then
    # npm says what is wrong first, and how npm works after that.
    head -n 12 "$log" >&2
    rm -f "$lock"
    fail "The packages could not be installed (npm ci ended with $status). The whole log: $log"
  fi
  lockfile_sum >"$stamp"
  echo "  ✓ Packages installed in $((SECONDS - started)) s" >&2
}

prepare() {
  is_installed && return
  mkdir -p "$root/.mindbot" 2>/dev/null && [ -w "$root/.mindbot" ] || fail \
    "$root/.mindbot cannot be written by $(id -un): run as the owner of the folder, or change its owner."
  chmod 700 "$root/.mindbot"
  take_install_lock
  # Whoever waited finds the work done.
  is_installed || install_packages
  rm -f "$lock"
}

usage() {
  cat <<'USAGE'
Usage: ./launch.sh <command>

  dev [--detach]     start everything here; what has no key in .env gets a local stand-in
  start              production: the sidecar and the agent, with real services only
  stop               stop what dev or start began
  status [--json]    what runs, and where
  logs [name] [-f]   the last lines of every service (or one); -f follows
  test [--long]      run the tests; --long adds what takes long (other arguments go to vitest)
  demo               the whole story with no key and no person
  talk               talk with the agent in the terminal, by text
  operator <what>    grant <email>, revoke <email> or list: who sees the operator's board
  doctor             what is installed, configured and reachable, and how to fix what is not
  setup              install what is missing, and nothing else
  help               this text

To begin: ./launch.sh dev        More: docs/running.md
USAGE
}

command=${1:-help}
[ "$#" -gt 0 ] && shift
case $command in
  dev | start | stop | status | logs | test | demo | talk | operator | doctor | setup) ;;
  help | -h | --help)
    usage
    exit 0
    ;;
  *)
    printf 'Unknown command: %s\n\n' "$command" >&2
    usage >&2
    exit 64
    ;;
esac

prepare
export PATH=$root/node_modules/.bin:$PATH
# Libraries log every detail unless told otherwise. What is a stand-in is decided by ENVIRONMENT alone.
[ "$command" = test ] || export NODE_ENV=${NODE_ENV:-production}
# Processes begin sooner: what was compiled once is found again (nothing is kept where it cannot be written).
export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$root/node_modules/.cache/mindbot}
exec "$node" "$root/commands/$command.ts" "$@"
