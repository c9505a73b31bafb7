/**
 * containerd before 2.0 runs a plugin named `loopback` in every sandbox and starts no pod without one. Ours is a shell
 * script: its whole job is one command in the pod's network namespace.
 */
export const loopbackExecutable = `#!/bin/sh
# The loopback plugin of k8ts: brings lo up in the namespace of a pod. Written by k8ts, do not edit.
result='{"cniVersion":"0.4.0","interfaces":[{"name":"lo","mac":"00:00:00:00:00:00","sandbox":"'"\${CNI_NETNS-}"'"}],"ips":[{"version":"4","interface":0,"address":"127.0.0.1/8"}]}'
fail() {
  printf '{"cniVersion":"0.4.0","code":%s,"msg":"%s"}\\n' "$1" "$2"
  exit 1
}
case "\${CNI_COMMAND-}" in
  VERSION) echo '{"cniVersion":"0.4.0","supportedVersions":["0.3.0","0.3.1","0.4.0"]}' ;;
  ADD)
    [ -n "\${CNI_NETNS-}" ] || fail 4 'CNI_NETNS is missing'
    nsenter --net="$CNI_NETNS" ip link set lo up 2>/dev/null || fail 3 'cannot bring lo up in the namespace'
    printf '%s\\n' "$result"
    ;;
  CHECK | DEL) : ;; # lo goes with its namespace
  *) fail 4 'CNI_COMMAND is not one of ADD, DEL, CHECK, VERSION' ;;
esac
`
