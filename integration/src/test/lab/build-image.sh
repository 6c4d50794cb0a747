#!/bin/bash
# Builds what a test guest boots from and prints where it is, as "kernel=PATH" and "initrd=PATH".
# Everything lands in .cache/lab of this repository; the host gets no kernel. A run that finds
# its results there only prints them. The image serves QEMU and UML: it holds both kernels' modules.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../../.." && pwd)/.cache/lab
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # two test JVMs may want the image at once

kernel=$(ls "$cache"/kernel/boot/vmlinuz-* 2>/dev/null | head -n 1 || true)
if [ -z "$kernel" ]; then
  rm -rf "$cache/download" && mkdir "$cache/download" && cd "$cache/download"
  package=$(apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" {print $2; exit}')
  [ -n "$package" ] || { echo "no linux-image-cloud-amd64 known: run apt-get update" >&2; exit 1; }
  # apt warns on stderr that its sandbox user can't write here; only a failure matters.
  apt-get -qq download "$package" 2>apt.err || { cat apt.err >&2; exit 1; }
  dpkg -x ./*.deb unpacked
  rm -rf "$cache/kernel" && mv unpacked "$cache/kernel"
  cd "$cache" && rm -rf download
  kernel=$(ls "$cache"/kernel/boot/vmlinuz-*)
fi

programs="/usr/bin/iperf3 /usr/bin/sockperf /usr/bin/socat"
modules="crc-ccitt ipv6 virtio_ring virtio virtio_mmio failover net_failover virtio_net pktgen"
inputs=$(stat -L -c '%n %s %Y' $programs /usr/bin/busybox /usr/bin/linux.uml "$kernel"
  cat "$here/init" "$here/build-image.sh")
initrd=$cache/guest-$(sha256sum <<<"$inputs" | cut -c1-16).cpio.gz
if [ ! -f "$initrd" ]; then
  root=$(mktemp -d "$cache/root.XXXXXX")
  trap 'rm -rf "$root"' EXIT
  mkdir -p "$root"/{bin,dev,lib,lib64,proc,sys,tmp}
  cp /usr/bin/busybox $programs "$root/bin/"
  ln -s busybox "$root/bin/sh"
  cp "$here/init" "$root/init" && chmod 755 "$root/init"
  # The loader's path is fixed in the programs; every other library is found by LD_LIBRARY_PATH.
  ldd $programs | awk '$2 == "=>" {print $3}' | sort -u | xargs -I{} cp -L {} "$root/lib/"
  cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
  for tree in "$cache"/kernel/lib/modules/* /usr/lib/uml/modules/*; do
    mkdir -p "$root/lib/modules/${tree##*/}"
    for module in $modules; do # what a kernel has built in has no file
      find "$tree" -name "$module.ko" -exec cp {} "$root/lib/modules/${tree##*/}/" \;
    done
  done
  rm -f "$cache"/guest-*.cpio.gz
  (cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1 >"$root.gz")
  mv "$root.gz" "$initrd"
fi
echo "kernel=$kernel"
echo "initrd=$initrd"
