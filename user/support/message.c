// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void message(const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	/* One call, one write: lines of several programs on one terminal don't mix. */
	fprintf(stderr, "tcpflux: %s\n", line);
}

int message_errno(int err, const char *what)
{
	message("%s: %s", what, strerror(-err));
	return err;
}
