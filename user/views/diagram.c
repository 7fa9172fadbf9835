// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "diagram.h"

#include <inttypes.h>

#include "print.h"

#define WIDTH  1060
#define HEIGHT 860

/* Half of a state's box. */
#define BOX_X 72.0
#define BOX_Y 18.0

#define LINE_MIN 1.5
#define LINE_MAX 9.0

struct point {
	double x, y;
};

/*
 * Where the states are: as in the figure, where CLOSED stands at the top, from which all begins,
 * and at the bottom, where it ends. NEW_SYN_RECV and SYN_RECV are what is one state there.
 */
static const struct point places[STATE_COUNT] = {
	[0] = { 880, 130 },
	[TCP_CLOSE] = { 500, 40 },
	[TCP_LISTEN] = { 500, 150 },
	[TCP_NEW_SYN_RECV] = { 130, 200 },
	[TCP_SYN_RECV] = { 130, 320 },
	[TCP_SYN_SENT] = { 870, 270 },
	[TCP_ESTABLISHED] = { 500, 390 },
	[TCP_FIN_WAIT1] = { 130, 490 },
	[TCP_FIN_WAIT2] = { 130, 650 },
	[TCP_CLOSING] = { 430, 590 },
	[TCP_CLOSE_WAIT] = { 870, 490 },
	[TCP_LAST_ACK] = { 870, 650 },
	[TCP_TIME_WAIT] = { 430, 730 },
};

static const struct point the_end = { 760, 810 };

/* The figure's edges, and the one that it omits (its note 2). bend: to the left, of the length. */
static const struct edge {
	unsigned char old_state, new_state;
	double bend;
} edges[] = {
	{ TCP_CLOSE, TCP_LISTEN, 0.25 },       { TCP_LISTEN, TCP_CLOSE, 0.25 },
	{ TCP_CLOSE, TCP_SYN_SENT, -0.15 },    { TCP_SYN_SENT, TCP_CLOSE, -0.05 },
	{ TCP_LISTEN, TCP_SYN_SENT, 0 },       { TCP_LISTEN, TCP_NEW_SYN_RECV, 0 },
	{ TCP_LISTEN, TCP_SYN_RECV, 0 },       { TCP_NEW_SYN_RECV, TCP_SYN_RECV, 0 },
	{ TCP_SYN_SENT, TCP_SYN_RECV, 0 },     { TCP_SYN_SENT, TCP_ESTABLISHED, 0 },
	{ TCP_SYN_RECV, TCP_ESTABLISHED, 0 },  { TCP_SYN_RECV, TCP_FIN_WAIT1, 0 },
	{ TCP_ESTABLISHED, TCP_FIN_WAIT1, 0 }, { TCP_ESTABLISHED, TCP_CLOSE_WAIT, 0 },
	{ TCP_FIN_WAIT1, TCP_FIN_WAIT2, 0 },   { TCP_FIN_WAIT1, TCP_CLOSING, 0 },
	{ TCP_FIN_WAIT1, TCP_TIME_WAIT, 0 },   { TCP_FIN_WAIT2, TCP_TIME_WAIT, 0 },
	{ TCP_CLOSING, TCP_TIME_WAIT, 0 },     { TCP_CLOSE_WAIT, TCP_LAST_ACK, 0 },
	{ TCP_LAST_ACK, TCP_CLOSE, 0 },	       { TCP_TIME_WAIT, TCP_CLOSE, 0 },
};

#define EDGES (sizeof(edges) / sizeof(edges[0]))

/* Of those that it does not have, the ones that another state's box would be in the way of. */
static const struct edge detours[] = {
	{ TCP_FIN_WAIT1, TCP_CLOSE, 0.35 },
	{ TCP_CLOSE_WAIT, TCP_CLOSE, -0.35 },
};

static double bend_of_unknown(unsigned int old_state, unsigned int new_state)
{
	for (size_t i = 0; i < sizeof(detours) / sizeof(detours[0]); i++)
		if (detours[i].old_state == old_state && detours[i].new_state == new_state)
			return detours[i].bend;
	return 0.12;
}

bool diagram__knows(unsigned int old_state, unsigned int new_state)
{
	for (size_t i = 0; i < EDGES; i++)
		if (edges[i].old_state == old_state && edges[i].new_state == new_state)
			return true;
	return false;
}

/* What was established, or nearly so, ends at the bottom. */
static struct point end_of(unsigned int old_state, unsigned int new_state)
{
	bool early = !old_state || old_state == TCP_LISTEN || old_state == TCP_SYN_SENT ||
		     old_state == TCP_NEW_SYN_RECV || old_state == TCP_SYN_RECV;

	return new_state == TCP_CLOSE && !early ? the_end : places[new_state];
}

static double absolute(double x)
{
	return x < 0 ? -x : x;
}

/* Where the way from a box's middle to `towards` leaves the box. */
static struct point border(struct point from, struct point towards)
{
	double x = towards.x - from.x, y = towards.y - from.y;
	double by_x = absolute(x) > 0 ? BOX_X / absolute(x) : 1e9,
	       by_y = absolute(y) > 0 ? BOX_Y / absolute(y) : 1e9;
	double part = by_x < by_y ? by_x : by_y;

	return (struct point){ from.x + x * part, from.y + y * part };
}

/* The logarithm, straight between powers of two: good enough for a width. */
static double log2_of(uint64_t count)
{
	unsigned int power = 63 - __builtin_clzll(count | 1);

	return power + (double)count / (double)(1ull << power) - 1;
}

static double width_of(uint64_t count, uint64_t most)
{
	return count ? LINE_MIN + (LINE_MAX - LINE_MIN) * log2_of(count) / (log2_of(most) + 1e-9)
		     : 1;
}

static void print_label(FILE *to, struct point at, uint64_t count)
{
	if (count)
		fprintf(to, "<text class=\"count\" x=\"%.1f\" y=\"%.1f\">%" PRIu64 "</text>", at.x,
			at.y, count);
}

static void print_title(FILE *to, const struct edge *edge, uint64_t count)
{
	char name[PRINT_MAX];

	fprintf(to, "<title>%s to ", state_text(name, edge->old_state));
	fprintf(to, "%s: %" PRIu64 "</title>", state_text(name, edge->new_state), count);
}

/* From a state to itself. */
static void print_loop(FILE *to, const struct edge *edge, uint64_t count, uint64_t most)
{
	struct point at = places[edge->old_state];
	double x = at.x + BOX_X;

	fputs("<g class=\"edge unknown\">", to);
	print_title(to, edge, count);
	fprintf(to,
		"<path d=\"M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f\" stroke-width=\"%.1f\" "
		"marker-end=\"url(#head-unknown)\"/>",
		x, at.y - 6, x + 40, at.y - 20, x + 40, at.y + 20, x, at.y + 6,
		width_of(count, most));
	print_label(to, (struct point){ x + 45, at.y + 4 }, count);
	fputs("</g>\n", to);
}

static void print_edge(FILE *to, const struct edge *edge, uint64_t count, uint64_t most)
{
	bool known = diagram__knows(edge->old_state, edge->new_state);
	struct point from = places[edge->old_state], end = end_of(edge->old_state, edge->new_state);
	struct point middle = {
		(from.x + end.x) / 2 + (end.y - from.y) * edge->bend,
		(from.y + end.y) / 2 - (end.x - from.x) * edge->bend,
	};
	struct point start = border(from, middle), tip = border(end, middle);
	struct point label = {
		(start.x + tip.x) / 4 + middle.x / 2,
		(start.y + tip.y) / 4 + middle.y / 2 + 4,
	};

	fprintf(to, "<g class=\"edge %s\">", !known ? "unknown" : count ? "known" : "unused");
	print_title(to, edge, count);
	fprintf(to,
		"<path d=\"M%.1f %.1f Q%.1f %.1f %.1f %.1f\" stroke-width=\"%.1f\" "
		"marker-end=\"url(#head-%s)\"/>",
		start.x, start.y, middle.x, middle.y, tip.x, tip.y, width_of(count, most),
		!known	? "unknown"
		: count ? "known"
			: "unused");
	print_label(to, label, count);
	fputs("</g>\n", to);
}

static void print_unknown_edges(FILE *to, const struct analysis *a, uint64_t most)
{
	for (unsigned int old = 0; old < STATE_COUNT; old++) {
		for (unsigned int new = 0; new < STATE_COUNT; new ++) {
			struct edge edge = { old, new, bend_of_unknown(old, new) };
			uint64_t count = a->matrix[old][new];

			if (!count || diagram__knows(old, new))
				continue;
			if (old == new)
				print_loop(to, &edge, count, most);
			else
				print_edge(to, &edge, count, most);
		}
	}
}

static void print_box(FILE *to, struct point at, const char *name)
{
	fprintf(to,
		"<rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" rx=\"6\"/>"
		"<text class=\"name\" x=\"%.0f\" y=\"%.0f\">%s</text>",
		at.x - BOX_X, at.y - BOX_Y, 2 * BOX_X, 2 * BOX_Y, at.x, at.y + 5, name);
}

static void print_state(FILE *to, const struct analysis *a, unsigned int state)
{
	const struct histogram *histogram = &a->in_state[state];
	char name[PRINT_MAX], median[PRINT_MAX], p99[PRINT_MAX];
	struct point at = places[state];

	fputs("<g class=\"state\">", to);
	print_box(to, at, state_text(name, state));
	if (histogram->count)
		fprintf(to, "<text class=\"time\" x=\"%.0f\" y=\"%.0f\">p50 %s, p99 %s</text>",
			at.x, at.y + BOX_Y + 14,
			span_text(median, histogram__quantile(histogram, 500)),
			span_text(p99, histogram__quantile(histogram, 990)));
	fputs("</g>\n", to);
}

/* Was there a state with a number that the kernel does not have? */
static bool has_unknown_state(const struct analysis *a)
{
	uint64_t sum = 0;

	for (unsigned int state = 0; state < STATE_COUNT; state++)
		sum += a->matrix[0][state] + a->matrix[state][0];
	return sum;
}

static void print_heads(FILE *to)
{
	static const char *const kinds[] = { "known", "unknown", "unused" };

	fputs("<defs>", to);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		fprintf(to,
			"<marker id=\"head-%s\" class=\"%s\" viewBox=\"0 0 10 10\" refX=\"9\" "
			"refY=\"5\" "
			"markerUnits=\"userSpaceOnUse\" markerWidth=\"16\" markerHeight=\"16\" "
			"orient=\"auto\"><path d=\"M0 0L10 5L0 10z\"/></marker>",
			kinds[i], kinds[i]);
	fputs("</defs>\n", to);
}

void diagram__print(FILE *to, const struct analysis *analysis)
{
	uint64_t most = 1;

	for (unsigned int old = 0; old < STATE_COUNT; old++)
		for (unsigned int new = 0; new < STATE_COUNT; new ++)
			if (analysis->matrix[old][new] > most)
				most = analysis->matrix[old][new];
	fprintf(to,
		"<svg class=\"diagram\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-label=\"TCP state diagram\">\n",
		WIDTH, HEIGHT);
	print_heads(to);
	for (size_t i = 0; i < EDGES; i++)
		print_edge(to, &edges[i], analysis->matrix[edges[i].old_state][edges[i].new_state],
			   most);
	print_unknown_edges(to, analysis, most);
	for (unsigned int state = has_unknown_state(analysis) ? 0 : 1; state < STATE_COUNT; state++)
		print_state(to, analysis, state);
	fputs("<g class=\"state\">", to);
	print_box(to, the_end, "CLOSE");
	fputs("</g>\n</svg>\n", to);
}
