/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A line that is being typed. */
#ifndef TCPFLUX_LINE_H
#define TCPFLUX_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_MAX_BYTES 1024

/* All zero is empty. */
struct line {
	char text[LINE_MAX_BYTES + 1]; /* UTF-8 */
	size_t len;
};

/* Keys as screen.h has them. False: it is no key of an editor. */
bool line__key(struct line *line, int key);

void line__set(struct line *line, const char *text);

#endif
