// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What `check` takes for a connection that was seen, and what not. */
#include "unit.h"

#include "commands/selftest.h"

static const struct loopback_story story = {
	.server = 100,
	.client = 200,
	.listener = 1,
	.accepted = 2,
	.connected = 3,
};

static struct transition transition(uint64_t cookie, uint8_t state)
{
	struct transition tr = { .cookie = cookie, .new_state = state };

	tr.owner.how = OWNER_SELF;
	tr.owner.pid = cookie == story.connected ? 200 : 100;
	strcpy(tr.owner.comm, cookie == story.connected ? LOOPBACK_CLIENT : LOOPBACK_SERVER);
	return tr;
}

static const struct {
	uint64_t cookie;
	uint8_t state;
} all[] = {
	{ 1, TCP_LISTEN },	{ 3, TCP_SYN_SENT },  { 3, TCP_ESTABLISHED }, { 2, TCP_SYN_RECV },
	{ 2, TCP_ESTABLISHED }, { 3, TCP_FIN_WAIT1 }, { 2, TCP_CLOSE_WAIT },  { 3, TCP_FIN_WAIT2 },
	{ 2, TCP_LAST_ACK },	{ 3, TCP_CLOSE },     { 2, TCP_CLOSE },	      { 1, TCP_CLOSE },
};

/* All of them but one. */
static void note_all_but(struct selftest *test, size_t missing)
{
	for (size_t i = 0; i < COUNT(all); i++) {
		struct transition tr = transition(all[i].cookie, all[i].state);

		if (i != missing)
			selftest__note(test, &tr);
	}
}

TEST(test_all)
{
	struct selftest test;

	assert_int_equal(COUNT(all), SELFTEST_TRANSITIONS);
	selftest__expect(&test, &story, true);
	assert_int_equal(selftest__seen(&test), 0);
	assert_int_equal(selftest__right_owners(&test), 0);
	note_all_but(&test, COUNT(all));
	assert_int_equal(selftest__seen(&test), SELFTEST_TRANSITIONS);
	assert_int_equal(selftest__right_owners(&test), SELFTEST_OWNERS);
	/* None counts twice. */
	note_all_but(&test, COUNT(all));
	assert_int_equal(selftest__seen(&test), SELFTEST_TRANSITIONS);
}

TEST(test_one_missing)
{
	for (size_t i = 0; i < COUNT(all); i++) {
		struct selftest test;

		selftest__expect(&test, &story, true);
		note_all_but(&test, i);
		assert_true(selftest__seen(&test) < SELFTEST_TRANSITIONS);
	}
}

/* Other people's sockets, and what only some kernels let be seen. */
TEST(test_passed_over)
{
	struct transition stranger = transition(4, TCP_LISTEN);
	struct transition request = transition(2, TCP_NEW_SYN_RECV);
	struct transition stand_in = transition(3, TCP_TIME_WAIT), gone = transition(3, TCP_CLOSE);
	struct selftest test;

	request.owner.how = OWNER_UNKNOWN;
	gone.owner.how = OWNER_UNKNOWN;
	selftest__expect(&test, &story, true);
	selftest__note(&test, &stranger);
	selftest__note(&test, &request);
	assert_int_equal(selftest__seen(&test), 0);
	note_all_but(&test, 9);
	selftest__note(&test, &stand_in);
	selftest__note(&test, &gone);
	assert_int_equal(selftest__seen(&test), SELFTEST_TRANSITIONS);
	assert_int_equal(selftest__right_owners(&test), SELFTEST_OWNERS);
}

/* How many owners are right if one transition has this one. */
static unsigned int right_with(const struct owner *owner, bool same_numbers)
{
	struct transition tr = transition(3, TCP_SYN_SENT);
	struct selftest test;

	tr.owner = *owner;
	selftest__expect(&test, &story, same_numbers);
	selftest__note(&test, &tr);
	note_all_but(&test, 1);
	assert_int_equal(selftest__seen(&test), SELFTEST_TRANSITIONS);
	return selftest__right_owners(&test);
}

TEST(test_owners)
{
	struct owner owner = { .how = OWNER_SELF, .pid = 200, .comm = LOOPBACK_CLIENT };

	assert_int_equal(right_with(&owner, true), 2);
	owner.pid = 201;
	assert_int_equal(right_with(&owner, true), 1);
	assert_int_equal(right_with(&owner, false), 2);
	strcpy(owner.comm, LOOPBACK_SERVER);
	assert_int_equal(right_with(&owner, false), 1);
	owner = (struct owner){ .how = OWNER_UNKNOWN, .pid = 200, .comm = LOOPBACK_CLIENT };
	assert_int_equal(right_with(&owner, true), 1);
}

RUN(cmocka_unit_test(test_all), cmocka_unit_test(test_one_missing),
    cmocka_unit_test(test_passed_over), cmocka_unit_test(test_owners))
