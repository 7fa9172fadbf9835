// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which kernels suffice; all else depends on where the test runs. */
#include "unit.h"

#include "sources/requirements.h"

TEST(test_kernels)
{
	static const char *const enough[] = { "5.12",	      "5.12.0", "5.12.0-rc1",
					      "5.13-generic", "5.100",	"6.1.0-56-cloud-amd64",
					      "6.18.44",      "10.0",	"7.3.4+deb13" };
	static const char *const too_old[] = { "5.11.22", "5.1",    "5.4.0-150-generic",
					       "4.18.0",  "2.6.40", "4.99",
					       "",	  "x",	    "5",
					       "five.12" };

	for (size_t i = 0; i < COUNT(enough); i++)
		if (!requirements__is_kernel(enough[i]))
			fail_msg("%s does not suffice", enough[i]);
	for (size_t i = 0; i < COUNT(too_old); i++)
		if (requirements__is_kernel(too_old[i]))
			fail_msg("%s suffices", too_old[i]);
}

TEST(test_look)
{
	struct requirements needs;

	requirements__look(&needs);
	assert_string_not_equal(needs.system.release, "");
	assert_int_equal(needs.kernel_suffices, requirements__is_kernel(needs.system.release));
	assert_true(needs.btf <= 0);
}

RUN(cmocka_unit_test(test_kernels), cmocka_unit_test(test_look))
