#!/bin/sh
# The first process of the machine: makes it fit to work in and becomes the server.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir /dev/shm /dev/pts /run/netns
mount -t devpts devpts /dev/pts
exec </dev/null >/dev/ttyS0 2>&1
ln -s /proc/self/fd /dev/fd
modprobe -a virtio_pci virtio_console
ip link set lo up
hostname vm
# What tests need on every machine and nobody else loads.
modprobe br_netfilter
until test -e /dev/vport0p1; do sleep 0.05; done
exec perl /server.pl /dev/vport0p1
