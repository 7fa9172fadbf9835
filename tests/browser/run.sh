#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Reports' pages in a real browser, without a display: all that is expected of them stands in the
# golden streams' pages, which are loaded with a script that looks at what became of them. In the
# light, in the dark, and on paper. Prints TAP.
#
# CHROMIUM is the browser.
cd "$(dirname "$0")/../golden" || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
failed=0

find_browser() {
	local name
	for name in "${CHROMIUM-}" chromium chromium-browser google-chrome; do
		[ "$name" ] && command -v "$name" && return
	done
	return 1
}

# browse ARGUMENT...: what it says of itself is kept in a file; scripts' errors are among it.
browse() {
	timeout -k 1 60 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$dir/profile" --window-size=1200,900 --enable-logging=stderr --v=0 \
		"$@" 2>"$dir/log"
}

# ok STATUS NAME
ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
	fi
}

# measure PAGE [ARGUMENT...]: what measure.js says of it.
measure() {
	local page=$1
	shift
	{
		sed '/^<\/body>/,$d' "$page"
		echo "<script>"
		cat ../browser/measure.js
		echo "</script>"
		echo "</body></html>"
	} >"$dir/page.html"
	browse "$@" --dump-dom "file://$dir/page.html" | sed -n '/id="measured"/,/<\/pre>/p' |
		sed '/measured/d; /^<\/pre>/d' >"$dir/measured"
	! grep 'CONSOLE\|Uncaught' "$dir/log" | sed 's/^/# /' | grep .
}

# has LINE...: all are there.
has() {
	local line status=0
	for line; do
		grep -qxF "$line" "$dir/measured" && continue
		echo "# not $line"
		status=1
	done
	[ $status = 0 ] || sed 's/^/# /' "$dir/measured"
	return $status
}

judge() { # judge PAGE PAPER
	has "paper=$2" readable=true requests=0 scripts=0 wider=false images=5 outside=0 covered= red=true
}

browser=$(find_browser) || {
	echo "ok 1 - pages # SKIP no browser"
	echo "1..1"
	exit
}
browse --dump-dom about:blank >"$dir/blank"
grep -q '<body>' "$dir/blank" || {
	echo "ok 1 - pages # SKIP the browser does not run here: $(grep -m 1 . "$dir/log")"
	echo "1..1"
	exit
}
for page in *.report.html; do
	measure "$page" && judge "$page" light
	ok $? "$page"
done
measure report.report.html --blink-settings=preferredColorScheme=0 && judge report.report.html dark
ok $? "report.report.html, dark"
measure report.report.html &&
	has states=13 widest=5 \
		"unknown=ESTABLISHED to CLOSE: 1; NEW_SYN_RECV to CLOSE: 2"
ok $? "the state diagram"
browse --no-pdf-header-footer --print-to-pdf="$dir/page.pdf" "file://$PWD/report.report.html"
[ "$(head -c 5 "$dir/page.pdf")" = "%PDF-" ]
ok $? "a page on paper"
echo "1..$n"
exit $failed
