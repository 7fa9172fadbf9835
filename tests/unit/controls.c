// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "views/controls.h"

#include "unit.h"
#include "views/screen.h"

#define CONTROL(letter) ((letter)&0x1f)

static enum wish press(struct controls *controls, const char *keys)
{
	enum wish wish = WISH_NOTHING;

	for (; *keys; keys++)
		wish = controls__key(controls, *keys);
	return wish;
}

static void begin(struct controls *controls, bool playing)
{
	controls__init(controls, BY_COMM, playing);
	controls__fit(controls, 20, 5);
}

TEST(test_tables)
{
	struct controls controls;

	begin(&controls, false);
	controls.selected = 3;
	assert_int_equal(press(&controls, "\t"), WISH_TABLE);
	assert_int_equal(controls.by, BY_LPORT);
	assert_int_equal(controls.selected, 0);
	press(&controls, "\t\t\t\t");
	assert_int_equal(controls.by, BY_COMM);
	assert_int_equal(controls__key(&controls, KEY__BACKTAB), WISH_TABLE);
	assert_int_equal(controls.by, BY_NETNS);
}

TEST(test_order)
{
	struct controls controls;

	begin(&controls, false);
	assert_int_equal(controls.rank, RANK_OPENED);
	assert_int_equal(press(&controls, ">"), WISH_TABLE);
	assert_int_equal(controls.rank, RANK_FAILED);
	assert_int_equal(press(&controls, "<<<<"), WISH_TABLE);
	assert_int_equal(controls.rank, RANK_LIFE_P99);
	press(&controls, ">");
	assert_int_equal(controls.rank, RANK_NAME);
	press(&controls, "8");
	assert_int_equal(controls.rank, RANK_LIFE_P99);
	assert_int_equal(press(&controls, "9"), WISH_NOTHING);
	assert_int_equal(press(&controls, "r"), WISH_TABLE);
	assert_true(controls.reverse);
	press(&controls, "1");
	assert_false(controls.reverse);
	assert_int_equal(controls.rank, RANK_NAME);
	controls__key(&controls, KEY__RIGHT);
	controls__key(&controls, KEY__LEFT);
	controls__key(&controls, KEY__F6);
	assert_int_equal(controls.rank, RANK_OPEN);
}

static void assert_at(const struct controls *controls, uint32_t selected, uint32_t first)
{
	assert_int_equal(controls->selected, selected);
	assert_int_equal(controls->first, first);
}

/* Of 20 rows 5 are shown, with the selected one among them. */
TEST(test_rows)
{
	struct controls controls;

	begin(&controls, false);
	controls__key(&controls, KEY__UP);
	assert_at(&controls, 0, 0);
	press(&controls, "jjjj");
	assert_at(&controls, 4, 0);
	controls__key(&controls, KEY__DOWN);
	assert_at(&controls, 5, 1);
	press(&controls, "k");
	assert_at(&controls, 4, 1);
	controls__key(&controls, KEY__PAGE_DOWN);
	assert_at(&controls, 8, 4);
	controls__key(&controls, KEY__PAGE_UP);
	controls__key(&controls, KEY__PAGE_UP);
	assert_at(&controls, 0, 0);
	controls__key(&controls, KEY__END);
	assert_at(&controls, 19, 15);
	controls__key(&controls, KEY__DOWN);
	assert_at(&controls, 19, 15);
	press(&controls, "gG");
	assert_at(&controls, 19, 15);
	controls__key(&controls, KEY__HOME);
	assert_at(&controls, 0, 0);
}

/* Rows go, and the screen changes its size. */
TEST(test_fit)
{
	struct controls controls;

	begin(&controls, false);
	press(&controls, "G");
	controls__fit(&controls, 7, 5);
	assert_at(&controls, 6, 2);
	controls__fit(&controls, 7, 10);
	assert_at(&controls, 6, 0);
	controls__fit(&controls, 0, 10);
	assert_at(&controls, 0, 0);
	press(&controls, "jG");
	assert_at(&controls, 0, 0);
	controls__fit(&controls, 7, 0);
	press(&controls, "jj");
	assert_int_equal(controls.selected, 2);
}

TEST(test_quit)
{
	struct controls controls;

	begin(&controls, false);
	assert_int_equal(press(&controls, "q"), WISH_QUIT);
	assert_int_equal(controls__key(&controls, KEY__F10), WISH_QUIT);
	assert_int_equal(press(&controls, "x"), WISH_NOTHING);
	assert_int_equal(controls__key(&controls, KEY__OTHER), WISH_NOTHING);
	assert_int_equal(controls__key(&controls, KEY__ESCAPE), WISH_NOTHING);
}

TEST(test_pause)
{
	struct controls controls;

	begin(&controls, false);
	assert_int_equal(press(&controls, " "), WISH_PAUSE);
	assert_true(controls.paused);
	assert_int_equal(press(&controls, "p"), WISH_PAUSE);
	assert_false(controls.paused);
	assert_int_equal(press(&controls, "z"), WISH_FORGET);
}

/* Any key leaves the help for where it was asked for, and does nothing else. */
TEST(test_help)
{
	struct controls controls;

	begin(&controls, false);
	assert_int_equal(press(&controls, "?"), WISH_NOTHING);
	assert_int_equal(controls.pane, PANE_HELP);
	assert_int_equal(press(&controls, "q"), WISH_NOTHING);
	assert_int_equal(controls.pane, PANE_TABLE);
	controls.pane = PANE_TAIL;
	press(&controls, "hx");
	assert_int_equal(controls.pane, PANE_TAIL);
}

/* What is typed is no key, whatever it means elsewhere. */
TEST(test_typing)
{
	struct controls controls;

	begin(&controls, false);
	assert_int_equal(press(&controls, "/"), WISH_NOTHING);
	assert_true(controls.typing);
	assert_int_equal(press(&controls, "q? 1z"), WISH_NOTHING);
	assert_string_equal(controls.line.text, "q? 1z");
	controls.problem = "expected a condition";
	controls__key(&controls, KEY__UP);
	assert_non_null(controls.problem);
	controls__key(&controls, KEY__BACKSPACE);
	assert_null(controls.problem);
	assert_int_equal(controls__key(&controls, KEY__ENTER), WISH_FILTER);
	assert_true(controls.typing);
	controls__key(&controls, KEY__ESCAPE);
	assert_false(controls.typing);
	press(&controls, "/");
	assert_string_equal(controls.line.text, "q? 1");
}

/* Its newest rows are at its end; one goes back from there. */
TEST(test_tail)
{
	struct controls controls;

	begin(&controls, false);
	assert_int_equal(press(&controls, "\n"), WISH_FOLLOW);
	controls.pane = PANE_TAIL;
	controls__key(&controls, KEY__UP);
	assert_int_equal(controls.back, 1);
	controls__key(&controls, KEY__HOME);
	assert_int_equal(controls.back, 15);
	controls__key(&controls, KEY__DOWN);
	assert_int_equal(controls.back, 14);
	controls__key(&controls, KEY__END);
	controls__key(&controls, KEY__DOWN);
	assert_int_equal(controls.back, 0);
	assert_int_equal(controls.selected, 0);
	controls__key(&controls, KEY__LEFT);
	assert_int_equal(controls.pan, 0);
	controls__key(&controls, KEY__RIGHT);
	assert_true(controls.pan > 0);
	assert_int_equal(press(&controls, "\t"), WISH_NOTHING);
	assert_int_equal(press(&controls, "q"), WISH_TABLE);
	assert_int_equal(controls.pane, PANE_TABLE);
}

TEST(test_log)
{
	struct controls controls;

	begin(&controls, false);
	assert_int_equal(press(&controls, "]"), WISH_NOTHING);
	begin(&controls, true);
	assert_int_equal(press(&controls, "]"), WISH_FASTER);
	assert_int_equal(press(&controls, "["), WISH_SLOWER);
	assert_int_equal(press(&controls, "="), WISH_AS_IT_WAS);
	assert_int_equal(press(&controls, "}"), WISH_TO_THE_END);
}

TEST(test_line)
{
	struct line line = {};

	assert_false(line__key(&line, KEY__UP));
	assert_false(line__key(&line, '\t'));
	for (const char *p = "comm a b"; *p; p++)
		assert_true(line__key(&line, (unsigned char)*p));
	assert_true(line__key(&line, 0xe9));
	assert_true(line__key(&line, 0x20ac));
	assert_true(line__key(&line, 0x1f600));
	assert_string_equal(line.text, "comm a bé€😀");
	line__key(&line, KEY__BACKSPACE);
	line__key(&line, KEY__BACKSPACE);
	assert_string_equal(line.text, "comm a bé");
	line__key(&line, CONTROL('w'));
	assert_string_equal(line.text, "comm a ");
	line__key(&line, CONTROL('w'));
	assert_string_equal(line.text, "comm ");
	line__key(&line, CONTROL('u'));
	line__key(&line, KEY__BACKSPACE);
	line__key(&line, CONTROL('w'));
	assert_string_equal(line.text, "");
	for (unsigned int i = 0; i < 2 * LINE_MAX_BYTES; i++)
		line__key(&line, 0x20ac);
	assert_int_equal(line.len, LINE_MAX_BYTES / 3 * 3);
}

RUN(cmocka_unit_test(test_tables), cmocka_unit_test(test_order), cmocka_unit_test(test_rows),
    cmocka_unit_test(test_fit), cmocka_unit_test(test_quit), cmocka_unit_test(test_pause),
    cmocka_unit_test(test_help), cmocka_unit_test(test_typing), cmocka_unit_test(test_tail),
    cmocka_unit_test(test_log), cmocka_unit_test(test_line))
