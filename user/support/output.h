/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Standard output behind one large buffer. Rows are formatted straight into it; it is written in
 * blocks. The first error sticks: later calls do nothing, and output__error() tells.
 */
#ifndef TCPFLUX_OUTPUT_H
#define TCPFLUX_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output;

/*
 * stop_fd: a descriptor that becomes readable when the program shall end (-1: none). Until then a
 * reader that pauses is waited for; from then on only for some seconds.
 * Returns NULL if there is no memory. The descriptor fd stays the caller's.
 */
struct output *output__new(int fd, int stop_fd);
void output__free(struct output *out);

/* Room for `size` bytes, at most OUTPUT_ROW_MAX, writing what is there if need be. Never NULL. */
#define OUTPUT_ROW_MAX (64u << 10)
char *output__reserve(struct output *out, size_t size);

/* The reserved bytes up to `end` are filled in. */
void output__commit(struct output *out, const char *end);

/* Writes all there is. */
void output__flush(struct output *out);

/* What is there, without a NUL, and not written; it is gone by output__drop(). */
const char *output__text(const struct output *out, size_t *size);
void output__drop(struct output *out);

/* 0 or the negative errno of the first failure; -EPIPE is a reader that went away. */
int output__error(const struct output *out);

/*
 * For standard output, at the end: says what went wrong with it, if anything, and returns
 * whether; a reader that went away is not wrong.
 */
bool output__say_failed(const struct output *out);

#endif
