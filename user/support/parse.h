/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Strict readers of option values. Each takes the whole of `text` or nothing, writes to `dest`, and
 * returns NULL or, in words that can follow "--option value: ", what it expected.
 */
#ifndef TCPFLUX_PARSE_H
#define TCPFLUX_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	uint32_t first, last;
};

/* A list of numbers and ranges, as in 80,443,8000-8999. count 0: not given. */
struct ranges {
	size_t count;
	struct range *list; /* owned */
};

bool ranges__contain(const struct ranges *ranges, uint32_t value);
void ranges__free(struct ranges *ranges);

/*
 * The number at *text, decimal digits only, up to max; *text moves behind it. False if there is
 * none or it is larger.
 */
bool parse_number(const char **text, uint64_t max, uint64_t *number);

/* The same for one that is written as in C: 443, 0x1bb, 0673. */
bool parse_c_number(const char **text, uint64_t max, uint64_t *number);

/* What is wrong is not the text: there is no memory for what it says. */
extern const char parse_no_memory[];

const char *parse_ports(const char *text, void *dest);	  /* struct ranges, of 1 to 65535 */
const char *parse_pids(const char *text, void *dest);	  /* struct ranges, of 1 to 4194304 */
const char *parse_count(const char *text, void *dest);	  /* uint64_t, at least 1 */
const char *parse_duration(const char *text, void *dest); /* uint64_t ns: 500ms 10s 5m 1h 3 */
const char *parse_buffer(const char *text, void *dest);	  /* uint32_t bytes: a power of two */
const char *parse_file(const char *text, void *dest);	  /* const char *, not empty */
const char *parse_file_size(const char *text,
			    void *dest); /* uint64_t bytes, as tcpdump: 5 500K 1G */
const char *parse_file_count(const char *text, void *dest); /* uint64_t, 1 to 10000 */
/* What -o says. */
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMATS };

const char *parse_format(const char *text, void *dest); /* enum format */
const char *parse_string(const char *text, void *dest); /* const char *, not empty */
const char *parse_flag(const char *text, void *dest);	/* bool, set to true; no text */

#endif
