// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "format.h"

#include <time.h>

#include "../state.h"

#define NS_PER_S 1000000000ull

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

static inline void put_pair(char *p, unsigned int value)
{
	memcpy(p, pairs + 2 * value, 2);
}

char *format__pad(char *p, const char *start, unsigned int width)
{
	char *end = (char *)start + width;

	*p++ = ' ';
	if (p > end)
		return p;
	/* Whole blocks, and what is too much is written over: see FORMAT_SLACK. */
	for (; p < end; p += FORMAT_SLACK)
		memset(p, ' ', FORMAT_SLACK);
	return end;
}

char *format__digits(char *p, uint32_t value, unsigned int digits)
{
	unsigned int i = digits;

	for (; i >= 2; value /= 100)
		put_pair(p + (i -= 2), value % 100);
	if (i)
		*p = '0' + value % 10;
	return p + digits;
}

static inline unsigned int count_digits(uint64_t value)
{
	unsigned int digits = 1;

	for (; value >= 10000; value /= 10000)
		digits += 4;
	return digits + (value >= 10) + (value >= 100) + (value >= 1000);
}

char *format__u64(char *p, uint64_t value)
{
	char *end = p + count_digits(value), *d = end;

	for (; value >= 100; value /= 100)
		put_pair(d -= 2, value % 100);
	if (value >= 10)
		put_pair(d - 2, value);
	else
		d[-1] = '0' + value;
	return end;
}

char *format__us(char *p, uint64_t ns)
{
	p = format__u64(p, ns / 1000);
	*p++ = '.';
	return format__digits(p, ns % 1000, 3);
}

/* Three significant digits of value/1000, and the unit. */
static char *format_thousandths(char *p, uint64_t value, const char *unit)
{
	p = format__u64(p, value / 1000);
	if (value < 10000) {
		*p++ = '.';
		p = format__digits(p, value % 1000 / 10, 2);
	} else if (value < 100000) {
		*p++ = '.';
		p = format__digits(p, value % 1000 / 100, 1);
	}
	return format__str(p, unit);
}

static char *format_two(char *p, uint64_t value, uint64_t per, const char *big, const char *small)
{
	p = format__str(format__u64(p, value / per), big);
	return format__str(format__digits(p, value % per, 2), small);
}

char *format__span(char *p, uint64_t ns)
{
	uint64_t s = ns / NS_PER_S;

	if (ns < 1000)
		return format__str(format__u64(p, ns), "ns");
	if (ns < 1000000)
		return format_thousandths(p, ns, "us");
	if (ns < NS_PER_S)
		return format_thousandths(p, ns / 1000, "ms");
	if (s < 100)
		return format_thousandths(p, ns / 1000000, "s");
	if (s < 6000)
		return format_two(p, s, 60, "m", "s");
	if (s < 100 * 3600)
		return format_two(p, s / 60, 60, "h", "m");
	return format_two(p, s / 3600, 24, "d", "h");
}

static inline char *put_byte(char *p, unsigned int byte)
{
	if (byte < 10) {
		*p++ = '0' + byte;
		return p;
	}
	if (byte >= 100) {
		*p++ = '0' + byte / 100;
		byte %= 100;
	}
	put_pair(p, byte);
	return p + 2;
}

static char *format_ipv4(char *p, const uint8_t *bytes)
{
	p = put_byte(p, bytes[0]);
	for (int i = 1; i < 4; i++) {
		*p++ = '.';
		p = put_byte(p, bytes[i]);
	}
	return p;
}

/* The longest run of at least two zero groups, the first of equals: what :: stands for. */
static void find_zero_run(const uint16_t *groups, int *start, int *end)
{
	*start = *end = 8;
	for (int i = 0, j; i < 8; i = j + 1) {
		for (j = i; j < 8 && !groups[j]; j++)
			;
		if (j - i > 1 && j - i > *end - *start) {
			*start = i;
			*end = j;
		}
	}
}

static char *put_group(char *p, uint16_t group)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 12;

	while (shift && !(group >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = digits[group >> shift & 15];
	return p;
}

/* As RFC 5952 wants it. */
static char *format_ipv6(char *p, const struct in6_addr *address)
{
	uint16_t groups[8];
	int start, end;

	for (int i = 0; i < 8; i++)
		groups[i] = ntohs(address->s6_addr16[i]);
	find_zero_run(groups, &start, &end);
	for (int i = 0; i < 8; i++) {
		if (i == start) {
			p = format__str(p, "::");
			i = end;
			if (i == 8)
				break;
		} else if (i) {
			*p++ = ':';
		}
		p = put_group(p, groups[i]);
	}
	return p;
}

char *format__address(char *p, const struct in6_addr *address, unsigned int family)
{
	return family == 4 ? format_ipv4(p, address->s6_addr + 12) : format_ipv6(p, address);
}

static inline char *put_second(char *p, const struct format_clock *clock)
{
	memcpy(p, clock->text, sizeof(clock->text)); /* of a known size, and then cut */
	return p + clock->len;
}

char *format__utc(char *p, struct format_clock *clock, uint64_t ns)
{
	uint64_t second = ns / NS_PER_S;
	struct tm tm;

	if (second != clock->second || !clock->len) {
		clock->second = second;
		gmtime_r(&(time_t){ second }, &tm);
		clock->len = strftime(clock->text, sizeof(clock->text), "%Y-%m-%dT%H:%M:%S.", &tm);
	}
	p = put_second(p, clock);
	p = format__digits(p, ns % NS_PER_S, 9);
	*p++ = 'Z';
	return p;
}

char *format__local(char *p, struct format_clock *clock, uint64_t ns)
{
	uint64_t second = ns / NS_PER_S;
	struct tm tm;

	if (second != clock->second || !clock->len) {
		clock->second = second;
		localtime_r(&(time_t){ second }, &tm);
		clock->len = strftime(clock->text, sizeof(clock->text), "%H:%M:%S.", &tm);
	}
	p = put_second(p, clock);
	return format__digits(p, ns % NS_PER_S / 1000, 6);
}

char *format__state(char *p, unsigned int state)
{
	const char *name = state__name(state);

	if (name) {
		memcpy(p, name, STATE_NAME_SIZE); /* of a known size, and then cut */
		return p + state__name_len(state);
	}
	p = format__str(p, "UNKNOWN(");
	p = format__u64(p, state);
	*p++ = ')';
	return p;
}
