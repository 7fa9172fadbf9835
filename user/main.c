// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds the command and leaves all else to it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/command.h"
#include "support/message.h"

static const struct {
	const char *name;
	command_fn *run;
	const char *help;
} commands[] = {
	{ "trace", trace_command, "print every TCP state transition as it happens (the default)" },
	{ "record", record_command, "log every TCP state transition to a file, for trace -r" },
	{ "report", report_command, "say what logs tell: churn, percentiles, findings" },
	{ "stat", stat_command, "print how many sockets are in each state, every second" },
	{ "top", top_command, "show states and the busiest programs, ports and peers, refreshed" },
	{ "list", list_command, "print every TCP socket that there is now, and its owner" },
	{ "check", check_command,
	  "say what this kernel and these privileges allow, and try it out" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(void)
{
	puts("Usage: tcpflux [COMMAND] [OPTION...]\n"
	     "Watches every TCP state change on this machine.\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].help);
	puts("\n`tcpflux COMMAND --help' lists a command's options. See tcpflux(8).");
}

static int run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
		print_help();
		return EXIT_DONE;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		puts("tcpflux " TCPFLUX_VERSION);
		return EXIT_DONE;
	}
	if (!*name || *name == '-')
		return trace_command(argc, argv);
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	message("%s: unknown command", name);
	return EXIT_USAGE;
}

/*
 * A standard descriptor that is closed would be taken by the next file that is opened, and be
 * mixed up with it. What stands in for it can't be written to, so that writing still fails.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	int status;

	fill_standard_descriptors();
	/* A reader that went away is an error of write(), not the end of the program. */
	signal(SIGPIPE, SIG_IGN);
	status = run(argc, argv);
	/* What --help wrote; rows are written elsewhere. */
	if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE) {
		message_errno(-errno, "standard output");
		return EXIT_FAILED;
	}
	return status;
}
