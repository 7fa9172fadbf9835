/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What must be seen: assertions about the rows of one socket, named by its cookie. */
#ifndef TESTS_ROOT_EXPECT_H
#define TESTS_ROOT_EXPECT_H

#include "suite.h"
#include "trace.h"

struct owned_by {
	const char *how;
	pid_t pid;	  /* 0: any */
	const char *comm; /* as printed; NULL: any */
};

/* The states it went through: the old one of its first row, then the new one of each. */
#define assert_path(capture, cookie, path) expect__path(capture, cookie, path, __FILE__, __LINE__)
/* The reason in its last row; NULL: none of its rows ends a connection. */
#define assert_reason(capture, cookie, reason)                                                     \
	expect__reason(capture, cookie, reason, __FILE__, __LINE__)
/* The payload in its last row. */
#define assert_bytes(capture, cookie, sent, received)                                              \
	expect__bytes(capture, cookie, sent, received, __FILE__, __LINE__)
/* The owner in every of its rows. */
#define assert_owner(capture, cookie, how, pid, comm)                                              \
	expect__owner(capture, cookie, NULL, &(struct owned_by){ how, pid, comm }, __FILE__,       \
		      __LINE__)
/* The owner in the row that enters `state` first; more than one `how` may be given. */
#define assert_owner_entering(capture, cookie, state, how, pid, comm)                              \
	expect__owner(capture, cookie, state, &(struct owned_by){ how, pid, comm }, __FILE__,      \
		      __LINE__)
/* A field in every of its rows. */
#define assert_field(capture, cookie, column, value)                                               \
	expect__field(capture, cookie, column, value, __FILE__, __LINE__)
/* It left `state` after at least `min` and at most `max` ns. */
#define assert_stay(capture, cookie, state, min, max)                                              \
	expect__stay(capture, cookie, state, min, max, __FILE__, __LINE__)

void expect__path(const struct capture *capture, uint64_t cookie, const char *path,
		  const char *file, int line);
void expect__reason(const struct capture *capture, uint64_t cookie, const char *reason,
		    const char *file, int line);
void expect__bytes(const struct capture *capture, uint64_t cookie, uint64_t sent, uint64_t received,
		   const char *file, int line);
void expect__owner(const struct capture *capture, uint64_t cookie, const char *state,
		   const struct owned_by *owner, const char *file, int line);
void expect__field(const struct capture *capture, uint64_t cookie, enum column column,
		   const char *value, const char *file, int line);
void expect__stay(const struct capture *capture, uint64_t cookie, const char *state, uint64_t min,
		  uint64_t max, const char *file, int line);

#endif
