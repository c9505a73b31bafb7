#!/bin/sh
# Makes this machine the server of a cluster, or mends the one it is.
#   K8TS_NODE_IP     its address on the private network: the card that the default route takes leads to no other machine
#   K8TS_PROXY_MODE  as `k8ts up --proxy-mode`; default auto
#   K8TS_UP_FLAGS    further flags of `k8ts up`, with blanks between
. "${K8TS_DIR:-/opt/k8ts}/vagrant/provision/common.sh"
: "${K8TS_NODE_IP:?must be the address of this machine on the private network}"

# shellcheck disable=SC2086 # they are several words
./k8ts up --node-ip "$K8TS_NODE_IP" --proxy-mode "${K8TS_PROXY_MODE:-auto}" ${K8TS_UP_FLAGS:-}

# For whoever comes by `vagrant ssh server`: kubectl works at once.
if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
  home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
  install -d -m 700 -o "$SUDO_USER" "$home/.kube"
  install -m 600 -o "$SUDO_USER" /var/lib/k8ts/admin.kubeconfig "$home/.kube/config"
fi
