/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs `tcpflux list`, and finds the sockets in what it prints. */
#ifndef TESTS_ROOT_LISTS_H
#define TESTS_ROOT_LISTS_H

#include "json.h"
#include "trace.h"

/* All that a run has left behind. Freed when the test is over. */
struct list {
	const char *out, *err;
	int exit_status; /* -1: killed by a signal */
};

struct list_setup {
	const char *format;	   /* NULL: json */
	bool here;		   /* in the test's network namespace; else in the suite's */
	void (*before_exec)(void); /* in the child */
};

/* Runs `tcpflux list -o FORMAT OPTION...` from the suite's network namespace to its end. */
#define list__run(...) list__run_as(&(struct list_setup){ 0 }, ##__VA_ARGS__, NULL)
struct list list__run_as(const struct list_setup *setup, ...);

/* The same, but it is left running, and writes to `out`. */
struct trace list__start(const struct list_setup *setup, int *out, ...);
/* What it has printed so far, freed when the test is over; and whether that contains a text. */
char *list__read(int out);
bool list__has_printed(int out, const char *text);
/* How many lines are of the latest walk, so far. */
size_t list__count_latest(int out);

/* The one line about this socket; NULL: there is none. More than one fails the test. */
const char *list__of(const struct list *list, uint64_t cookie);
/* How many lines are about this network namespace. Each must be JSON. */
size_t list__count(const struct list *list, uint64_t netns);

/* The members of a socket, as JSON writes them, in pairs of name and value; ended by NULL. */
#define assert_socket(list, cookie, ...)                                                           \
	list__expect(list, cookie, __FILE__, __LINE__, __VA_ARGS__, NULL)
void list__expect(const struct list *list, uint64_t cookie, const char *file, int line, ...);

/* A member that is a number; fails the test if it is none. */
uint64_t list__number(const struct list *list, uint64_t cookie, const char *name);

#endif
