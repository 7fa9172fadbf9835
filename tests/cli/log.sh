# shellcheck shell=sh disable=SC2034,SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Logs: what can't be written or read, and what is no log.

check_log_words()
{
	wrong "record: expected -w FILE" record
	wrong "record: expected -w FILE" record -d 1s -- true
	wrong "$(printf 'expression: expected a condition\n  x\n  ^')" record -w "$dir/log" x
	wrong "$(printf 'expression: expected a port\n  sport 80x\n        ^')" \
		trace -r "$dir/log" other -q sport 80x
	wrong "$(printf 'expression: expected a port\n  sport 80x\n        ^')" \
		report "$dir/log" other sport 80x
	wrong "-o: unknown option" record -w "$dir/log" -o json
	wrong "-r: unknown option" record -r "$dir/log"
	wrong "--: expected a program" record -w "$dir/log" --
	for option in r:read w:write C:file-size G:file-time W:file-count; do
		wrong_option "--${option#*:}: expected a value" "-${option%:*}"
	done
	wrong_option "--write : expected a file" -w ''
	wrong_option "--read : expected a file" -r ''
	for value in 0 x '' 1.5M 10MB 1T -1 99999999999999999999; do
		wrong "--file-size $value: expected millions of bytes, or a size as in 500K, 10M or 1G" \
			record -w "$dir/log" -C "$value"
	done
	wrong "--file-time 0: $time" record -w "$dir/log" -G 0
	for value in 0 x '' 10001; do
		wrong "--file-count $value: expected a number from 1 to 10000" \
			record -w "$dir/log" -C 1 -W "$value"
	done
	wrong "-W needs -C or -G" record -w "$dir/log" -W 3
	wrong_option "-C, -G, -W and --force are for a log, see -w" -C 1
	wrong_option "-C, -G, -W and --force are for a log, see -w" --force
	wrong "-C and -G need a file to write to" record -w - -C 1
	wrong_option "-w -: standard output has the rows; see record" -w -
	wrong_option "-r and -w exclude each other" -r a -w b
	wrong_option "-r and -b exclude each other" -r a -b 16M
	wrong_option "-r and --no-fentry exclude each other" -r a --no-fentry
	wrong_option "-r and --totals exclude each other" -r a --totals 1s
	wrong_option "-r and a program exclude each other" -r a -- true
	wrong_option "-r and a program exclude each other" -r a b -q -- true
	wrong_option "-Z: unknown option" -r a b -Z
	wrong_option "--: expected a program" -r a b -q --
	[ ! -e "$dir/log" ]
	ok $? "no log was made"
}

# refused NAME MESSAGE FILE...: these are not read.
refused()
{
	name=$1
	message=$2
	shift 2
	run "$tcpflux" trace -r "$@"
	check "$name" 1 "tcpflux: $message" ""
}

# What needs no rights: a log that somebody else has made.
check_reading()
{
	log=tests/fuzz/seeds/log.tfx
	refused "a log that is not there" "$dir/nosuch: No such file or directory" "$dir/nosuch"
	refused "a folder" "$dir: Is a directory" "$dir"
	refused "an empty file" "/dev/null: an empty file, not a log" /dev/null
	refused "no log" "/etc/passwd: not a log of tcpflux" /etc/passwd
	refused "a log and none" "/etc/passwd: not a log of tcpflux" $log /etc/passwd
	refused "a log given twice" "$log: given twice" $log $log
	printf 'short' >"$dir/short"
	refused "a short file" "$dir/short: not a log of tcpflux" "$dir/short"
	{ head -c 8 $log; printf '\002'; tail -c +10 $log; } >"$dir/newer"
	refused "a newer log" "$dir/newer: a log of a newer version of tcpflux" "$dir/newer"
	head -c 50 $log >"$dir/torn"
	refused "a torn head" "$dir/torn: the log's head is damaged" "$dir/torn"
	run "$tcpflux" trace -r $log -o json -q
	cp "$dir/out" "$dir/rows"
	[ "$(grep -c '"type":"transition"' "$dir/rows")" -eq 80 ]
	check "a log is read" $? "" "$(cat "$dir/rows")"
	run "$tcpflux" -r $log -o json -q
	check "and by the default command" 0 "" "$(cat "$dir/rows")"
	for order in "-o json -q -r" "-r"; do
		# shellcheck disable=SC2016,SC2086 # for the inner shell; words
		run sh -c 'tcpflux=$1 log=$2; shift 2; "$tcpflux" trace "$@" - -q -o json <"$log"' \
			- "$tcpflux" $log $order
		check "standard input: $order" 0 "" "$(cat "$dir/rows")"
	done
	run "$tcpflux" trace -r $log -n 3 -o json -q
	[ "$status" -eq 0 ] && head -n 4 "$dir/rows" | cmp -s - "$dir/out" -n "$(head -n 4 "$dir/rows" | wc -c)"
	ok $? "the first three"
	run "$tcpflux" trace -r $log -d 1ms -o json -q
	tail -n 1 "$dir/out" | grep -q '"transitions":80,'
	ok $? "the first millisecond"
	run_without_reader "$tcpflux" trace -r $log -q
	check "a log without a reader" 0 "" ""
	run_on_full_disk "$tcpflux" trace -r $log
	check "a log on a full disk" 1 "tcpflux: standard output: No space left on device" ""
	# Its writer goes on, and it is ended. In the background timeout sends a SIGCONT, too, for which
	# a search for leaks, which stops the program at its end, would wait for ever.
	(cat $log; sleep 5) | timeout --foreground -s INT 0.5 "$tcpflux" trace -o json -q -r - >"$dir/out" 2>"$dir/err"
	tail -n 1 "$dir/out" | grep -q '"type":"summary","transitions":80,'
	ok $? "reading is ended by SIGINT"
	rm -f "$dir/fifo"
	mkfifo "$dir/fifo"
	ended trace -q -r "$dir/fifo"
	head -c 700 $log >"$dir/torn"
	run "$tcpflux" trace -r "$dir/torn" -o csv -q
	[ "$status" -eq 0 ] && grep -q "^tcpflux: $dir/torn: torn: its last [0-9]* bytes are no whole block\$" \
		"$dir/err"
	ok $? "a torn log"
}

# ended WORD...: nobody is at the other end of a FIFO, and waiting for one is ended by SIGINT.
ended()
{
	timeout --foreground --preserve-status -k 5 -s INT 0.5 "$tcpflux" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	check "waiting at a FIFO is ended by SIGINT: $1" 0 "" ""
}

# With rights: a log that is made.
check_logging()
{
	run "$tcpflux" record -q -d 1ms -w "$dir/log"
	check "record" 0 "" ""
	[ "$(stat -c %a "$dir/log")" = 600 ]
	ok $? "nobody else may read it"
	run "$tcpflux" record -q -d 1ms -w "$dir/log"
	check "record does not overwrite" 1 \
		"tcpflux: $dir/log: exists already; --force overwrites it" ""
	run "$tcpflux" record -q -d 1ms -w "$dir/log" --force
	check "record --force does" 0 "" ""
	run "$tcpflux" record -q -d 1ms -w "$dir/nosuch/log"
	check "record without a folder" 1 "tcpflux: $dir/nosuch/log: No such file or directory" ""
	run "$tcpflux" record -q -d 1ms -w "$dir"
	[ "$status" -eq 1 ]
	ok $? "record to a folder"
	run "$tcpflux" record -q -d 1ms -w /dev/full
	check "record on a full disk" 1 "tcpflux: /dev/full: No space left on device" ""
	run_without_reader "$tcpflux" record -q -w -
	check "record without a reader" 0 "" ""
	# shellcheck disable=SC2016 # for the inner shell
	run sh -c '"$1" record -q -d 1ms -w - | "$1" trace -q -o csv -r -' - "$tcpflux"
	[ "$status" -eq 0 ] && [ "$(cut -d, -f1 "$dir/out" | head -n 1)" = time ]
	ok $? "a log through a pipe"
	# shellcheck disable=SC2016 # for the inner shell
	run sh -c '"$1" record -q -w - -- echo words | "$1" trace -q -o csv -r -' - "$tcpflux"
	[ "$status" -eq 0 ] && same err words
	ok $? "a program's words are not in the log"
	ended record -q -w "$dir/fifo"
	"$tcpflux" record -q -d 1ms -w "$dir/fifo" &
	run "$tcpflux" trace -q -o csv -r "$dir/fifo"
	wait
	[ "$status" -eq 0 ] && [ "$(cut -d, -f1 "$dir/out" | head -n 1)" = time ]
	ok $? "a log through a FIFO"
	run "$tcpflux" record -d 1ms -w "$dir/log2"
	grep -q '^[0-9]* transitions in [0-9.]* s, [0-9]* lost$' "$dir/err"
	ok $? "record sums up"
	if command -v script >/dev/null; then
		run script -qec "$tcpflux record -d 1500ms -w $dir/log4" /dev/null
		grep -q "$(printf '\r')[0-9]* transitions, [0-9]*/s, [0-9.]* MB written, [0-9]* lost" \
			"$dir/out"
		ok $? "a line on the terminal says how far it is"
	fi
	run "$tcpflux" record -q -w "$dir/log3" -- /nonexistent
	check "record and a program that is not there" 1 \
		"tcpflux: /nonexistent: No such file or directory" ""
	[ ! -e "$dir/log3" ]
	ok $? "no empty log is left"
}

check_log()
{
	help=$here/record-help.txt
	check_help_text record --help
	check_help_text record -h
	check_log_words
	check_reading
	if [ "$(id -u)" -eq 0 ] && "$tcpflux" -q -d 1ms >"$dir/out" 2>&1 </dev/null; then
		check_logging
	else
		skip "making logs" "nothing can be traced here"
	fi
}
