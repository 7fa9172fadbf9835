#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# on_terminal.sh ERR COMMAND...: runs it on a terminal of its own, 80x24, where nobody presses a key and
# nobody sees what is drawn. Standard error goes to the file ERR. Ends with the command's status.
export TERM=xterm-256color SHELL=/bin/sh
command=("${@:2}")
exec script -qec "stty rows 24 cols 80; exec ${command[*]@Q} 2>'$1'" /dev/null \
	</dev/null >/dev/null
