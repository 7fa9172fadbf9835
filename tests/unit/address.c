// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Addresses, against inet_ntop(), with one difference that is meant: inet_ntop() prints the
 * deprecated IPv4-compatible addresses, ::1.2.3.4, with dots. RFC 5952 wants dots only where a
 * prefix is known to hold an IPv4 address. The one that is, ::ffff:0:0/96, is IPv4 to this program,
 * and does not come here as IPv6.
 */
#include "unit.h"

#include <arpa/inet.h>

#include "support/format.h"

/* What inet_ntop() would say if it had no dotted forms. */
static void reference(const struct in6_addr *address, char *text)
{
	const uint16_t *groups = address->s6_addr16;
	char *dotted, tail[16];

	assert_non_null(inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN));
	if (!strchr(text, '.'))
		return;
	dotted = strrchr(text, ':') + 1;
	snprintf(tail, sizeof(tail), "%x:%x", ntohs(groups[6]), ntohs(groups[7]));
	strcpy(dotted, tail);
}

static void check_ipv6(const struct in6_addr *address)
{
	char text[128], expected[64];
	struct in6_addr back;
	char *end;

	memset(text, '#', sizeof(text));
	end = format__address(text, address, 6);
	assert_int_equal(end[FORMAT_SLACK], '#');
	*end = '\0';
	reference(address, expected);
	assert_string_equal(text, expected);
	assert_in_range(strlen(text), 2, FORMAT_ADDRESS_MAX - 1);
	assert_int_equal(inet_pton(AF_INET6, text, &back), 1);
	assert_memory_equal(&back, address, sizeof(back));
}

/* Zero groups in every place and number, among groups of one to four digits. */
TEST(test_ipv6_every_pattern_of_zeros)
{
	static const uint16_t fills[] = {
		0x1, 0xf, 0x10, 0xab, 0x100, 0xabc, 0x1000, 0xabcd, 0xffff
	};
	struct in6_addr address;

	for (size_t fill = 0; fill < COUNT(fills); fill++) {
		for (unsigned int zeros = 0; zeros < 256; zeros++) {
			for (int i = 0; i < 8; i++)
				address.s6_addr16[i] = htons(zeros >> i & 1 ? 0 : fills[fill]);
			check_ipv6(&address);
		}
	}
}

/* Groups 0, 1 and ffff in all orders: the prefixes that inet_ntop() treats as special are there. */
TEST(test_ipv6_every_mix_of_three_values)
{
	static const uint16_t values[] = { 0, 1, 0xffff };
	struct in6_addr address;

	for (unsigned int mix = 0; mix < 6561; mix++) { /* 3^8 */
		for (unsigned int i = 0, rest = mix; i < 8; i++, rest /= 3)
			address.s6_addr16[i] = htons(values[rest % 3]);
		check_ipv6(&address);
	}
}

TEST(test_ipv6_random)
{
	struct in6_addr address;
	uint64_t seed = 1, zeros;

	for (int i = 0; i < 200000; i++) {
		for (int j = 0; j < 8; j++)
			address.s6_addr16[j] = unit__random(&seed);
		zeros = unit__random(&seed);
		for (int j = 0; i % 2 && j < 8; j++)
			if (zeros >> j & 1)
				address.s6_addr16[j] = 0;
		check_ipv6(&address);
	}
}

TEST(test_ipv6_examples)
{
	static const struct {
		const char *read, *text;
	} cases[] = {
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "2001:DB8::0:1", "2001:db8::1" },
		/* One zero group is not shortened; of equal runs the first is. */
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "0:0:1::", "0:0:1::" },
		{ "0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7" },
		{ "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0" },
		{ "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
		{ "0:0:3:4:5:6:7:8", "::3:4:5:6:7:8" },
		{ "::1.2.3.4", "::102:304" },
		{ "::ffff:1.2.3.4", "::ffff:102:304" },
		{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	struct in6_addr address;
	char text[128];

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(inet_pton(AF_INET6, cases[i].read, &address), 1);
		*format__address(text, &address, 6) = '\0';
		assert_string_equal(text, cases[i].text);
	}
}

TEST(test_ipv4)
{
	struct in6_addr address = {};
	char text[128], expected[64];
	uint64_t seed = 1;

	for (uint32_t i = 0; i < 200000; i++) {
		uint32_t value = i < 256 ? i * 0x01010101 : unit__random(&seed);

		memcpy(address.s6_addr + 12, &value, sizeof(value));
		*format__address(text, &address, 4) = '\0';
		inet_ntop(AF_INET, &value, expected, sizeof(expected));
		assert_string_equal(text, expected);
	}
}

RUN(cmocka_unit_test(test_ipv6_every_pattern_of_zeros),
    cmocka_unit_test(test_ipv6_every_mix_of_three_values), cmocka_unit_test(test_ipv6_random),
    cmocka_unit_test(test_ipv6_examples), cmocka_unit_test(test_ipv4))
