// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "parse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

#define PORT_MAX   65535
#define PID_MAX	   4194304 /* PID_MAX_LIMIT, include/linux/threads.h */
#define BUFFER_MAX (1u << 30)

#define FILE_SIZE_MAX  ((uint64_t)INT64_MAX)
#define FILE_COUNT_MAX 10000

const char parse_no_memory[] = "out of memory";

bool ranges__contain(const struct ranges *ranges, uint32_t value)
{
	for (size_t i = 0; i < ranges->count; i++)
		if (value >= ranges->list[i].first && value <= ranges->list[i].last)
			return true;
	return false;
}

void ranges__free(struct ranges *ranges)
{
	free(ranges->list);
	*ranges = (struct ranges){};
}

/* 16 or more: it is none. */
static unsigned int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' - 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static bool parse_digits(const char **text, unsigned int base, uint64_t max, uint64_t *number)
{
	const char *p = *text;
	unsigned int digit;
	uint64_t value = 0;

	for (; (digit = digit_of(*p)) < base; p++) {
		if (digit > max || value > (max - digit) / base)
			return false;
		value = value * base + digit;
	}
	if (p == *text)
		return false;
	*text = p;
	*number = value;
	return true;
}

bool parse_number(const char **text, uint64_t max, uint64_t *number)
{
	return parse_digits(text, 10, max, number);
}

bool parse_c_number(const char **text, uint64_t max, uint64_t *number)
{
	const char *digits = *text;
	unsigned int base = *digits == '0' ? 8 : 10;

	if (base == 8 && (digits[1] == 'x' || digits[1] == 'X') && digit_of(digits[2]) < 16) {
		base = 16;
		digits += 2;
	}
	if (!parse_digits(&digits, base, max, number))
		return false;
	*text = digits;
	return true;
}

/* One number or range at *text, within 1 to max. */
static bool parse_range(const char **text, uint64_t max, struct range *range)
{
	uint64_t first, last;

	if (!parse_number(text, max, &first))
		return false;
	last = first;
	if (**text == '-') {
		++*text;
		if (!parse_number(text, max, &last))
			return false;
	}
	*range = (struct range){ first, last };
	return first >= 1 && first <= last;
}

/* What is wrong with the text: `expected`, or that there is no memory. */
static const char *parse_ranges(const char *text, uint64_t max, struct ranges *dest,
				const char *expected)
{
	struct ranges ranges = {};
	struct range range, *list;
	const char *problem = expected;

	do {
		if (!parse_range(&text, max, &range))
			goto fail;
		list = reallocarray(ranges.list, ranges.count + 1, sizeof(*list));
		if (!list) {
			problem = parse_no_memory;
			goto fail;
		}
		ranges.list = list;
		ranges.list[ranges.count++] = range;
	} while (*text == ',' && text++);
	if (*text)
		goto fail;
	ranges__free(dest);
	*dest = ranges;
	return NULL;
fail:
	ranges__free(&ranges);
	return problem;
}

const char *parse_ports(const char *text, void *dest)
{
	return parse_ranges(text, PORT_MAX, dest,
			    "expected ports from 1 to 65535, as in 80,443,8000-8999");
}

const char *parse_pids(const char *text, void *dest)
{
	return parse_ranges(text, PID_MAX, dest, "expected process numbers, as in 812,4711");
}

const char *parse_count(const char *text, void *dest)
{
	uint64_t count;

	if (!parse_number(&text, INT64_MAX, &count) || *text || !count)
		return "expected a number from 1";
	*(uint64_t *)dest = count;
	return NULL;
}

const char *parse_duration(const char *text, void *dest)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "", NS_PER_S },	{ "ms", NS_PER_MS },	  { "s", NS_PER_S },
		{ "m", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S },
	};
	uint64_t number, *duration = dest;

	if (!parse_number(&text, INT64_MAX, &number) || !number)
		goto fail;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(text, units[i].name) && number <= INT64_MAX / units[i].ns) {
			*duration = number * units[i].ns;
			return NULL;
		}
	}
fail:
	return "expected a time, as in 500ms, 10s, 5m or 1h";
}

/* 'K', 'M' and 'G' as 1024 to the power of 1, 2 and 3; 0 for what is none of them. */
static uint64_t size_unit(const char *text)
{
	static const char units[] = "KMG";
	const char *unit;

	if (!*text)
		return 1;
	unit = strchr(units, *text);
	return unit && !text[1] ? 1ull << (10 * (unit - units + 1)) : 0;
}

const char *parse_buffer(const char *text, void *dest)
{
	uint64_t size;

	if (!parse_number(&text, BUFFER_MAX, &size) || !size_unit(text))
		goto fail;
	size *= size_unit(text);
	if (size < (uint64_t)sysconf(_SC_PAGESIZE) || size > BUFFER_MAX || size & (size - 1))
		goto fail;
	*(uint32_t *)dest = size;
	return NULL;
fail:
	return "expected a power of two from one page (4K) to 1G, as in 256K or 16M";
}

const char *parse_file(const char *text, void *dest)
{
	return parse_string(text, dest) ? "expected a file" : NULL;
}

const char *parse_file_size(const char *text, void *dest)
{
	uint64_t number, unit;

	if (!parse_number(&text, FILE_SIZE_MAX, &number) || !number)
		goto fail;
	/* Without a unit they are millions, as tcpdump has it. */
	unit = *text ? size_unit(text) : 1000000;
	if (!unit || number > FILE_SIZE_MAX / unit)
		goto fail;
	*(uint64_t *)dest = number * unit;
	return NULL;
fail:
	return "expected millions of bytes, or a size as in 500K, 10M or 1G";
}

const char *parse_file_count(const char *text, void *dest)
{
	uint64_t count;

	if (!parse_number(&text, FILE_COUNT_MAX, &count) || *text || !count)
		return "expected a number from 1 to 10000";
	*(uint64_t *)dest = count;
	return NULL;
}

const char *parse_format(const char *text, void *dest)
{
	static const char *const names[FORMATS] = { "text", "json", "csv" };

	for (enum format format = 0; format < FORMATS; format++) {
		if (!strcmp(text, names[format])) {
			*(enum format *)dest = format;
			return NULL;
		}
	}
	return "expected text, json or csv";
}

const char *parse_string(const char *text, void *dest)
{
	if (!*text)
		return "expected a name";
	*(const char **)dest = text;
	return NULL;
}

const char *parse_flag(const char *text, void *dest)
{
	(void)text;
	*(bool *)dest = true;
	return NULL;
}
