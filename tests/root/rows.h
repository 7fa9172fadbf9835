/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The CSV that tcpflux prints, taken apart again. */
#ifndef TESTS_ROOT_ROWS_H
#define TESTS_ROOT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of the header row, which rows__parse() insists upon. */
enum column {
	TIME,
	SEQ,
	COOKIE,
	NETNS,
	FAMILY,
	LADDR,
	LPORT,
	RADDR,
	RPORT,
	OLD,
	NEW,
	STATE_US,
	PID,
	COMM,
	UID,
	CGROUP,
	OWNER,
	SRC,
	INFERRED,
	REASON,
	LIFE_US,
	BYTES_SENT,
	BYTES_RECEIVED,
	RETRANSMITS,
	RTT_US,
	COLUMNS
};

struct row {
	const char *field[COLUMNS]; /* unquoted; null is the empty string */
	uint64_t cookie;
};

struct rows {
	struct row *row;
	size_t count;
	char *text; /* what the fields point into */
};

/*
 * Takes `text`, which is modified. Fails the test if it isn't RFC 4180 with exactly the promised
 * columns in every record.
 */
struct rows rows__parse(char *text);
void rows__free(struct rows *rows);

/* The number in a field; fails the test if there is none. */
uint64_t row__number(const struct row *row, enum column column);
/* state_us and life_us, in ns, from their three decimals. */
uint64_t row__ns(const struct row *row, enum column column);
/* The field `time`, in ns since the epoch. */
uint64_t row__time(const struct row *row);
bool row__is(const struct row *row, enum column column, const char *value);
bool row__is_null(const struct row *row, enum column column);
bool row__is_end(const struct row *row);

/* The rows of one socket, in order. `next` is NULL or the row before. NULL: no more. */
const struct row *rows__of(const struct rows *rows, uint64_t cookie, const struct row *before);
/* The first row of the socket that enters this state; NULL: none. */
const struct row *rows__entering(const struct rows *rows, uint64_t cookie, const char *state);

/* Undoes the escapes of text and CSV in place: \xNN and \\. */
void rows__unescape(char *text);

/*
 * What holds for every row of a namespace if none is lost: states follow one another, and each
 * field is null exactly when it must be. Returns NULL or what is wrong, and prints the row.
 */
const char *rows__contradiction(const struct rows *rows, uint64_t netns, bool raw);

void row__print(const struct row *row);

#endif
