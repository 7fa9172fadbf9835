# shellcheck shell=bash disable=SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Did a run of sweep.sh end as it may?

# What connects.sh makes.
transitions=6

# complete_FORMAT FILE TRANSITIONS: nothing is missing at the beginning, within, or at the end.
complete_json() {
	jq -es --argjson n "$2" '.[0].type == "start" and .[-1].type == "summary" and
		.[-1].lost == 0 and .[-1].transitions == $n and
		[.[] | select(.type == "transition").seq] == [range(1; $n + 1)]' "$1" >/dev/null
}

complete_text() {
	head -n 1 "$1" | grep -q '^TIME ' && [ "$(wc -l <"$1")" = $(($2 + 1)) ] &&
		[ "$(grep -c ' connects.sh .* -> ' "$1")" = "$2" ]
}

complete_csv() {
	head -n 1 "$1" | grep -q '^time,' && [ "$(wc -l <"$1")" = $(($2 + 1)) ] &&
		[ "$(sed 's/[^,]//g' "$1" | uniq | wc -l)" = 1 ]
}

# Without the notices of probes that are not in use: the program can do without.
messages() { grep -v '^tcpflux: probe ' "$1"; }

# unchanged AT WORD...: as it is when nothing fails.
unchanged() {
	local at=$1 terminal=()
	shift
	[ "$1" != top ] || terminal=(tests/on_terminal.sh "$at/err.expected")
	"${terminal[@]}" "$tcpflux" "$@" >"$at/out.expected" 2>"$at/err.expected" </dev/null
	cmp -s "$at/out" "$at/out.expected" && cmp -s "$at/err" "$at/err.expected"
}

# went_well AT OUTPUT WORD...
went_well() {
	local n=0
	[[ $* != *connects.sh* ]] || n=$transitions
	case $2 in
	any) ;;
	same) unchanged "$1" "${@:3}" ;;
	*) "complete_$2" "$1/out" $n && ! messages "$1/err" ;;
	esac
}

# failed_well AT OUTPUT WORD...: one line says why, or something does if anything may be printed, and
# what was printed before it consists of whole lines.
failed_well() {
	local said
	said=$(messages "$1/err")
	[ -z "$(tail -c 1 "$1/out")" ] || return
	if [ "$2" = any ]; then
		[ -s "$1/err" ] || [ -s "$1/out" ]
	else
		[[ $said = 'tcpflux: '* && $said != *$'\n'* ]]
	fi
}

# judge AT OTHER_STATUS STATUS OUTPUT WORD...: it ends with STATUS and all is well, or with
# OTHER_STATUS and says why.
judge() {
	local status
	status=$(<"$1/status")
	{ [ "$status" = "$3" ] && went_well "$1" "${@:4}"; } ||
		{ [ "$status" = "$2" ] && failed_well "$1" "${@:4}"; }
}

# explain AT TITLE
explain() {
	echo "$2: status $(<"$1/status"), $(wc -l <"$1/out") lines of output, and then:"
	tail -n 20 "$1/err"
	[ ! -e "$1/hit" ] || { echo "on the way"; sed 's/\[0x.*//' "$1/hit"; }
}
