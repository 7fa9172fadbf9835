#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The command line: for every wrong use, and in every surrounding that does not allow tracing, the
# exact standard error, standard output and exit status. Prints TAP. What needs root or a namespace
# of its own is skipped where that is not to be had.
#
#	run.sh [--update]
#
# --update writes help.txt and *-help.txt anew. BUILD is the build directory, relative to the
# project's root; TCPFLUX, the program.

here=$(cd "$(dirname "$0")" && pwd) || exit 1
cd "$here/../.." || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# Other users shall be able to run it, wherever it was built.
chmod 755 "$dir"
tcpflux=$dir/tcpflux
cp "${TCPFLUX:-${BUILD:-build}/tcpflux}" "$tcpflux" || exit 1
export LC_ALL=C
count=0
failed=0

ok()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
	fi
}

skip()
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# run COMMAND...: its output is in files; should it trace for ever, it is ended.
run()
{
	timeout 10 "$@" </dev/null >"$dir/out" 2>"$dir/err"
	status=$?
}

# same WHAT EXPECTED: compares one of the two outputs, WHAT, with lines.
same()
{
	if [ -n "$2" ]; then printf '%s\n' "$2"; fi >"$dir/expected"
	diff -u -L "expected $1" -L "actual $1" "$dir/expected" "$dir/$1" >"$dir/diff" && return 0
	sed 's/^/# /' "$dir/diff"
	return 1
}

# check NAME STATUS ERR OUT: judges what was run last.
check()
{
	result=0
	if [ "$status" -ne "$2" ]; then
		echo "# exit status $status, not $2"
		result=1
	fi
	same err "$3" || result=1
	same out "$4" || result=1
	ok $result "$1"
}

# says NAME LINE: a check that says it can't be done, with this line.
says()
{
	result=0
	if [ "$status" -ne 1 ]; then
		echo "# exit status $status, not 1"
		result=1
	fi
	same err "" || result=1
	if ! grep -q "^$2\$" "$dir/out"; then
		sed 's/^/# /' "$dir/out"
		result=1
	fi
	ok $result "$1"
}

# wrong MESSAGE ARG...: a command line that is refused with it.
wrong()
{
	message=$1
	shift
	run "$tcpflux" "$@"
	check "tcpflux $(printf "%s " "$@" | tr '\n' '?')" 2 "tcpflux: $message" ""
}

# Every command line is wrong with the default command and with the command's name.
wrong_option()
{
	wrong "$@"
	message=$1
	shift
	wrong "$message" trace "$@"
}

# The options of a filter, and -o: the same with list, too.
wrong_filter()
{
	wrong_option "$@"
	message=$1
	shift
	wrong "$message" list "$@"
}

ports="expected ports from 1 to 65535, as in 80,443,8000-8999"
pids="expected process numbers, as in 812,4711"
netns="expected a network namespace: a name of \`ip netns\`, an inode number, or self"
time="expected a time, as in 500ms, 10s, 5m or 1h"
size="expected a power of two from one page (4K) to 1G, as in 256K or 16M"
format="expected text, json or csv"
number="expected a number from 1"

check_words()
{
	wrong "nosuch: unknown command" nosuch
	wrong "Trace: unknown command" Trace
	wrong "trac: unknown command" trac -4
	wrong "nosuch: unknown command" nosuch --help
	wrong_filter "--nosuch: unknown option" --nosuch
	wrong_filter "--nosuch=1: unknown option" --nosuch=1
	wrong_filter "-Z: unknown option" -Z
	wrong_filter "-Z: unknown option" -4Z
	wrong_option "-Z: unknown option" -q -Zq -d 1
	wrong_filter "--ip: ambiguous option" --ip
	wrong_option "--r=1: ambiguous option" --r=1
	wrong_option "--raw=1: takes no value" --raw=1
	wrong_filter "--ipv4=: takes no value" --ipv4=
	wrong_option "--help=trace: takes no value" --help=trace
	wrong_filter "-4 and -6 exclude each other" -4 -6
	wrong_filter "-4 and -6 exclude each other" -64
	wrong_option "--: expected a program" --
	wrong_option "--: expected a program" -q --
	wrong_filter "80: unexpected argument" -4 80
	wrong_option "nosuch: unexpected argument" -4 nosuch -- true
	wrong_filter "-: unexpected argument" -
	wrong "trace: unexpected argument" trace trace
	wrong "trace: unexpected argument" -q trace
	wrong "list: unexpected argument" list list
	wrong "list: unexpected argument" -4 list
	wrong "nosuch: unexpected argument" list -4 nosuch -- true
	wrong "--: unexpected argument" list --
	wrong "--: unexpected argument" list -i -- true
	wrong "-d: unknown option" list -d 1s
	wrong "-n: unknown option" list -n 1
	wrong "--raw: unknown option" list --raw
	wrong "--info=1: takes no value" list --info=1
	wrong "--nosuch: unknown option" check --nosuch
	wrong "-q: unknown option" check -q
	wrong "-o: unknown option" check -o json
	wrong "--verbose=1: takes no value" check --verbose=1
	wrong "80: unexpected argument" check 80
	wrong "check: unexpected argument" check check
	wrong "--: unexpected argument" check --
	wrong "--: unexpected argument" check -v -- true
	wrong "nosuch: unexpected argument" check nosuch -- true
	wrong "check: unexpected argument" -4 check
}

check_stat()
{
	for value in 0 x '' 1.5 1x 0ms 1S; do
		wrong "INTERVAL $value: $time" stat "$value"
		wrong "INTERVAL $value: $time" stat -q "$value" 1
	done
	for value in 0 x '' 1.5 1s; do
		wrong "COUNT $value: $number" stat 1 "$value"
		wrong "COUNT $value: $number" stat 1s "$value" 3
	done
	wrong "3: unexpected argument" stat 1 2 3
	wrong "3: unexpected argument" stat 1 2 3 -- true
	wrong "INTERVAL -: $time" stat -
	wrong "-1: unknown option" stat -1
	wrong "-1: unknown option" stat 1 -1
	wrong "--nosuch: unknown option" stat --nosuch
	wrong "--nosuch: unknown option" stat 1 --nosuch
	wrong "--nosuch: unknown option" stat 1 2 --nosuch
	wrong "--output xml: $format" stat -o xml
	wrong "--output xml: $format" stat 1 2 -o xml
	wrong "--netns nosuch: $netns" stat -N nosuch
	wrong "--duration 0: $time" stat -d 0
	wrong "--: expected a program" stat --
	wrong "--: expected a program" stat 1 --
	wrong "-L: unknown option" stat -L 80
	for option in N:netns o:output d:duration; do
		wrong "--${option#*:}: expected a value" stat "-${option%:*}"
		wrong "--${option#*:}: expected a value" stat 1 "--${option#*:}"
	done
}

check_missing_values()
{
	for option in L:localport D:remoteport p:pid c:comm N:netns o:output d:duration n:count \
		b:buffer; do
		wrong_option "--${option#*:}: expected a value" "-${option%:*}"
		wrong_option "--${option#*:}: expected a value" "-4${option%:*}"
		wrong_option "--${option#*:}: expected a value" "--${option#*:}"
	done
	for option in L:localport D:remoteport p:pid c:comm N:netns o:output w:watch; do
		wrong "--${option#*:}: expected a value" list "-${option%:*}"
		wrong "--${option#*:}: expected a value" list "--${option#*:}"
	done
}

check_values()
{
	for value in 80x 0 65536 9-3 '' '80,' ',80' '80,,443' -1 +80 ' 80' '80 ' 0x50 80-65536 1-2-3 80.5 \
		99999999999999999999 '80,x'; do
		wrong "--localport $value: $ports" -L "$value"
		wrong "--localport $value: $ports" list -L "$value"
	done
	for value in x 0 65536 9-3 ''; do
		wrong "--remoteport $value: $ports" "--remoteport=$value"
		wrong "--remoteport $value: $ports" list "--remoteport=$value"
	done
	for value in 0 x 4194305 -1 '' '1,'; do
		wrong "--pid $value: $pids" -p "$value"
		wrong "--pid $value: $pids" list -p "$value"
	done
	wrong_filter "--comm : expected a name" -c ''
	for value in nosuch '' a/b .. . /proc/self/ns/net 0 4294967296 -1 'self '; do
		wrong "--netns $value: $netns" -N "$value"
		wrong "--netns $value: $netns" list -N "$value"
	done
	for value in xml '' JSON 'text,json'; do
		wrong "--output $value: $format" -o "$value"
		wrong "--output $value: $format" list -o "$value"
	done
	for value in 0 5x -1 '' 1.5s 5S 0ms 99999999999999999999s 9999999999h '5 s' s; do
		wrong "--duration $value: $time" -d "$value"
		wrong "--watch $value: $time" list -w "$value"
	done
	for value in 0 x -1 '' 1.5 9223372036854775808; do
		wrong "--count $value: $number" -n "$value"
	done
	for value in 3M 1 2G 12345 0 '' -16M 16m 16MB M 1T 4294967297; do
		wrong "--buffer $value: $size" -b "$value"
	done
	# The first that is wrong is the one that is named, and the right ones don't heal it.
	wrong "--count x: $number" -n x -L 80x
	wrong "--localport 80x: $ports" -L 80x -L 80
}

# Kept as files, since people read them: see --update.
check_help_text()
{
	run "$tcpflux" "$@"
	if [ -n "$update" ]; then
		cat "$dir/out" >"$help"
	fi
	check "tcpflux $*" 0 "" "$(cat "$help")"
}

check_help()
{
	help=$here/help.txt
	check_help_text --help
	check_help_text -h
	help=$here/trace-help.txt
	check_help_text trace --help
	check_help_text trace -h
	check_help_text trace -4 --help
	# What stands behind -- is the program's.
	check_help_text -4 --help -- true
	help=$here/list-help.txt
	check_help_text list --help
	check_help_text list -h
	check_help_text list -4 -o json --help
	for option in ipv4 ipv6 localport remoteport pid comm netns output info watch quiet verbose help; do
		grep -q -e "--$option " "$help"
		ok $? "list --help has --$option"
	done
	help=$here/check-help.txt
	check_help_text check --help
	check_help_text check -h
	check_help_text check -v --help
	help=$here/stat-help.txt
	check_help_text stat --help
	check_help_text stat 1 2 -h
	help=$here/trace-help.txt
	for option in ipv4 ipv6 localport remoteport pid comm netns output duration count buffer raw \
		quiet verbose fail-on-loss help; do
		grep -q -e "--$option " "$help"
		ok $? "trace --help has --$option"
	done
	run "$tcpflux" --version
	grep -Eq '^tcpflux [0-9]+\.[0-9]+\.[0-9]+$' "$dir/out"
	ok $? "tcpflux --version prints a version"
	check "tcpflux --version" 0 "" "$(head -n 1 "$dir/out")"
	version=$(cat "$dir/out")
	run "$tcpflux" -V
	check "tcpflux -V" 0 "" "$version"
}

# The reader is gone before the program starts, so that every run is the same.
run_without_reader()
{
	rm -f "$dir/fifo"
	mkfifo "$dir/fifo"
	: <"$dir/fifo" &
	exec 4>"$dir/fifo"
	wait $!
	timeout 10 "$@" </dev/null >&4 2>"$dir/err"
	status=$?
	exec 4>&-
	: >"$dir/out"
}

run_on_full_disk()
{
	timeout 10 "$@" </dev/null >/dev/full 2>"$dir/err"
	status=$?
	: >"$dir/out"
}

run_without_output()
{
	timeout 10 "$@" </dev/null >&- 2>"$dir/err"
	status=$?
	: >"$dir/out"
}

# What was said went nowhere, and must not go anywhere else.
run_without_error()
{
	timeout 10 "$@" </dev/null >"$dir/out" 2>&-
	status=$?
	: >"$dir/err"
}

check_help_output()
{
	for option in --help --version; do
		run_without_reader "$tcpflux" $option
		check "$option without a reader" 0 "" ""
		run_on_full_disk "$tcpflux" $option
		check "$option on a full disk" 1 \
			"tcpflux: standard output: No space left on device" ""
		run_without_output "$tcpflux" $option
		check "$option without standard output" 1 \
			"tcpflux: standard output: Bad file descriptor" ""
	done
	run_without_reader "$tcpflux" trace --help
	check "trace --help without a reader" 0 "" ""
	run_on_full_disk "$tcpflux" trace --help
	check "trace --help on a full disk" 1 "tcpflux: standard output: No space left on device" ""
	run_on_full_disk "$tcpflux" check
	check "check on a full disk" 1 "tcpflux: standard output: No space left on device" ""
	run_without_error "$tcpflux" --nosuch
	check "a wrong option without standard error" 2 "" ""
}

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

check_tracing()
{
	run "$tcpflux" -q -d 1ms -- /nonexistent
	check "a program that is not there" 1 "tcpflux: /nonexistent: No such file or directory" ""
	run "$tcpflux" -q -d 1ms -- nonexistent-in-path
	check "a program that is not in PATH" 1 \
		"tcpflux: nonexistent-in-path: No such file or directory" ""
	run "$tcpflux" -q -d 1ms -- /etc/passwd
	check "a program that is none" 1 "tcpflux: /etc/passwd: Permission denied" ""
	run "$tcpflux" -q -d 10s -- sh -c 'exit 7'
	[ "$status" -eq 0 ]
	ok $? "a program's own status does not matter"
	run "$tcpflux" stat -q -o csv -- sh -c 'exit 7'
	[ "$status" -eq 0 ] && [ "$(wc -l <"$dir/out")" -eq 2 ]
	ok $? "stat -- PROGRAM prints one row"
	run "$tcpflux" stat -q -o csv 10ms 3
	[ "$status" -eq 0 ] && [ "$(wc -l <"$dir/out")" -eq 4 ]
	ok $? "stat 10ms 3 prints three rows"
	run "$tcpflux" stat -q -- /nonexistent
	check "stat: a program that is not there" 1 \
		"tcpflux: /nonexistent: No such file or directory" ""
	for format in text json csv; do
		run_on_full_disk "$tcpflux" stat -q 10ms 1 -o $format
		check "stat: $format on a full disk" 1 \
			"tcpflux: standard output: No space left on device" ""
		run_without_reader "$tcpflux" stat -q 10ms -o $format
		check "stat: $format without a reader" 0 "" ""
		run_on_full_disk "$tcpflux" -q -d 10ms -o $format
		check "$format on a full disk" 1 \
			"tcpflux: standard output: No space left on device" ""
		run_without_output "$tcpflux" -q -d 10ms -o $format
		check "$format without standard output" 1 \
			"tcpflux: standard output: Bad file descriptor" ""
		run_without_reader "$tcpflux" -q -d 10s -o $format
		check "$format without a reader" 0 "" ""
		run_without_error "$tcpflux" -d 10ms -o $format
		[ "$status" -eq 0 ]
		ok $? "$format without standard error"
	done
}

# A list has an end of its own; with --watch, only others end it.
check_listing()
{
	for format in text json csv; do
		run_on_full_disk "$tcpflux" list -q -o $format
		check "list as $format on a full disk" 1 \
			"tcpflux: standard output: No space left on device" ""
		run_without_output "$tcpflux" list -q -o $format
		check "list as $format without standard output" 1 \
			"tcpflux: standard output: Bad file descriptor" ""
		run_without_reader "$tcpflux" list -q -o $format
		check "list as $format without a reader" 0 "" ""
		run_without_reader "$tcpflux" list -q -o $format --watch 1h
		check "list --watch as $format without a reader" 0 "" ""
		run_without_error "$tcpflux" list -N self -o $format
		[ "$status" -eq 0 ]
		ok $? "list as $format without standard error"
	done
	run timeout -s INT 0.3 "$tcpflux" list -q -N self -D 1 -o csv --watch 100ms
	check "list --watch is ended by SIGINT" 124 "" "time,$(list_header)"
	run "$tcpflux" list -q -N self -D 1 -o csv
	check "list as csv with no sockets" 0 "" "$(list_header)"
	run "$tcpflux" list -q -N self -D 1 -o json
	check "list as json with no sockets" 0 "" ""
}

list_header()
{
	echo "cookie,netns,family,laddr,lport,raddr,rport,state,state_us,pid,comm,uid,owner,recv_q,\
send_q,timer,timer_ms,timer_retransmits,retransmits"
}

# colours ENVIRONMENT...: are there any on a terminal? A refused connection is what there is to see.
colours()
{
	run env "$@" script -qec "$tcpflux -q -- bash -c ': </dev/tcp/127.0.0.1/1'" /dev/null
	grep -q 'SYN_SENT.* -> .*CLOSE.*refused' "$dir/out" || return 2
	grep -q "$(printf '\033')" "$dir/out"
}

check_colours()
{
	if ! command -v script >/dev/null || ! command -v bash >/dev/null; then
		skip "colours" "no script or no bash"
		return
	fi
	colours TERM=xterm
	ok $? "colours on a terminal"
	colours TERM=xterm NO_COLOR=
	ok $? "an empty NO_COLOR changes nothing"
	colours TERM=xterm NO_COLOR=1
	[ $? -eq 1 ]
	ok $? "no colours with NO_COLOR"
	colours TERM=dumb
	[ $? -eq 1 ]
	ok $? "no colours on a dumb terminal"
}

check_tracing_if_possible()
{
	if [ "$(id -u)" -ne 0 ]; then
		skip "programs and standard output" "not root"
		return
	fi
	run "$tcpflux" -q -d 1ms
	if [ "$status" -ne 0 ]; then
		skip "programs and standard output" "$(head -n 1 "$dir/err")"
		return
	fi
	check_tracing
	check_listing
	check_colours
}

. tests/cli/report.sh
. tests/cli/log.sh

update=
[ "${1-}" = --update ] && update=yes
check_words
check_stat
check_missing_values
check_values
check_help
check_help_output
check_report
check_log
check_kernel
check_btf
check_permissions
check_tracing_if_possible
echo "1..$count"
exit $failed
