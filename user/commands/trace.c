// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* trace: prints every transition as it happens, or as a log has it. */
#include <errno.h>
#include <stdio.h>

#include "capture.h"
#include "command.h"
#include "replaying.h"
#include "tracing.h"

int trace_command(int argc, char **argv)
{
	struct capture_options options;
	int err = capture_options__parse_trace(&options, argc, argv), status = EXIT_DONE;

	if (err) {
		status = err == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
	} else if (options.help) {
		puts("Usage: tcpflux [trace] [OPTION...] [EXPRESSION] [-- PROGRAM [ARG...]]\n"
		     "       tcpflux [trace] -r FILE... [OPTION...] [EXPRESSION]\n"
		     "Prints every TCP state transition on this machine as it happens, or from "
		     "logs; or\n"
		     "those for which the EXPRESSION holds, written as for ss: see tcpflux(8).\n");
		options__help(trace_option_rows, stdout);
	} else if (options.logs.count) {
		status = replaying__run(&options);
	} else {
		status = tracing__run(&options);
	}
	capture_options__free(&options);
	return status;
}
