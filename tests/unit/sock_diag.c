// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "sources/sock_diag.h"

#include <errno.h>
#include <netinet/in.h>

#include "unit.h"

/* As where TCP's part of it is missing: the kernel says so only at the end of an empty list. */
TEST(test_no_part)
{
	uint64_t count = 7;

	if (sock_diag__add_fin_wait2(IPPROTO_TCP, &count))
		skip(); /* nothing of it is here */
	count = 7;
	assert_int_equal(sock_diag__add_fin_wait2(IPPROTO_EGP, &count), -ENOENT);
	assert_int_equal(count, 7);
}

RUN(cmocka_unit_test(test_no_part))
