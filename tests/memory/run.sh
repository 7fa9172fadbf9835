#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every command of tests/commands.sh under valgrind: no error and no leak, not even of what is still
# reachable at the end. Prints TAP. Commands that trace need root.
#
# BUILD is the build directory, TCPFLUX the program. Tests run side by side, one a CPU.
if [ "$(id -u)" = 0 ] && [ -z "${MEMORY_ALONE-}" ]; then
	MEMORY_ALONE=yes exec unshare -n "$0" # where nobody else connects
fi
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${BUILD:-build}")
tcpflux=$(realpath "${TCPFLUX:-$build/tcpflux}")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
. tests/commands.sh
[ "$(id -u)" != 0 ] || ip link set lo up || exit 1

# May fewer than all commands be run? Says why.
why_not_all() {
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
	else
		! { timeout 20 "$tcpflux" -q -d 1ms >"$dir/out"; } 2>&1
	fi
}

# run NUMBER WORD... The status is 99 after an error; what it should be is for other tests, and is not
# always the same here: valgrind forks where posix_spawn() should, which then can't fail. A process that
# top forks has its parent's memory, and can't be asked to free it.
run() {
	local log=$dir/$1.log status terminal=()
	[ "$2" != top ] || terminal=(tests/on_terminal.sh "$dir/$1.err")
	"${terminal[@]}" timeout -k 1 180 env LD_PRELOAD="$build/tests/memory/pidfd.so" \
		valgrind -q --log-file="$log" --error-exitcode=99 --child-silent-after-fork=yes \
		--suppressions=tests/memory/valgrind.supp --leak-check=full \
		--show-leak-kinds=all --errors-for-leak-kinds=all \
		"$tcpflux" "${@:2}" >"$dir/$1.out" 2>"$dir/$1.err" </dev/null
	status=$?
	[ $status -le 2 ] || {
		echo "status $status"
		tail -n 20 "$dir/$1.err"
		grep '^==' "$log" | head -n 100
	} >"$dir/$1.problems"
}

# result NUMBER NAME: a line of TAP.
result() {
	if [ -s "$dir/$1.skip" ]; then
		echo "ok $1 - $2 # SKIP $(head -n 1 "$dir/$1.skip")"
	elif [ -s "$dir/$1.problems" ]; then
		echo "not ok $1 - $2"
		sed 's/^/# /' "$dir/$1.problems"
		failed=1
	else
		echo "ok $1 - $2"
	fi
}

why_not_all >"$dir/why"
for ((i = 1; i <= ${#commands[@]}; i++)); do
	command=${commands[i - 1]}
	read -ra words <<<"${command/PROGRAM/-- tests/connects.sh PORT}"
	words=("${words[@]/#PORT/1}")
	if [ -s "$dir/why" ] && [ "${words[1]}" != same ]; then
		cp "$dir/why" "$dir/$i.skip"
		continue
	fi
	[ $i -le "$(nproc)" ] || wait -n
	run $i "${words[@]:2}" &
done
wait
failed=0
for ((i = 1; i <= ${#commands[@]}; i++)); do
	result $i "${commands[i - 1]#* * }"
done
echo "1..${#commands[@]}"
exit $failed
