/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a stream is written: lines of words, and what can stand behind a key=. What they mean is
 * in replay.c. What can't be read ends the program, with the line's number.
 */
#ifndef TESTS_GOLDEN_LINES_H
#define TESTS_GOLDEN_LINES_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX 64

/* Reads the whole value into a member of its type; false if it can't. */
typedef bool read_fn(const char *value, void *dest);

read_fn read_u8, read_u16, read_u32, read_u64;
read_fn read_time;  /* uint64_t ns: 5 5us 5ms 5s */
read_fn read_state; /* uint8_t: a name or a number, as in the next three */
read_fn read_how;   /* uint8_t: of an owner */
read_fn read_flags; /* uint8_t: an event's */
read_fn read_phase; /* uint8_t: of a stand-in, as the next */
read_fn read_standin_flags;
read_fn read_error;   /* uint16_t: ECONNRESET */
read_fn read_address; /* struct in6_addr: IPv4 becomes ::ffff:a.b.c.d */
read_fn read_comm;    /* char[OWNER_COMM_LEN], which may have no NUL */
read_fn read_path;    /* const char *: the value itself, NULL if it is empty */
read_fn read_string;  /* const char *: the value itself */
read_fn read_where;   /* enum loss_where */

struct word_field {
	const char *name;
	read_fn *read;
	size_t at; /* offset into the struct that is filled in */
};

/* Cuts the line into words, within its own memory. The last one is followed by a NULL. */
void split(unsigned int number, char *line, char **words);

/*
 * Sets what the words key=value name, in the struct at dest: its fields, and more of them unless
 * NULL. The last field has no name.
 */
void set_fields(unsigned int line, char **words, void *dest, const struct word_field *fields,
		const struct word_field *more);

_Noreturn void refuse(unsigned int line, const char *what, const char *word);

#endif
