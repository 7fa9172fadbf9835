# shellcheck shell=sh disable=SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Surroundings that do not allow tracing: what is missing is said.

# Linux 2.6 is what the kernel can claim to be, whatever it is.
check_kernel()
{
	name="a kernel that is too old"
	old=$(setarch "$(uname -m)" --uname-2.6 uname -r 2>/dev/null)
	case $old in
	2.6.*) ;;
	*)
		skip "$name" "setarch can't make the kernel claim to be old"
		return
		;;
	esac
	run setarch "$(uname -m)" --uname-2.6 "$tcpflux"
	check "$name" 1 "tcpflux: Linux $old is too old: BTF and Linux 5.12 or later are needed" ""
	run setarch "$(uname -m)" --uname-2.6 "$tcpflux" -o json -- touch "$dir/touched"
	check "$name, and a program" 1 \
		"tcpflux: Linux $old is too old: BTF and Linux 5.12 or later are needed" ""
	[ ! -e "$dir/touched" ]
	ok $? "the program was not started"
	run setarch "$(uname -m)" --uname-2.6 "$tcpflux" list
	check "list on $name" 1 \
		"tcpflux: Linux $old is too old: BTF and Linux 5.12 or later are needed" ""
	run setarch "$(uname -m)" --uname-2.6 "$tcpflux" check
	says "check on a kernel that is too old" "kernel  *$old  *MISSING"
}

# In a mount namespace of its own; who is not root gets one with a user namespace.
without_btf()
{
	flags=-m
	[ "$(id -u)" -eq 0 ] || flags=-rm
	# shellcheck disable=SC2016 # for the inner shell
	run unshare $flags sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' sh "$@"
}

check_btf()
{
	name="a kernel without BTF"
	without_btf true
	if [ "$status" -ne 0 ]; then
		skip "$name" "$(head -n 1 "$dir/err")"
		return
	fi
	without_btf "$tcpflux"
	check "$name" 1 "tcpflux: Linux $(uname -r) has no BTF (/sys/kernel/btf/vmlinux:\
 No such file or directory): BTF and Linux 5.12 or later are needed" ""
	without_btf "$tcpflux" list
	check "list on a kernel without BTF" 1 "tcpflux: Linux $(uname -r) has no BTF\
 (/sys/kernel/btf/vmlinux: No such file or directory): BTF and Linux 5.12 or later are needed" ""
	without_btf "$tcpflux" check
	says "check on a kernel without BTF" "BTF  *No such file or directory  *MISSING"
}

# unprivileged CAPABILITIES COMMAND...: as nobody with these alone, as setpriv writes them.
unprivileged()
{
	caps=$1
	shift
	run setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps="-all$caps" \
		--ambient-caps="-all$caps" --bounding-set="-all$caps" "$@"
}

# check_capabilities NAME CAPABILITIES MISSING
check_capabilities()
{
	unprivileged "$2" true
	if [ "$status" -ne 0 ]; then
		skip "$1" "setpriv: $(head -n 1 "$dir/err")"
		return
	fi
	unprivileged "$2" "$tcpflux"
	check "$1" 1 "tcpflux: not permitted: $3 missing; run it as root" ""
	unprivileged "$2" "$tcpflux" list
	check "list with $1" 1 "tcpflux: not permitted: $3 missing; run it as root" ""
	unprivileged "$2" "$tcpflux" check
	says "check with $1" "${3##* }  *no  *MISSING"
}

check_permissions()
{
	if [ ! -r /sys/kernel/btf/vmlinux ]; then
		skip "missing capabilities" "this kernel has no BTF"
		return
	fi
	if [ "$(id -u)" -ne 0 ]; then
		run "$tcpflux"
		check "not root" 1 \
			"tcpflux: not permitted: CAP_BPF and CAP_PERFMON missing; run it as root" ""
		skip "missing capabilities" "not root"
		return
	fi
	check_capabilities "no capabilities" "" "CAP_BPF and CAP_PERFMON"
	# By number, since an older setpriv does not know their names.
	check_capabilities "CAP_BPF alone" ",+cap_39" CAP_PERFMON
	check_capabilities "CAP_PERFMON alone" ",+cap_38" CAP_BPF
	check_capabilities "another capability" ",+cap_12" "CAP_BPF and CAP_PERFMON"
}
