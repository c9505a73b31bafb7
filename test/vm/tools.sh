# Sent ahead of every check into the machine.
export KUBECONFIG=/var/lib/k8ts/admin.kubeconfig PATH="/opt/k8ts:$PATH"
cd /opt/k8ts
set -eo pipefail

is() { [ "$1" = "$2" ] || { echo "is: $1"; echo "not: $2"; return 1; }; }

# eventually <seconds> <command…>: until it ends well.
eventually() {
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || { "$@"; return; }; sleep 1; done
}

# What `down` must leave as it was before the first `up`.
state() {
  nft list ruleset; iptables-save 2>/dev/null | grep -v '^#' || true
  ip -o -4 addr | awk '{print $2, $4}'; ip route; ip rule; ip -br link | awk '{print $1}'; ls /run/netns 2>/dev/null || true
  awk '{print $5}' /proc/self/mountinfo | grep -v /run/user | sort
  find /sys/fs/cgroup -maxdepth 2 -type d | grep -E 'k8ts|kubepods' | grep -v opt-k8ts.mount || true
  find /etc/systemd/system | sort; systemctl list-units --all --no-legend --plain 'k8ts*'; systemctl --failed --no-legend
}

# Processes and files of the units.
units() { systemctl show -p MainPID,NRestarts k8ts-server k8ts-agent k8ts-containerd; stat -c '%n %Y' /etc/systemd/system/k8ts-* /var/lib/k8ts/pki/* /var/lib/k8ts/config.json; }

# Six answers: three pods, each twice, in the same order.
round() { is "$(echo "$1" | sort | uniq -c | awk '{print $1}' | xargs)" '2 2 2' && is "$(echo "$1" | head -n 3)" "$(echo "$1" | tail -n 3)"; }

# Processes in pods that live as long as their container.
containers() { find /sys/fs/cgroup/kubepods -name cgroup.procs -exec cat {} + | while read -r pid; do [ "$(cat /proc/$pid/comm 2>/dev/null)" = sleep ] || echo $pid; done | sort; }

answers() {
  case $1 in
    server) curl -sfk -m 5 https://10.0.2.15:6443/readyz ;;
    agent) curl -sf -m 5 127.0.0.1:10248/healthz ;;
    containerd) ctr --address /run/k8ts/containerd.sock version ;;
  esac
}

killed() {
  local before; before=$(containers)
  kill -9 "$(systemctl show -p MainPID --value k8ts-$1)"
  curl -sf -m 20 http://10.0.2.15:30080 # traffic goes on
  sleep 2
  # An unauthenticated question is an answer too.
  if [ $1 = server ]; then eventually 180 curl -sk -m 5 https://10.0.2.15:6443/readyz; else eventually 180 answers $1; fi
  eventually 180 sh -c 'kubectl get nodes | grep " Ready"'
  is "$(containers)" "$before"
}

# The demo's pods run, their node port goes round from outside, their cluster IP from within a pod.
back() {
  eventually 300 sh -c 'kubectl get nodes | grep " Ready"'
  eventually 300 sh -c '[ "$(kubectl get pods -l app=web --no-headers | grep -c "1/1 *Running")" = 3 ]'
  kubectl wait --for=condition=Ready pod/limited --timeout=240s
  sleep 5
  round "$(for turn in 1 2 3 4 5 6; do curl -sf -m 20 http://10.0.2.15:30080; done)"
  local ip; ip=$(kubectl get service web -o jsonpath='{.spec.clusterIP}')
  round "$(kubectl exec limited -c one -- sh -c "for turn in 1 2 3 4 5 6; do timeout 20 wget -qO- http://$ip; done")"
  systemctl --failed --no-legend | { ! grep .; }
}
