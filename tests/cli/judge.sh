# shellcheck shell=sh disable=SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs a command and judges how it ended.

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
