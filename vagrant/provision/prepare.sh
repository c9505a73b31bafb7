#!/bin/sh
# What the launcher `k8ts` itself needs on a bare Debian or Ubuntu: npm, with which it fetches its own Node. Run again it does nothing.
set -eu
export DEBIAN_FRONTEND=noninteractive

# A machine just made is often busy installing its updates.
apt() { apt-get -o DPkg::Lock::Timeout=300 -qq --yes "$@"; }

command -v npm >/dev/null || {
  apt update
  apt install --no-install-recommends ca-certificates npm
}
