// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* record: logs every transition. */
#include <errno.h>
#include <stdio.h>

#include "capture.h"
#include "command.h"
#include "tracing.h"

int record_command(int argc, char **argv)
{
	struct capture_options options;
	int err = capture_options__parse_record(&options, argc, argv), status = EXIT_DONE;

	if (err) {
		status = err == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
	} else if (options.help) {
		puts("Usage: tcpflux record -w FILE [OPTION...] [EXPRESSION] [-- PROGRAM "
		     "[ARG...]]\n"
		     "Logs every TCP state transition on this machine to a file, for trace -r, or "
		     "those\n"
		     "for which the EXPRESSION holds, written as for ss: see tcpflux(8).\n");
		options__help(record_option_rows, stdout);
	} else {
		status = tracing__run(&options);
	}
	capture_options__free(&options);
	return status;
}
