// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "replaying.h"

#include <errno.h>

#include "../sources/logfile.h"
#include "command.h"
#include "printing.h"

static void print_start(struct printing *printing, const struct logfile_head *head)
{
	struct sink_start start = {
		.time = head->time,
		.version = head->version,
		.hostname = head->hostname,
		.kernel = head->kernel,
		.probes = head->probes,
	};

	printing->sink->ops->start(printing->sink, &start);
}

int replaying__run(const struct capture_options *options)
{
	const struct logfile_options logfile_options = { .raw = options->raw };
	struct transition_handler handler;
	struct printing printing;
	struct logfile *logfile;
	int err = printing__begin(&printing, options, -1), status = EXIT_FAILED;

	err = err ?: logfile__open(options->logs.list, options->logs.count, &logfile_options, &logfile);
	if (!err) {
		print_start(&printing, logfile__head(logfile));
		handler = printing__handler(&printing);
		err = logfile__read(logfile, &handler);
		/* The other errors are the files', and have been said. */
		output__flush(printing.out);
		err = err ?: output__error(printing.out);
		status = printing__end(&printing, err, logfile__span(logfile));
		logfile__free(logfile);
	}
	printing__free(&printing);
	return status;
}
