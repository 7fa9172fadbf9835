#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# connects.sh PORT: three connections that are refused, two transitions each.
for ((i = 0; i < 3; i++)); do
	: </dev/tcp/"127.0.0.1/$1"
done 2>/dev/null
exit 0
