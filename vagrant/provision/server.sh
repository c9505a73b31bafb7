#!/bin/sh
# Makes this machine the server of the cluster. K8TS_CA_KEY: the key of its authority, PEM, agreed on before (workers know its hash); K8TS_TOKEN:
# with which workers join. Optional: K8TS_COMMAND (another k8ts than /opt/k8ts/k8ts), K8TS_PROXY_MODE, K8TS_UP (further flags of `k8ts up`), K8TS_ROOT (all of the cluster below that directory).
set -eu
umask 077
k8ts=${K8TS_COMMAND:-/opt/k8ts/k8ts}
root=${K8TS_ROOT:-}
pki=${root:+$root/data/pki}
pki=${pki:-/var/lib/k8ts/pki}

# Only once: with another authority every node of a running cluster would be a stranger.
if [ ! -s "$pki/ca.key" ]; then
  mkdir -p "$pki"
  printf '%s\n' "$K8TS_CA_KEY" >"$pki/ca.key.part"
  mv "$pki/ca.key.part" "$pki/ca.key"
fi

# shellcheck disable=SC2086 # words
$k8ts up ${root:+--root "$root"} --proxy-mode "${K8TS_PROXY_MODE:-auto}" ${K8TS_UP:-}
# By the environment, where other people of the machine do not see it.
$k8ts token create - ${root:+--root "$root"} --ttl 24h --description 'for the machines of the Vagrantfile' --bare >/dev/null
