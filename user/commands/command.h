/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A command is one row in main.c's table and one file here. */
#ifndef TCPFLUX_COMMAND_H
#define TCPFLUX_COMMAND_H

/* Exit statuses. */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* it could not do it */
	EXIT_USAGE = 2,	 /* the command line is wrong */
	EXIT_LOSS = 3,	 /* transitions were lost, and --fail-on-loss was given */
};

/* argv[0] is the command's name. Returns the exit status. */
typedef int command_fn(int argc, char **argv);

command_fn trace_command;
command_fn record_command;
command_fn report_command;
command_fn stat_command;
command_fn top_command;
command_fn list_command;
command_fn check_command;

#endif
