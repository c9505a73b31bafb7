# What server and worker begin with; read by both. K8TS_DIR: the checkout on this machine.
set -eu
cd -- "${K8TS_DIR:-/opt/k8ts}"

# k8ts brings its own Node, with npm. Everything else it installs itself.
if ! command -v npm >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  # A machine just made is often busy installing its updates: then apt waits its turn.
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  apt-get -o DPkg::Lock::Timeout=300 install -qq --yes --no-install-recommends nodejs npm ca-certificates
fi
