#!/bin/sh
# Builds what the check boots, below the directory $1: root.img (Debian, made once and kept), a kernel, its initrd, and
# k8ts.img (this checkout as of HEAD, installed, with $2 as kubectl).
set -eu
work=$1 kubectl=$2
home=$(cd "$(dirname "$0")/../.." && pwd)
suite=${K8TS_VM_SUITE:-bookworm}
mkdir -p "$work"

# The mirror this machine itself uses, in either of the formats of apt's sources.
mirror() {
  cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null |
    sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] *\)\{0,1\}\([^ ]*\) .*/\2/p' | head -n 1
}

# What a small server has: systemd with udev and networkd, and the programs of `k8ts up`, since the machine reaches no mirror.
packages=systemd,systemd-sysv,dbus,udev,kmod,iproute2,procps,ca-certificates,linux-image-cloud-amd64,curl
packages=$packages,containerd,runc,nftables,iptables,conntrack,socat,busybox-static

if [ ! -e "$work/root.img" ]; then
  root="$work/root"
  if [ ! -e "$root" ]; then
    rm -rf "$root.part"
    debootstrap --variant=minbase --include="$packages" "$suite" "$root.part" $(mirror) >"$work/debootstrap.log" 2>&1
    mv "$root.part" "$root"
  fi
  echo k8ts-vm >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 k8ts-vm\n' >"$root/etc/hosts"
  : >"$root/etc/machine-id" # each boot of a fresh disk is a machine of its own
  printf '/dev/vda / ext4 defaults 0 1\nLABEL=k8ts /opt/k8ts ext4 defaults 0 2\n' >"$root/etc/fstab"
  printf '[Match]\nName=en* eth*\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n' >"$root/etc/systemd/network/10-card.network"
  mkdir -p "$root/opt/k8ts"
  # A shell on the second serial line: the other end is vm.ts.
  cat >"$root/etc/systemd/system/vm-shell.service" <<'UNIT'
[Unit]
Description=Shell on the second serial line
[Service]
ExecStartPre=/bin/stty -F /dev/ttyS1 raw -echo
ExecStart=/bin/bash --noprofile --norc
Environment=HOME=/root TERM=dumb
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
Restart=always
RestartSec=1
IgnoreSIGPIPE=no
[Install]
WantedBy=multi-user.target
UNIT
  chroot "$root" systemctl --quiet enable vm-shell systemd-networkd
  cp "$root"/boot/vmlinuz-* "$work/vmlinuz"
  cp "$root"/boot/initrd.img-* "$work/initrd.img"
  rm -rf "$root"/var/cache/apt/archives/*.deb
  mke2fs -q -t ext4 -d "$root" "$work/root.img.part" 4G
  mv "$work/root.img.part" "$work/root.img"
  rm -rf "$root"
fi

opt="$work/opt"
rm -rf "$opt"
mkdir -p "$opt"
git -C "$home" archive HEAD | tar -x -C "$opt"
"$opt/k8ts" --help >/dev/null # it installs its Node and its packages first
rm -rf "$opt/.runtime/compile-cache" # of other paths
cp "$kubectl" "$opt/kubectl"
rm -f "$work/k8ts.img"
mke2fs -q -t ext4 -L k8ts -d "$opt" "$work/k8ts.img" 1500M
rm -rf "$opt"
