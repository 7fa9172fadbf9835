/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One epoll for everything that the program waits for: data, timers, signals, its child. */
#ifndef TCPFLUX_LOOP_H
#define TCPFLUX_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;

/*
 * Called when what is waited for has happened. A negative return ends loop__run() with it. After
 * LOOP_AGAIN it is called again, without a delay, but what else has happened comes first.
 */
typedef int loop_fn(void *ctx);
#define LOOP_AGAIN 1

/* NULL: errno tells why. */
struct loop *loop__new(void);
void loop__free(struct loop *loop); /* safe on NULL; ends its timers */

/*
 * Calls fn(ctx) when fd, which stays the caller's, is readable, but not before delay_ns after
 * that: many small wake-ups become one. delay_ns 0: at once. Returns 0 or a negative errno.
 */
int loop__watch(struct loop *loop, int fd, uint64_t delay_ns, loop_fn *fn, void *ctx);

/*
 * Calls fn(ctx) every so often, leaving out the times that pass meanwhile; or whenever a signal,
 * or one of several, comes, which are blocked from then on. 0 or a negative errno.
 */
int loop__every(struct loop *loop, uint64_t ns, loop_fn *fn, void *ctx);
int loop__on_signal(struct loop *loop, int signal, loop_fn *fn, void *ctx);
int loop__on_signals(struct loop *loop, const sigset_t *signals, loop_fn *fn, void *ctx);

/*
 * Ends the loop when fd is readable, when whoever reads what is written to fd goes away, after a
 * time, or by SIGINT or SIGTERM, which are blocked from then on. 0 or a negative errno.
 */
int loop__stop_on(struct loop *loop, int fd);
int loop__stop_on_hangup(struct loop *loop, int fd);
int loop__stop_after(struct loop *loop, uint64_t ns);
int loop__stop_on_signals(struct loop *loop);

/* Becomes readable when something that ends the loop has happened, for those who must wait. */
int loop__stop_fd(const struct loop *loop);

/*
 * Runs until something ends it, which is 0, or a function fails. What goes wrong with the loop
 * itself has been said.
 */
int loop__run(struct loop *loop);

#endif
