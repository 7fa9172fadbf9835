// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "message.h"
#include "parse.h"

/* getopt_long() returns a row's place in the table plus this: no letter is as large. */
#define ROW_BASE 256
#define ROWS_MAX 64

struct getopt_tables {
	struct option longs[ROWS_MAX + 1];
	char shorts[2 * ROWS_MAX + 3];
};

/*
 * '+': stop at the first word that is no option, since what follows may be another program's
 * options. ':': tell a missing value from an unknown option.
 */
static int build_tables(const struct option_row *rows, struct getopt_tables *t)
{
	char *s = t->shorts;
	int n = 0;

	*s++ = '+';
	*s++ = ':';
	for (; n < ROWS_MAX && rows[n].name; n++) {
		t->longs[n] = (struct option){ rows[n].name, rows[n].arg != NULL, NULL,
					       ROW_BASE + n };
		if (!rows[n].letter)
			continue;
		*s++ = rows[n].letter;
		if (rows[n].arg)
			*s++ = ':';
	}
	t->longs[n] = (struct option){};
	*s = '\0';
	return n;
}

static const struct option_row *find_row(const struct option_row *rows, int found)
{
	if (found >= ROW_BASE)
		return &rows[found - ROW_BASE];
	while (rows->name && rows->letter != found)
		rows++;
	return rows;
}

static bool is_ambiguous(const struct option_row *rows, const char *word)
{
	size_t len = strcspn(word, "=");
	int hits = 0;

	for (; rows->name; rows++)
		hits += !strncmp(rows->name, word, len);
	return hits > 1;
}

/* optopt is an unknown letter, or a long option's number, or 0 for an unknown long option. */
static void refuse(const struct option_row *rows, char **argv)
{
	const char *word = argv[optind - 1];

	if (optopt >= ROW_BASE)
		message("%s: takes no value", word);
	else if (optopt > ' ' && optopt < 0x7f)
		message("-%c: unknown option", optopt);
	else if (optopt)
		message("%s: unknown option", word);
	else
		message("%s: %s option", word,
			is_ambiguous(rows, word + strlen("--")) ? "ambiguous" : "unknown");
}

static int apply(const struct option_row *row, void *dest)
{
	const char *problem = row->parse(row->arg ? optarg : "", (char *)dest + row->dest);

	if (!problem)
		return 0;
	message("--%s %s: %s", row->name, optarg, problem);
	return problem == parse_no_memory ? -ENOMEM : -EINVAL;
}

/* getopt has passed over a -- if it stands before optind and was not an option's value. */
static void split_rest(int argc, char **argv, const char *last_value, struct options_rest *rest)
{
	int i = optind;

	*rest = (struct options_rest){ .args = argv + optind };
	if (i > 1 && !strcmp(argv[i - 1], "--") && argv[i - 1] != last_value) {
		rest->program = argv + i;
		return;
	}
	for (; i < argc && strcmp(argv[i], "--"); i++)
		rest->count++;
	if (i < argc)
		rest->program = argv + i + 1;
}

int options__parse(const struct option_row *rows, int argc, char **argv, void *dest,
		   struct options_rest *rest)
{
	const char *last_value = NULL;
	struct getopt_tables tables;
	int found, err;

	build_tables(rows, &tables);
	opterr = 0;
	optind = 0; /* glibc: begin anew, in the middle of a word too */
	while ((found = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
		if (found == ':') {
			/* For a long option optopt is its number. */
			message("--%s: expected a value", find_row(rows, optopt)->name);
			return -EINVAL;
		}
		if (found == '?') {
			refuse(rows, argv);
			return -EINVAL;
		}
		last_value = optarg;
		err = apply(find_row(rows, found), dest);
		if (err)
			return err;
	}
	split_rest(argc, argv, last_value, rest);
	return 0;
}

int options__parse_only(const struct option_row *rows, int argc, char **argv, void *dest)
{
	struct options_rest rest;
	int err = options__parse(rows, argc, argv, dest, &rest);

	if (err)
		return err;
	if (rest.count || rest.program) {
		message("%s: unexpected argument", rest.count ? rest.args[0] : "--");
		return -EINVAL;
	}
	return 0;
}

void options__help(const struct option_row *rows, FILE *to)
{
	char left[64];

	for (; rows->name; rows++) {
		snprintf(left, sizeof(left), "%s%c%s --%s%s%s", rows->letter ? "-" : " ",
			 rows->letter ?: ' ', rows->letter ? "," : " ", rows->name,
			 rows->arg ? " " : "", rows->arg ?: "");
		fprintf(to, "  %-28s %s\n", left, rows->help);
	}
}
