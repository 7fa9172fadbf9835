// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "controls.h"

#include "screen.h"

#define CONTROL(letter) ((letter)&0x1f)
#define PAN		8

void controls__init(struct controls *controls, enum table_by by, bool playing)
{
	*controls = (struct controls){ .by = by, .rank = RANK_OPENED, .playing = playing };
}

void controls__fit(struct controls *controls, uint32_t rows, uint32_t page)
{
	uint32_t most = rows > page ? rows - page : 0;

	controls->rows = rows;
	controls->page = page;
	if (controls->pane == PANE_TAIL) {
		if (controls->back > most)
			controls->back = most;
		return;
	}
	if (controls->selected >= rows)
		controls->selected = rows ? rows - 1 : 0;
	if (controls->first > controls->selected)
		controls->first = controls->selected;
	if (page && controls->selected - controls->first >= page)
		controls->first = controls->selected - page + 1;
	if (controls->first > most)
		controls->first = most;
}

/* So many rows down, up if negative. */
static void move_by(struct controls *controls, int64_t rows)
{
	int64_t to = (int64_t)controls->selected + rows;

	if (controls->pane == PANE_TAIL) {
		to = (int64_t)controls->back - rows;
		controls->back = to < 0 ? 0 : to;
	} else {
		controls->selected = to < 0 ? 0 : to;
	}
	controls__fit(controls, controls->rows, controls->page);
}

/* As less and htop have them. */
static bool move(struct controls *controls, int key)
{
	int64_t page = controls->page > 1 ? controls->page - 1 : 1;

	switch (key) {
	case KEY__UP:
	case 'k':
		move_by(controls, -1);
		return true;
	case KEY__DOWN:
	case 'j':
		move_by(controls, 1);
		return true;
	case KEY__PAGE_UP:
	case 'b':
	case CONTROL('b'):
		move_by(controls, -page);
		return true;
	case KEY__PAGE_DOWN:
	case 'f':
	case CONTROL('f'):
		move_by(controls, page);
		return true;
	case KEY__HOME:
	case 'g':
		move_by(controls, -(int64_t)controls->rows);
		return true;
	case KEY__END:
	case 'G':
		move_by(controls, controls->rows);
		return true;
	}
	return false;
}

static enum wish show(struct controls *controls, unsigned int by)
{
	controls->by = by % TABLES;
	controls->selected = controls->first = 0;
	return WISH_TABLE;
}

static enum wish sort_by(struct controls *controls, unsigned int rank)
{
	controls->rank = rank % RANKS;
	controls->reverse = false;
	return WISH_TABLE;
}

static enum wish reverse(struct controls *controls)
{
	controls->reverse = !controls->reverse;
	return WISH_TABLE;
}

static enum wish begin_typing(struct controls *controls)
{
	controls->typing = true;
	controls->problem = NULL;
	return WISH_NOTHING;
}

static enum wish toggle_pause(struct controls *controls)
{
	controls->paused = !controls->paused;
	return WISH_PAUSE;
}

static enum wish show_help(struct controls *controls)
{
	controls->under = controls->pane;
	controls->pane = PANE_HELP;
	return WISH_NOTHING;
}

static enum wish key_of_log(const struct controls *controls, int key)
{
	if (!controls->playing)
		return WISH_NOTHING;
	switch (key) {
	case ']':
		return WISH_FASTER;
	case '[':
		return WISH_SLOWER;
	case '=':
		return WISH_AS_IT_WAS;
	case '}':
		return WISH_TO_THE_END;
	}
	return WISH_NOTHING;
}

/* Those that mean the same wherever they are pressed. */
static enum wish common_key(struct controls *controls, int key)
{
	switch (key) {
	case ' ':
	case 'p':
		return toggle_pause(controls);
	case '?':
	case 'h':
	case KEY__F1:
		return show_help(controls);
	case KEY__F10:
	case 'Q':
		return WISH_QUIT;
	}
	move(controls, key);
	return key_of_log(controls, key);
}

static enum wish key_of_table(struct controls *controls, int key)
{
	if (key >= '1' && key < '1' + RANKS)
		return sort_by(controls, key - '1');
	switch (key) {
	case 'q':
		return WISH_QUIT;
	case '\t':
		return show(controls, controls->by + 1);
	case KEY__BACKTAB:
		return show(controls, controls->by + TABLES - 1);
	case '>':
	case KEY__RIGHT:
	case KEY__F6:
		return sort_by(controls, controls->rank + 1);
	case '<':
	case KEY__LEFT:
		return sort_by(controls, controls->rank + RANKS - 1);
	case 'I':
	case 'R':
	case 'r':
		return reverse(controls);
	case '/':
	case '\\':
	case KEY__F4:
		return begin_typing(controls);
	case 'z':
		return WISH_FORGET;
	case KEY__ENTER:
		return WISH_FOLLOW;
	}
	return common_key(controls, key);
}

static enum wish key_of_tail(struct controls *controls, int key)
{
	switch (key) {
	case 'q':
	case KEY__ESCAPE:
	case KEY__BACKSPACE:
		controls->pane = PANE_TABLE;
		return WISH_TABLE;
	case KEY__RIGHT:
		controls->pan += PAN;
		return WISH_NOTHING;
	case KEY__LEFT:
		controls->pan -= controls->pan < PAN ? controls->pan : PAN;
		return WISH_NOTHING;
	}
	return common_key(controls, key);
}

/* A filter that has been wrong is still there to be put right. */
static enum wish type(struct controls *controls, int key)
{
	if (key == KEY__ENTER)
		return WISH_FILTER;
	if (key == KEY__ESCAPE)
		controls->typing = false;
	else if (line__key(&controls->line, key))
		controls->problem = NULL;
	return WISH_NOTHING;
}

enum wish controls__key(struct controls *controls, int key)
{
	if (controls->typing)
		return type(controls, key);
	switch (controls->pane) {
	case PANE_TABLE:
		return key_of_table(controls, key);
	case PANE_TAIL:
		return key_of_tail(controls, key);
	case PANE_HELP:
		controls->pane = controls->under;
		break;
	}
	return WISH_NOTHING;
}
