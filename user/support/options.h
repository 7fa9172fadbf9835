/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Command lines by table: an option is one row, from which parsing and help follow. */
#ifndef TCPFLUX_OPTIONS_H
#define TCPFLUX_OPTIONS_H

#include <stddef.h>
#include <stdio.h>

struct option_row {
	const char *name; /* long, without the dashes */
	char letter;	  /* short, or 0 */
	const char *arg;  /* what --help calls the value, or NULL for a flag */
	/* Reads the value, "" for a flag, into `dest`: a reader of parse.h or of their kind. */
	const char *(*parse)(const char *text, void *dest);
	size_t dest; /* offset into the caller's struct */
	const char *help;
};

struct options_rest {
	char **args; /* what stands between the options and --, NULL at its end */
	int count;
	char **program; /* what stands behind --, ended by a NULL; NULL: there is no -- */
};

/*
 * Reads the options of argv[1] on into `dest`, and says what is wrong with them.
 * Returns 0, -EINVAL, or -ENOMEM, for which the command line is not to blame. rows ends with a row
 * without a name.
 */
int options__parse(const struct option_row *rows, int argc, char **argv, void *dest,
		   struct options_rest *rest);

/* The same for a command that takes nothing but options. */
int options__parse_only(const struct option_row *rows, int argc, char **argv, void *dest);

void options__help(const struct option_row *rows, FILE *to);

#endif
