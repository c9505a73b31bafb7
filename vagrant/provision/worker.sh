#!/bin/sh
# Makes this machine a worker of the cluster of K8TS_SERVER, with K8TS_TOKEN and the hash of its authority, K8TS_CA_HASH; waits for the server,
# since machines may come up side by side. Optional: K8TS_COMMAND, K8TS_JOIN (further flags of `k8ts join`), K8TS_ROOT (all of it below that directory).
set -eu
umask 077
k8ts=${K8TS_COMMAND:-/opt/k8ts/k8ts}
root=${K8TS_ROOT:-}

# The token comes by the environment, where other people of the machine do not see it.
# shellcheck disable=SC2086 # words
$k8ts join "$K8TS_SERVER" --ca-hash "$K8TS_CA_HASH" --wait 900 ${root:+--root "$root"} ${K8TS_JOIN:-}
