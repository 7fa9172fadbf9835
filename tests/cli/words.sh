# shellcheck shell=sh disable=SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Command lines that are wrong: what is said names the option and its value.

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
	wrong "--: unexpected argument" list -4 state all -- true
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
}

# pointed PROBLEM EXPRESSION BLANKS: what is said of it, with the caret behind so many blanks.
pointed()
{
	printf "expression: %s\n  %s\n  %$3s^" "$1" "$2" ""
}

# wrong_expression PROBLEM BLANKS WORD...: the same of both commands.
wrong_expression()
{
	problem=$1
	blanks=$2
	shift 2
	message=$(pointed "$problem" "$*" "$blanks")
	wrong "$message" trace "$@"
	wrong "$message" list "$@"
	wrong "$message" -4 "$@"
	wrong "$message" list -6 "$@"
}

# What is wrong with which word, tests/unit/expression.c knows; here is how it is shown.
check_expressions()
{
	condition="expected a condition"
	port="expected a port"
	wrong_expression "$condition" 0 nosuch
	wrong_expression "$condition" 0 80
	wrong_expression "$condition" 0 trace
	wrong_expression "$condition" 0 list
	wrong_expression "$condition" 11 sport = 80 check
	wrong_expression "$condition" 13 sport = 80 or
	wrong_expression "$condition" 15 sport = 80 and and
	wrong_expression "$condition; options stand before the expression" 0 -
	wrong_expression "$condition; options stand before the expression" 12 sport = :80 -o json
	wrong_expression "$port" 8 sport = :80x
	wrong_expression "$port" 10 "( sport = :80x )"
	wrong_expression "$port" 10 "(" sport = ":80x )"
	wrong_expression "expected ) or another condition" 13 "( sport = :80"
	wrong_expression "expected = or !=" 4 "dst < 10.0.0.1"
	wrong "$(pointed "$condition" nosuch 0)" -4 nosuch -- true
	wrong "$(pointed "expected what a socket has; only transitions have this" "reason fin" 0)" \
		list reason fin
	# Columns are counted, not bytes; what would break the line is a blank.
	message=$(pointed "$port" "comm é sport x" 13)
	wrong "$message" list "comm é sport x"
	wrong "$message" list "comm é
sport$(printf '\t')x"
	# Of a long one, what is near is shown.
	long=$(printf "sport = %d or " 1 2 3 4 5 6 7 8 9)
	wrong "expression: $condition
  ...t = 6 or sport = 7 or sport = 8 or sport = 9 or x sport = 1 or sport = 2 or sport = 3 or sport =...
     $(printf "%48s" "")^" list "${long}x $long"
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
	wrong "$(pointed "expected a port" "sport = x" 8)" stat 1 sport = x
	wrong "-4 and -6 exclude each other" stat -4 1 -6
	wrong "$(pointed "expected a port" "sport = x" 8)" stat --by pid 1 sport = x
	wrong "$(pointed "expected a condition" "sport = 1 2" 10)" stat 1 sport = 1 2 --by pid
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
	wrong "--by comm: expected netns, pid or lport" stat --by comm
	wrong "--top: only with --by" stat --top 5
	wrong "--netns nosuch: $netns" stat -N nosuch
	wrong "--duration 0: $time" stat -d 0
	wrong "--: expected a program" stat --
	wrong "--: expected a program" stat 1 --
	wrong "-w: unknown option" stat -w x
	for option in L:localport D:remoteport p:pid c:comm N:netns o:output d:duration; do
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
