#!/bin/sh
# Makes this machine a worker of the server's cluster, or mends the one it is. Its address is that of the card that reaches the
# server, which `k8ts join` finds by itself.
#   K8TS_HANDOVER    the directory with `join`, the line that `k8ts token create` prints on the server
#   K8TS_JOIN_FLAGS  further flags of `k8ts join`, with blanks between
. "${K8TS_DIR:-/opt/k8ts}/vagrant/provision/common.sh"
handover=${K8TS_HANDOVER:-/opt/k8ts-handover}/join
[ -s "$handover" ] || { echo "There is no $handover: bring the server up first, then this machine with vagrant up or vagrant reload --provision" >&2; exit 1; }

# `./k8ts join SERVER --token T --ca-hash H`. The token goes by the environment: arguments are seen by all who look at the processes.
read -r program command server token_flag token hash_flag hash <"$handover"
[ "$program $command $token_flag $hash_flag" = './k8ts join --token --ca-hash' ] || { echo "$handover does not hold what k8ts token create prints" >&2; exit 1; }
export K8TS_TOKEN="$token"
# shellcheck disable=SC2086 # they are several words
./k8ts join "$server" --ca-hash "$hash" --wait 120 ${K8TS_JOIN_FLAGS:-}
