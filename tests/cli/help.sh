# shellcheck shell=sh disable=SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The help texts and the version.

# Kept as files, since people read them: see --update.
check_help_text()
{
	run "$tcpflux" "$@"
	if [ "$update" = --update ]; then
		cat "$dir/out" >"$help"
	fi
	check "tcpflux $*" 0 "" "$(cat "$help")"
}

# check_help [--update]
check_help()
{
	update=$1
	help=$here/help.txt
	check_help_text --help
	check_help_text -h
	help=$here/trace-help.txt
	check_help_text trace --help
	check_help_text trace -h
	check_help_text trace -4 --help
	# What stands behind -- is the program's.
	check_help_text -4 --help -- true
	help=$here/record-help.txt
	check_help_text record --help
	check_help_text record -w log -h
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
	help=$here/top-help.txt
	check_help_text top --help
	check_help_text top -h
	check_help_text top -4 -r log --help
	for option in ipv4 ipv6 localport remoteport pid comm netns by interval read duration buffer \
		raw no-fentry quiet verbose help; do
		grep -q -e "--$option " "$help"
		ok $? "top --help has --$option"
	done
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
