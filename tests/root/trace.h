/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs tcpflux: the program that the environment names in TCPFLUX, else build/tcpflux. Its
 * standard output and error go to memory, where they can be watched while it runs.
 */
#ifndef TESTS_ROOT_TRACE_H
#define TESTS_ROOT_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rows.h"

struct trace {
	pid_t pid;
	int out, err; /* files in memory; `out` is -1 if the setup had its own */
	bool csv, raw, flood;
	struct read_lines *lines; /* as far as trace__lines() has read */
};

struct trace_setup {
	const char *format; /* NULL: csv */
	bool here;  /* in the test's network namespace; else in the one of the suite's start */
	bool flood; /* so many rows that only their number is looked at */
	void (*before_exec)(void); /* in the child */
	int out;		   /* its standard output; 0: memory */
};

/* All that a run has left behind. Freed when the test is over. */
struct capture {
	struct rows rows; /* if it was CSV */
	char *out, *err;
	int exit_status; /* -1: killed by a signal */
};

/* Starts `tcpflux trace -o csv OPTION...` and waits until it traces. */
#define trace__start(...)                                                                          \
	trace__start_as(&(struct trace_setup){ 0 },                                                \
			(const char *const[]){ "trace", ##__VA_ARGS__, NULL })
#define trace__start_with(setup, ...)                                                              \
	trace__start_as(setup, (const char *const[]){ "trace", ##__VA_ARGS__, NULL })

struct trace trace__start_as(const struct trace_setup *setup, const char *const *arguments);

/*
 * SIGINT, and what there was. Fails the test if the rows of this namespace contradict one another,
 * unless some are lost.
 */
struct capture *trace__stop(const struct trace *trace);
/* The same without the signal: it is to end by itself, within `seconds`. */
struct capture *trace__join(const struct trace *trace, int seconds);

/* What it has printed so far: all of it, to be freed; bytes, and lines. */
char *trace__text(const struct trace *trace);
size_t trace__size(const struct trace *trace);
size_t trace__lines(const struct trace *trace);
/* User and system time it has used, in clock ticks. */
uint64_t trace__cpu_ticks(const struct trace *trace);

/* From its summary on standard error or, of JSON, in the last line. */
uint64_t capture__lost(const struct capture *capture);

#endif
