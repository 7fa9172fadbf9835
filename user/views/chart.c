// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "chart.h"

#include "print.h"

#define WIDTH  1000
#define HEIGHT 110
#define TOP    20 /* above the bars: the title */
#define BASE   90 /* below them: the time */
#define LEFT   70 /* of them: the scale */

void chart__print(FILE *to, const struct churn *churn, enum happening what, const char *title)
{
	double bar = (double)(WIDTH - LEFT) / (churn->used ? churn->used : 1), seconds;
	uint64_t most = 0;
	char text[PRINT_MAX];

	for (uint32_t i = 0; i < churn->used; i++)
		most = churn->count[i][what] > most ? churn->count[i][what] : most;
	seconds = churn->width / 1e9;
	fprintf(to, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
		WIDTH, HEIGHT, title);
	fprintf(to, "<text x=\"%d\" y=\"14\">%s</text>", LEFT, title);
	fprintf(to, "<text class=\"scale\" x=\"%d\" y=\"%d\">%.1f/s</text>", LEFT - 6, TOP + 8,
		churn->width ? most / seconds : 0);
	fprintf(to, "<text class=\"scale\" x=\"%d\" y=\"%d\">0</text>", LEFT - 6, BASE);
	fprintf(to, "<path class=\"axis\" d=\"M%d %dH%d\"/>\n", LEFT, BASE, WIDTH);
	for (uint32_t i = 0; i < churn->used; i++) {
		double height = most ? (double)churn->count[i][what] / most * (BASE - TOP) : 0;

		if (churn->count[i][what])
			fprintf(to, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>",
				LEFT + i * bar, BASE - height, bar, height);
	}
	fprintf(to, "\n<text x=\"%d\" y=\"%d\">%s</text>", LEFT, HEIGHT - 6,
		churn->width ? time_text(text, churn->start) : "");
	fprintf(to, "<text class=\"scale\" x=\"%d\" y=\"%d\">%s</text>\n</svg>\n", WIDTH,
		HEIGHT - 6,
		churn->width ? time_text(text, churn->start + churn->used * churn->width) : "");
}
