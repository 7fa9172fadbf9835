// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "picture.h"

#include <stdio.h>
#include <string.h>

/* Of a low screen, the parts go first without which the table says most. */
#define HEIGHT_FOR_HISTORY  12
#define HEIGHT_FOR_STATES   16
#define HEIGHT_FOR_FINDINGS 20

static void draw_keys(const struct picture *picture, struct screen *screen, int y)
{
	static const char *const keys[] = {
		[PANE_TABLE] = ("q quit  ? help  tab table  < > sort  / filter  space pause  "
				"enter transitions"),
		[PANE_TAIL] = "q back  ? help  arrows scroll  space pause",
		[PANE_HELP] = "any key goes back",
	};
	const struct controls *controls = picture->controls;

	screen__put(screen, y, 0, screen__width(screen), STYLE_FAINT, keys[controls->pane]);
}

/* Points at a column of the line below; what has no room behind that stands above it. */
static void draw_problem(struct screen *screen, int y, int x, const char *problem)
{
	int width = screen__width(screen), len = (int)strlen(problem);

	screen__wipe(screen, y);
	screen__put(screen, y, x, width, STYLE_ALARM, "v ");
	x += 2;
	if (x + len > width) {
		x = len < width ? width - len : 0;
		screen__wipe(screen, --y);
	}
	screen__put(screen, y, x, width, STYLE_ALARM, problem);
}

/* A line that is longer than the screen shows its end, where it is typed. */
static void draw_line(const struct picture *picture, struct screen *screen, int y)
{
	const struct controls *controls = picture->controls;
	int width = screen__width(screen), x, at_x, room;
	char front[LINE_MAX_BYTES + 1];
	size_t from = 0, at;

	x = screen__put(screen, y, 0, width, STYLE_TITLE, "filter: ");
	room = width - x - 1;
	if (room > 0 && controls->line.len > (size_t)room)
		from = controls->line.len - room;
	while ((controls->line.text[from] & 0xc0) == 0x80)
		from++;
	at = controls->problem_at > from ? controls->problem_at : from;
	snprintf(front, sizeof(front), "%.*s", (int)(at - from), controls->line.text + from);
	at_x = screen__put(screen, y, x, width, STYLE_PLAIN, front);
	if (controls->problem && y > 1)
		draw_problem(screen, y - 1, at_x, controls->problem);
	x = screen__put(screen, y, x, width, STYLE_PLAIN, controls->line.text + from);
	screen__set_cursor(screen, y, x);
}

/* The last line, or two of them. */
static void draw_foot(const struct picture *picture, struct screen *screen, int y)
{
	if (picture->controls->typing)
		draw_line(picture, screen, y);
	else if (picture->controls->problem)
		screen__put(screen, y, 0, screen__width(screen), STYLE_ALARM,
			    picture->controls->problem);
	else if (*picture->said)
		screen__put(screen, y, 0, screen__width(screen), STYLE_ALARM, picture->said);
	else
		draw_keys(picture, screen, y);
}

/* Above the line at the foot; returns where they begin. */
static int draw_notices(const struct picture *picture, struct screen *screen, int end)
{
	unsigned int count = picture->notice_count;
	char text[64];
	int width = screen__width(screen);

	if (screen__height(screen) < HEIGHT_FOR_FINDINGS || !count)
		return end;
	end -= (int)count + 1;
	snprintf(text, sizeof(text), "%u finding%s", picture->finding_count,
		 picture->finding_count == 1 ? "" : "s");
	screen__put(screen, end, 0, width, STYLE_ALARM, text);
	for (unsigned int i = 0; i < count; i++)
		screen__put(screen, end + 1 + (int)i, 0, width, STYLE_PLAIN, picture->notices[i]);
	return end;
}

void picture__draw(const struct picture *picture, struct screen *screen)
{
	int height = screen__height(screen), y = 0, end = height - 1;

	screen__clear(screen);
	switch (picture->controls->pane) {
	case PANE_HELP:
		help__draw(picture, screen, y, end);
		break;
	case PANE_TAIL:
		y = head__draw(picture, screen, y, false, false);
		tail__draw(picture, screen, y, end);
		break;
	case PANE_TABLE:
		y = head__draw(picture, screen, y, height >= HEIGHT_FOR_STATES,
			       height >= HEIGHT_FOR_HISTORY);
		end = draw_notices(picture, screen, end);
		/* What is wrong with a filter takes a line. */
		table__draw(picture, screen, y, end);
		break;
	}
	draw_foot(picture, screen, height - 1);
	screen__show(screen);
}
