# shellcheck shell=bash disable=SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What the kernel holds of BPF programs, maps and links.

for bpftool in bpftool /usr/sbin/bpftool /usr/lib/linux-tools*/*/bpftool; do
	"$bpftool" version >/dev/null 2>&1 && break
done

# Says why nothing can be traced here; fails if it can.
kernel_refuses() {
	! { timeout 20 "$tcpflux" -q -d 1ms >"$dir/out"; } 2>&1
}

# A line for each: "prog_id: 17", sorted.
kernel_ids() {
	for kind in prog map link; do
		"$bpftool" -j $kind show | jq -r --arg kind $kind '.[]? | "\($kind)_id: \(.id)"'
	done | sort
}

# Those that a living process has a descriptor of.
kernel_held() {
	sed -nE 's/^((prog|map|link)_id):\s*/\1: /p' /proc/[0-9]*/fdinfo/* 2>/dev/null | sort -u
}

# kernel_left BEFORE: lists what came since and nobody holds. What others make and drop meanwhile,
# bpftool too, goes within moments; the kernel frees after a grace period.
kernel_left() {
	local left try
	left=$(comm -13 <(echo "$1") <(kernel_ids))
	for ((try = 0; try < 50; try++)); do
		left=$(comm -12 <(echo "$left") <(comm -23 <(kernel_ids) <(kernel_held)))
		[ "$left" ] || return 0
		sleep 0.1
	done
	echo "$left"
}
