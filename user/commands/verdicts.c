// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "verdicts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void verdicts__line(struct verdicts *verdicts, enum verdict verdict, const char *name,
		    const char *fmt, ...)
{
	static const char *const words[VERDICT_COUNT] = { "ok", "degraded", "not known", "MISSING",
							  "FAILED" };
	char value[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	printf("%-16s  %-38s  %s\n", name, value, words[verdict]);
	verdicts->lines[verdict]++;
}

void verdicts__hint(const char *fmt, ...)
{
	va_list args;

	printf("    ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

int verdicts__end(const struct verdicts *verdicts)
{
	if (verdicts->lines[VERDICT_MISSING] || verdicts->lines[VERDICT_FAILED]) {
		puts("\ntcpflux does not work here: see what is MISSING or FAILED.");
		return -ENOTSUP;
	}
	if (verdicts->lines[VERDICT_DEGRADED])
		puts("\ntcpflux works here, but not in full: see what is degraded.");
	else
		puts("\ntcpflux works here.");
	return 0;
}
