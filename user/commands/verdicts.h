/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `check` prints: a line a thing with a verdict at its end, to be taken in at a glance. */
#ifndef TCPFLUX_VERDICTS_H
#define TCPFLUX_VERDICTS_H

enum verdict {
	VERDICT_OK,
	VERDICT_DEGRADED, /* tracing works, with less */
	VERDICT_UNKNOWN,  /* it can't be told from here */
	VERDICT_MISSING,  /* tracing needs it */
	VERDICT_FAILED,	  /* it was tried */
	VERDICT_COUNT,
};

struct verdicts {
	unsigned int lines[VERDICT_COUNT];
};

__attribute__((format(printf, 4, 5))) void verdicts__line(struct verdicts *verdicts,
							  enum verdict verdict, const char *name,
							  const char *fmt, ...);

/* Below a line that is not well: what it means, or what to do about it. */
__attribute__((format(printf, 1, 2))) void verdicts__hint(const char *fmt, ...);

/* The conclusion. Returns 0 if nothing is missing and nothing failed, else -ENOTSUP. */
int verdicts__end(const struct verdicts *verdicts);

#endif
