#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Plays every stored stream of events through every format and compares what comes out, to the
# byte, with the expectation stored beside it. Prints TAP. Needs no root.
#
#	run.sh [--update] [STREAM...]
#
# NAME.stream has NAME.text, NAME.json and NAME.csv, and where something is to be said on standard
# error, NAME.FORMAT.err. A line `# variants: raw` in a stream asks for NAME.raw.FORMAT too, played
# with --raw; `colour`, for NAME.colour.text with --colour; `report`, for what a report says of it,
# NAME.report.text, .json and .html. --update writes the expectations anew:
# read the difference before you commit it.
#
# BUILD is the build directory, REPLAY the program to play them with.

cd "$(dirname "$0")" || exit 1
replay=${REPLAY:-${BUILD:-../../build}/tests/golden/replay}
case $replay in
/* | ../*) ;;
*) replay=../../$replay ;;
esac

export TZ=UTC0 LC_ALL=C
unset NO_COLOR
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
update=
# shellcheck source=tests/tap.sh
. ../tap.sh

# Shows a file as TAP's diagnosis.
show()
{
	sed 's/^/# /' "$1"
}

# same EXPECTED ACTUAL: no expectation is an empty one.
same()
{
	if [ -e "$1" ]; then
		diff -u -L "expected $1" -L "actual $1" "$1" "$2" >"$dir/diff"
	else
		diff -u -L "nothing expected" -L "actual $1" /dev/null "$2" >"$dir/diff"
	fi
}

# keep ACTUAL EXPECTED: nothing expected needs no file.
keep()
{
	if [ -s "$1" ]; then
		cat "$1" >"$2"
	else
		rm -f "$2"
	fi
}

# play STREAM NAME FORMAT [OPTION]
play()
{
	expected=$2.$3
	actual=$dir/$expected
	# shellcheck disable=SC2086 # no option is no word
	"$replay" ${4-} "$3" <"$1" >"$actual" 2>"$actual.err"
	status=$?
	if [ -n "$update" ] && [ $status -eq 0 ]; then
		cat "$actual" >"$expected"
		keep "$actual.err" "$expected.err"
	fi
	if [ $status -ne 0 ]; then
		echo "# exit status $status"
		show "$actual.err"
	fi
	same "$expected" "$actual" || { show "$dir/diff"; status=1; }
	same "$expected.err" "$actual.err" || { show "$dir/diff"; status=1; }
	[ -e "$expected" ] || { echo "# there is no $expected: see --update"; status=1; }
	ok $status "$expected"
}

play_stream()
{
	name=${1%.stream}
	for format in text json csv; do
		play "$1" "$name" $format
	done
	for variant in $(sed -n 's/^# variants: //p' "$1"); do
		case $variant in
		raw)
			for format in text json csv; do
				play "$1" "$name.raw" $format --raw
			done
			;;
		colour)
			play "$1" "$name.colour" text --colour
			;;
		report)
			for format in text json html; do
				play "$1" "$name.report" $format --report
			done
			;;
		esac
	done
}

# What holds for everything that was printed, whatever is expected of it.

check_json()
{
	if ! command -v jq >/dev/null; then
		skip "JSON parses" "no jq"
		return
	fi
	status=0
	for file in "$dir"/*.json; do
		jq -es 'all(.[]; type == "object" and (.type | type) == "string")' "$file" \
			>/dev/null 2>"$dir/jq" && continue
		echo "# $(basename "$file")"
		show "$dir/jq"
		status=1
	done
	ok $status "JSON parses"
	status=0
	for file in "$dir"/*.json; do
		[ "$(jq . "$file" 2>/dev/null | grep -c '^{')" = "$(wc -l <"$file")" ] && continue
		echo "# $(basename "$file")"
		status=1
	done
	ok $status "JSON has one object a line"
}

# RFC 4180: 25 fields a row, a quote only around a field, and doubled within. Line ends within a
# field would be allowed; this program promises that there are none.
check_csv()
{
	status=0
	for file in "$dir"/*.csv; do
		awk -v file="$(basename "$file")" '
		{
			fields = 0
			rest = $0 ","
			while (rest != "") {
				if (!match(rest, /^("([^"]|"")*"|[^",]*),/)) {
					fields = "broken"
					break
				}
				fields++
				rest = substr(rest, RLENGTH + 1)
			}
			if (fields != 25) {
				print "# " file ": row " NR ": " fields " fields"
				failed = 1
			}
		}
		END { exit failed }' "$file" || status=1
	done
	ok $status "CSV has 25 fields in every row"
}

# Its elements are closed and its texts escaped as XML wants it, and it refers to nothing outside.
check_html()
{
	if ! command -v xmllint >/dev/null; then
		skip "HTML is well-formed" "no xmllint"
	else
		status=0
		for file in "$dir"/*.html; do
			xmllint --noout --nonet "$file" 2>"$dir/xml" && continue
			show "$dir/xml"
			status=1
		done
		ok $status "HTML is well-formed"
	fi
	! grep -Eil 'https?:|src=|href=|@import|<script|<link' "$dir"/*.html | sed 's/^/# /' | grep .
	ok $? "HTML refers to nothing outside"
}

check_control()
{
	status=0
	for file in "$dir"/*.text "$dir"/*.json "$dir"/*.csv "$dir"/*.html "$dir"/*.err; do
		case $file in
		*.colour.*) continue ;;
		esac
		[ "$(tr -d '\012\040-\176\200-\377' <"$file" | wc -c)" -eq 0 ] && continue
		echo "# $(basename "$file")"
		status=1
	done
	ok $status "no control characters"
}

check_utf8()
{
	if ! command -v iconv >/dev/null; then
		skip "UTF-8" "no iconv"
		return
	fi
	status=0
	for file in "$dir"/*.text "$dir"/*.json "$dir"/*.csv "$dir"/*.html; do
		iconv -f UTF-8 -t UTF-16 "$file" >/dev/null 2>&1 && continue
		echo "# $(basename "$file")"
		status=1
	done
	ok $status "UTF-8"
}

# Without its colours the coloured text is the plain one.
check_colour()
{
	escape=$(printf '\033')
	status=0
	for file in "$dir"/*.colour.text; do
		[ -e "$file" ] || continue
		plain=$(basename "$file" .colour.text).text
		sed "s/$escape\\[[0-9]*m//g" "$file" >"$dir/plain"
		same "$dir/$plain" "$dir/plain" && continue
		show "$dir/diff"
		status=1
	done
	ok $status "colours do not move anything"
}

if [ "${1-}" = --update ]; then
	update=yes
	shift
fi
[ $# -gt 0 ] || set -- *.stream
for stream; do
	play_stream "$stream"
done
check_json
check_csv
check_html
check_control
check_utf8
check_colour
finish
