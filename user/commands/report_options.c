// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "report_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../support/message.h"
#include "../support/parse.h"
#include "filtering.h"
#include "thresholds.h"

#define TOP_DEFAULT 20

static const char *parse_view(const char *text, void *dest)
{
	report_view_fn **view = dest;

	if (!strcmp(text, "text"))
		*view = report_text;
	else if (!strcmp(text, "json"))
		*view = report_json;
	else
		return "expected text or json";
	return NULL;
}

static bool has_key(const struct key_list *list, unsigned int key)
{
	for (unsigned int i = 0; i < list->count; i++)
		if (list->key[i] == key)
			return true;
	return false;
}

/* The key of this name, of so many letters; GROUP_KEYS: there is none. */
static unsigned int find_key(const char *name, size_t len)
{
	unsigned int key = 0;

	while (key < GROUP_KEYS &&
	       (strlen(group_key__name(key)) != len || strncmp(group_key__name(key), name, len)))
		key++;
	return key;
}

static const char *parse_keys(const char *text, void *dest)
{
	struct key_list list = {};
	unsigned int key;
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		key = find_key(text, len);
		if (key == GROUP_KEYS || has_key(&list, key))
			return "expected one or more of comm,pid,lport,rport,raddr,netns,cgroup";
		list.key[list.count++] = key;
		if (!text[len])
			break;
	}
	*(struct key_list *)dest = list;
	return NULL;
}

#define AT(member) offsetof(struct report_options, member)

/* clang-format off */
const struct option_row report_option_rows[] = {
	FILTER_ROWS(AT(filter)),
	{ "by",		  0,   "KEYS",	parse_keys,	AT(by), "a row for each comm, pid, lport, rport, raddr, netns, cgroup; or several: comm,rport" },
	{ "top",	  0,   "N",	parse_count,	AT(top), "so many rows, and findings of a kind (20)" },
	{ "output",	  'o', "FORMAT", parse_view,	AT(view), "text (the default) or json (one object a line)" },
	{ "html",	  0,   "FILE",	parse_file,	AT(html), "write a page for a browser, too" },
	{ "sqlite",	  0,   "FILE",	parse_file,	AT(sqlite), "write a database of all transitions and connections, too" },
	{ "force",	  0,   NULL,	parse_flag,	AT(force), "overwrite a database that exists" },
	{ "raw",	  0,   NULL,	parse_flag,	AT(raw), "only what the tracepoint said, nothing inferred" },
	THRESHOLD_ROWS(AT(thresholds)),
	{ "help",	  'h', NULL,	parse_flag,	AT(help), "this text" },
	{},
};
/* clang-format on */

/* Files and options may stand in any order, an expression behind them. There is room for all. */
static int parse_all(struct report_options *options, int argc, char **argv)
{
	struct options_rest rest = { .args = argv + 1, .count = argc - 1 };
	int err = 0;

	while (!err && rest.count) {
		char *word = rest.args[0];

		if (*word == '-' && word[1]) {
			/* In front of it is what options__parse() takes for a command's name. */
			err = options__parse(report_option_rows, (int)(argv + argc - rest.args) + 1,
					     rest.args - 1, options, &rest);
			if (!err && rest.program) {
				message("--: unexpected argument");
				err = -EINVAL;
			}
			continue;
		}
		if (expression__begins_with(word))
			return filtering__read(&options->filter, ABOUT_TRANSITIONS, rest.args,
					       rest.count);
		options->logs[options->log_count++] = word;
		rest.args++;
		rest.count--;
	}
	return err;
}

int report_options__parse(struct report_options *options, int argc, char **argv)
{
	int err;

	*options = (struct report_options){
		.view = report_text,
		.top = TOP_DEFAULT,
		.thresholds = thresholds_default,
		.logs = calloc(argc, sizeof(*options->logs)),
	};
	if (!options->logs)
		return message_errno(-ENOMEM, "starting");
	err = parse_all(options, argc, argv);
	if (!err && !options->help && !options->log_count) {
		message("report: expected a log");
		err = -EINVAL;
	}
	if (!err && options->force && !options->sqlite) {
		message("--force is for a database, see --sqlite");
		err = -EINVAL;
	}
	return err ?: filtering__check(&options->filter);
}

void report_options__free(struct report_options *options)
{
	filtering__free(&options->filter);
	free(options->logs);
}
