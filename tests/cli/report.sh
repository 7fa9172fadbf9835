# shellcheck shell=sh disable=SC2154,SC2034 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# report: its options, its files, and its numbers, which are computed once more by SQL.

check_report_words()
{
	keys="expected one or more of comm,pid,lport,rport,raddr,netns,cgroup"
	wrong "report: expected a log" report
	wrong "report: expected a log" report -4
	wrong "--nosuch: unknown option" report --nosuch log
	wrong "--nosuch: unknown option" report log --nosuch
	wrong "-w: unknown option" report -w log
	wrong "-4 and -6 exclude each other" report -4 log -6
	wrong "--force is for a database, see --sqlite" report --force log
	wrong "--: unexpected argument" report -4 -- log
	for value in '' x 'comm,' ',comm' comm,comm COMM 'comm rport' comm,rport,x; do
		wrong "--by $value: $keys" report --by "$value" log
	done
	for value in xml csv ''; do
		wrong "--output $value: expected text or json" report -o "$value" log
	done
	for option in top time-wait failed half-open brief; do
		wrong "--$option 0: expected a number from 1" report "--$option" 0 log
		wrong "--$option: expected a value" report log "--$option"
	done
	for option in close-wait fin-wait slow-connect; do
		wrong "--$option 5x: expected a time, as in 500ms, 10s, 5m or 1h" report "--$option" 5x log
	done
	wrong "--html : expected a file" report --html '' log
	wrong "--sqlite : expected a file" report --sqlite '' log
	help=$here/report-help.txt
	check_help_text report --help
	check_help_text report -h
}

check_report_numbers()
{
	if ! command -v sqlite3 >/dev/null; then
		skip "report: numbers, computed once more" "no sqlite3"
		return
	fi
	run "$tcpflux" report --sqlite "$dir/report.db" --by comm,rport --top 100000 -o json "$log"
	sed '1s/^/[/; $!s/$/,/; $s/$/]/' "$dir/out" >"$dir/report.json"
	(cd "$dir" && sqlite3 -bail report.db) <"$here/report.sql" >"$dir/compared" 2>&1
	head -n 20 "$dir/compared" | sed 's/^/# /'
	[ "$status" -eq 0 ] && [ "$(grep -c . "$dir/compared")" -eq 1 ] &&
		grep -q '^compared [0-9][0-9][0-9]' "$dir/compared"
	ok $? "report: numbers, computed once more"
}

# Each is asked for with other words, and says the same.
check_report_reading()
{
	run "$tcpflux" report "$log"
	cp "$dir/out" "$dir/report"
	check "report FILE" 0 "" "$(cat "$dir/report")"
	run "$tcpflux" report -o text "$log" --top 20
	check "report FILE, options behind it" 0 "" "$(cat "$dir/report")"
	timeout 10 "$tcpflux" report - <"$log" >"$dir/out" 2>"$dir/err"
	status=$?
	check "report -" 0 "" "$(cat "$dir/report")"
	run "$tcpflux" report "$dir/nosuch"
	check "report of a file that is not there" 1 "tcpflux: $dir/nosuch: No such file or directory" ""
	run "$tcpflux" report -D 443 --by rport -o json "$log"
	grep -o '"by":{[^}]*}' "$dir/out" >"$dir/by"
	same by '"by":{"rport":443}'
	ok $? "report -D"
	run "$tcpflux" report --by rport -c nginx -o json "$log"
	! grep -q '"by":{"rport":443}' "$dir/out" && grep -q '"type":"group"' "$dir/out"
	ok $? "report -c"
	run "$tcpflux" report --by comm,rport --top 3 -o json "$log"
	[ "$(grep -c '"type":"group"' "$dir/out")" -eq 3 ]
	ok $? "report --top"
	run "$tcpflux" report --raw -o json "$log"
	grep '"type":"matrix"' "$dir/out" | grep -q '"LISTEN":{"SYN_RECV"'
	ok $? "report --raw"
	grep '"type":"matrix"' "$dir/out" | grep -q 'TIME_WAIT'
	[ $? -eq 1 ]
	ok $? "report --raw: no TIME_WAIT"
}

check_report_findings()
{
	grep -q '^connects that fail$' "$dir/report"
	ok $? "report: findings"
	run "$tcpflux" report --failed 100000 --brief 100000 --half-open 100000 --slow-connect 1h \
		--fin-wait 1h --close-wait 1h "$log"
	tail -n 1 "$dir/out" >"$dir/last"
	same last "no findings"
	ok $? "report: no findings above their thresholds"
	run "$tcpflux" report --time-wait 10 --half-open 1 --slow-connect 100ms --close-wait 1ms \
		--fin-wait 1ms --brief 1 --failed 1 -o json "$log"
	grep -o '"finding":"[a-z_]*"' "$dir/out" | sort -u >"$dir/kinds"
	same kinds '"finding":"brief"
"finding":"close_wait"
"finding":"connect_failed"
"finding":"fin_wait"
"finding":"half_open"
"finding":"ports"
"finding":"slow_connect"'
	ok $? "report: thresholds"
}

check_report_files()
{
	seq 100000 >"$dir/page"
	run "$tcpflux" report --html "$dir/page" "$log"
	[ "$status" -eq 0 ] && head -n 1 "$dir/page" | grep -q '<!DOCTYPE html>' &&
		tail -n 1 "$dir/page" | grep -q '</html>'
	ok $? "report --html overwrites"
	run "$tcpflux" report --html "$dir/nosuch/page" "$log"
	check "report --html where there is no folder" 1 \
		"tcpflux: $dir/nosuch/page: No such file or directory" ""
	run "$tcpflux" report --html /dev/full "$log"
	check "report --html on a full disk" 1 "tcpflux: /dev/full: No space left on device" \
		"$(cat "$dir/report")"
	rm -f "$dir/db"
	run "$tcpflux" report --sqlite "$dir/db" "$log"
	check "report --sqlite" 0 "" "$(cat "$dir/report")"
	cksum <"$dir/db" >"$dir/sum"
	run "$tcpflux" report --sqlite "$dir/db" "$log"
	check "report --sqlite: a file that exists" 1 "tcpflux: $dir/db: it exists; see --force" ""
	cksum <"$dir/db" >"$dir/again"
	same again "$(cat "$dir/sum")"
	ok $? "report --sqlite: it is left alone"
	run "$tcpflux" report --force --sqlite "$dir/db" "$log"
	check "report --sqlite --force" 0 "" "$(cat "$dir/report")"
	cksum <"$dir/db" >"$dir/again"
	same again "$(cat "$dir/sum")"
	ok $? "report --sqlite --force: the same once more"
	run "$tcpflux" report --force --sqlite /dev/null "$log"
	check "report --sqlite: what is no file" 1 "tcpflux: /dev/null: Invalid argument" ""
	[ -c /dev/null ]
	ok $? "report --sqlite: it is still there"
	rm "$dir/db"
	run "$tcpflux" report --sqlite "$dir/db" "$dir/nosuch"
	[ ! -e "$dir/db" ]
	ok $? "report --sqlite of nothing leaves nothing"
}

check_report_output()
{
	run_on_full_disk "$tcpflux" report "$log"
	check "report on a full disk" 1 "tcpflux: standard output: No space left on device" ""
	run_without_reader "$tcpflux" report "$log"
	check "report without a reader" 0 "" ""
	! grep -q '█' "$dir/report"
	ok $? "report: ASCII where the locale is not UTF-8"
	run env LC_ALL=C.UTF-8 "$tcpflux" report "$log"
	grep -q '█' "$dir/out"
	ok $? "report: blocks where the locale is UTF-8"
	run env LC_ALL= LC_CTYPE= LANG=de_DE.utf8 "$tcpflux" report "$log"
	grep -q '█' "$dir/out"
	ok $? "report: blocks by LANG"
}

check_report()
{
	log=$dir/lives
	check_report_words
	# 30 s, a connection every 20 ms, and another minute for TIME_WAIT
	if ! "${BUILD:-build}/tests/bench/lives" "$log" 4500 20000000; then
		ok 1 "report: a log to read"
		return
	fi
	check_report_numbers
	check_report_reading
	check_report_findings
	check_report_files
	check_report_output
}
