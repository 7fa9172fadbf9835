# shellcheck shell=bash disable=SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs with faults, one after another. A test is called with AT STATUS OUTPUT WORD...: a folder of
# its own, and a line of tests/commands.sh. It prints what is wrong.

# go AT SETTING WORD...: a run under a setting of faults.h. What is left of it is in the folder AT.
go() {
	local at=$1 setting=$2 terminal=()
	shift 2
	rm -f "$at/hit"
	[ "$1" != top ] || terminal=(tests/on_terminal.sh "$at/err")
	"${terminal[@]}" timeout -k 1 60 prlimit --nofile="${descriptors:-1024}" \
		env LD_PRELOAD="$faults" FAULTS_LOG="$at/hit" "$setting" \
		"$tcpflux" "$@" >"${to:-$at/out}" 2>"$at/err" </dev/null
	echo $? >"$at/status"
}

# The same, and standard output is a pipe.
go_to_pipe() {
	local at=$1 to=$1/pipe reader
	mkfifo -m 600 "$to"
	cat "$to" >"$at/out" &
	reader=$!
	go "$@"
	wait "$reader"
	rm "$to"
}

# sweep AT FAULT ERRNO STATUS OUTPUT WORD...: the $first call of a kind fails, then the one $step
# behind it, until there are no more, or enough is known. FAULT+: with all that follow.
sweep() {
	local at=$1 fault=${2%+} all=${2##*[a-z]} errno=$3 n problems=0
	shift 3
	for ((n = first; problems < 3; n += step)); do
		go "$at" FAULTS="$fault $n$all $errno" "${@:3}"
		judge "$at" 1 "$@" || {
			problems=$((problems + 1))
			explain "$at" "$fault $n$all $errno"
		}
		[ -e "$at/hit" ] || break
	done
}

all_memory() { sweep "$1" alloc ENOMEM "${@:2}"; }
all_memory_from() { sweep "$1" alloc+ ENOMEM "${@:2}"; }

own_memory() { sweep "$1" own ENOMEM "${@:2}"; }

bpf_calls() { sweep "$1" bpf EPERM "${@:2}"; }
bpf_calls_memory() { sweep "$1" bpf ENOMEM "${@:2}"; }

other_calls() {
	sweep "$1" setup EMFILE "${@:2}"
	sweep "$1" diag ENOBUFS "${@:2}"
	sweep "$1" read EIO "${@:2}"
	sweep "$1" write ENOSPC "${@:2}"
	sweep "$1" wait ENOMEM "${@:2}"
}

# probes AT: which of them are in use.
probes() { jq -c 'select(.type == "start").probes' "$1/out"; }

# A filter that the kernel does not load as it is runs behind it, and that is all. What libbpf tries
# out before does not come right again: one of the calls behind that is the one.
refused_filter() {
	local at=$1 n usual
	go "$at" NONE= "${@:4}"
	usual=$(probes "$at")
	for ((n = 1;; n++)); do
		go "$at" FAULTS="bpf $n E2BIG" "${@:4}"
		[ -e "$at/hit" ] || break
		if grep -q '^tcpflux: filter in the kernel: refused' "$at/err" &&
			[ "$(<"$at/status")" = 0 ] && complete_json "$at/out" "$transitions" &&
			[ "$(probes "$at")" = "$usual" ]; then
			return
		fi
	done
	explain "$at" "none of $n calls is the one that loads it"
}

# What stat asks as ss does it can do without, and says so.
refused_sock_diag() {
	local at=$1 said="probe census: .*FIN_WAIT2 of a closed socket counts as TIME_WAIT"
	go "$at" FAULTS="diag 1 EPROTONOSUPPORT" "${@:4}"
	grep -q "^tcpflux: $said" "$at/err" && [ "$(<"$at/status")" = 0 ] ||
		explain "$at" "without sock_diag"
}

# Down to what starting the program takes. One that it starts itself must have enough.
descriptors() {
	local at=$1 descriptors
	[[ $* != *connects.sh* ]] || return
	for ((descriptors = 3 + first; descriptors < 50; descriptors += step)); do
		go "$at" NONE= "${@:4}"
		judge "$at" 1 "${@:2}" || explain "$at" "$descriptors descriptors"
	done
}

# What has to make no difference.
no_fault() {
	local at=$1 setting how
	for setting in FAULTS_SHORT=1 FAULTS_EINTR=2 FAULTS_STORM=300; do
		for how in go go_to_pipe; do
			$how "$at" $setting "${@:4}"
			judge "$at" "$2" "${@:2}" || explain "$at" "$how $setting"
		done
	done
}
