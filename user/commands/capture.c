// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "capture.h"

#include <errno.h>
#include <string.h>

#include "../support/message.h"
#include "filtering.h"

#define BUFFER_DEFAULT (16u << 20)

static const char *parse_format(const char *text, void *dest)
{
	static const struct {
		const char *name;
		sink_new_fn *sink_new;
	} formats[] = {
		{ "text", text_sink__new },
		{ "json", json_sink__new },
		{ "csv", csv_sink__new },
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!strcmp(text, formats[i].name)) {
			*(sink_new_fn **)dest = formats[i].sink_new;
			return NULL;
		}
	}
	return "expected text, json or csv";
}

#define AT(member) offsetof(struct capture_options, member)

/* clang-format off */
const struct option_row capture_option_rows[] = {
	FILTER_ROWS(AT(filter)),
	{ "output",	  'o', "FORMAT", parse_format,	AT(format), "text (the default), json (one object a line) or csv" },
	{ "duration",	  'd', "TIME",	parse_duration, AT(duration_ns), "stop after so long: 500ms, 10s, 5m, 1h" },
	{ "count",	  'n', "N",	parse_count,	AT(count), "stop after so many transitions" },
	{ "totals",	  0,   "TIME",	parse_duration, AT(totals_ns), "also tell how many sockets are in each state, every so often" },
	{ "buffer",	  'b', "SIZE",	parse_buffer,	AT(buffer), "the ring buffer, a power of two (16M)" },
	{ "raw",	  0,   NULL,	parse_flag,	AT(raw), "exactly what the tracepoint said, nothing inferred" },
	{ "no-fentry",	  0,   NULL,	parse_flag,	AT(no_fentry), "use no fentry programs, as on kernels that refuse them" },
	{ "quiet",	  'q', NULL,	parse_flag,	AT(quiet), "no notices and no summary" },
	{ "verbose",	  'v', NULL,	parse_flag,	AT(verbose), "say which probes are in use, and why others are not" },
	{ "fail-on-loss", 0,   NULL,	parse_flag,	AT(fail_on_loss), "exit with 3 if any transition was lost" },
	{ "help",	  'h', NULL,	parse_flag,	AT(help), "this text" },
	{},
};
/* clang-format on */

int capture_options__parse(struct capture_options *options, int argc, char **argv)
{
	struct options_rest rest;
	int err;

	*options = (struct capture_options){ .buffer = BUFFER_DEFAULT, .format = text_sink__new };
	err = options__parse(capture_option_rows, argc, argv, options, &rest);
	if (err)
		return err;
	if (rest.program && !*rest.program) {
		message("--: expected a program");
		return -EINVAL;
	}
	options->program = rest.program;
	err = filtering__read(&options->filter, ABOUT_TRANSITIONS, rest.args, rest.count);
	return err ?: filtering__check(&options->filter);
}

void capture_options__free(struct capture_options *options)
{
	filtering__free(&options->filter);
}
