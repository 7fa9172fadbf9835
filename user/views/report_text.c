// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For people, on a terminal. */
#include <inttypes.h>

#include "print.h"
#include "report.h"
#include "sparkline.h"

#define U64 "%" PRIu64

/* The states in the order of a life, and their names over two lines, as in stat's columns. */
static const struct {
	unsigned char state;
	const char *first, *second;
} states[] = {
	{ TCP_LISTEN, "", "LISTEN" },
	{ TCP_SYN_SENT, "SYN_", "SENT" },
	{ TCP_NEW_SYN_RECV, "NEW_SYN", "_RECV" },
	{ TCP_SYN_RECV, "SYN_", "RECV" },
	{ TCP_ESTABLISHED, "", "ESTAB" },
	{ TCP_FIN_WAIT1, "FIN_", "WAIT1" },
	{ TCP_FIN_WAIT2, "FIN_", "WAIT2" },
	{ TCP_CLOSING, "", "CLOSING" },
	{ TCP_CLOSE_WAIT, "CLOSE_", "WAIT" },
	{ TCP_LAST_ACK, "LAST_", "ACK" },
	{ TCP_TIME_WAIT, "TIME_", "WAIT" },
	{ TCP_CLOSE, "", "CLOSE" },
	{ 0, "", "UNKNOWN" },
};

#define STATES (sizeof(states) / sizeof(states[0]))

static void print_capture(FILE *to, const struct report *report)
{
	const struct analysis *a = report->analysis;
	char time[PRINT_MAX], span[PRINT_MAX];

	fputs("host ", to);
	print_escaped(to, report->hostname);
	fputs(", Linux ", to);
	print_escaped(to, report->kernel);
	fputs(", recorded by tcpflux ", to);
	print_escaped(to, report->version);
	putc('\n', to);
	if (a->totals.transitions)
		fprintf(to, "%s and %s on, ", time_text(time, a->first),
			span_text(span, a->last - a->first));
	fprintf(to, U64 " transitions, " U64 " lost\n", a->totals.transitions, a->totals.lost);
}

static void print_churn_row(FILE *to, const struct report *report, const char *name,
			    enum happening what)
{
	const struct churn *churn = &report->analysis->churn;
	uint64_t most;

	fprintf(to, "%-16s %10" PRIu64 " %10.1f  ", name, churn->total[what],
		report__rate(report, churn->total[what]));
	putc('|', to);
	most = sparkline__print(to, churn, what, report->utf8);
	fprintf(to, "| at most %.1f/s\n",
		churn->width ? most * 1e9 / churn->width / sparkline__buckets(churn) : 0);
}

static void print_churn(FILE *to, const struct report *report)
{
	const struct analysis *a = report->analysis;
	struct closers closers;
	char span[PRINT_MAX];

	analysis__closers(a, &closers);
	fprintf(to, "\n%-16s %10s %10s", "CONNECTIONS", "TOTAL", "A SECOND");
	if (a->churn.width)
		fprintf(to, "  each column is %s",
			span_text(span, a->churn.width * sparkline__buckets(&a->churn)));
	putc('\n', to);
	print_churn_row(to, report, "opened, active", HAPPENED_ACTIVE);
	print_churn_row(to, report, "opened, passive", HAPPENED_PASSIVE);
	print_churn_row(to, report, "closed", HAPPENED_CLOSED);
	print_churn_row(to, report, "failed", HAPPENED_FAILED);
	fprintf(to,
		"open at the end: " U64 "; closed first by this side: " U64 ", by the peer: " U64
		", by neither: " U64 "\n",
		a->open, closers.here, closers.peer, closers.neither);
}

static void print_percentiles(FILE *to, const struct histogram *histogram)
{
	static const unsigned int quantiles[] = { 500, 900, 990, 1000 };
	char span[PRINT_MAX];

	fprintf(to, " %10" PRIu64, histogram->count);
	for (unsigned int i = 0; i < 4; i++)
		fprintf(to, " %8s",
			histogram->count
				? span_text(span, histogram__quantile(histogram, quantiles[i]))
				: "-");
	putc('\n', to);
}

static void print_times(FILE *to, const struct analysis *a)
{
	fprintf(to, "\n%-25s %10s %8s %8s %8s %8s\n", "HOW LONG IT TOOK", "COUNT", "P50", "P90",
		"P99", "MAX");
	fprintf(to, "%-25s", "to connect");
	print_percentiles(to, &a->connect);
	fprintf(to, "%-25s", "handshake, passive side");
	print_percentiles(to, &a->handshake);
	fprintf(to, "%-25s", "life of a connection");
	print_percentiles(to, &a->life);
}

static void print_states(FILE *to, const struct analysis *a)
{
	fprintf(to, "\n%-12s %10s %10s %10s %8s %8s %8s %8s\n", "STATE", "ENTERED", "LEFT", "TIMED",
		"P50", "P90", "P99", "MAX");
	for (unsigned int i = 0; i < STATES - 1; i++) {
		unsigned int state = states[i].state;

		if (!a->totals.entered[state] && !a->totals.left[state])
			continue;
		fprintf(to, "%-12s %10" PRIu64 " %10" PRIu64, state__name(state),
			a->totals.entered[state], a->totals.left[state]);
		print_percentiles(to, &a->in_state[state]);
	}
}

/* Is there anything in this row (or column) of the matrix? */
static bool is_used(const struct analysis *a, unsigned int state, bool as_old)
{
	uint64_t sum = 0;

	for (unsigned int other = 0; other < STATE_COUNT; other++)
		sum += as_old ? a->matrix[state][other] : a->matrix[other][state];
	return sum;
}

static void print_matrix_head(FILE *to, const struct analysis *a)
{
	fprintf(to, "\n%-12s", "");
	for (unsigned int i = 0; i < STATES; i++)
		if (is_used(a, states[i].state, false))
			fprintf(to, " %8s", states[i].first);
	fprintf(to, "\n%-12s", "OLD \\ NEW");
	for (unsigned int i = 0; i < STATES; i++)
		if (is_used(a, states[i].state, false))
			fprintf(to, " %8s", states[i].second);
	putc('\n', to);
}

static void print_matrix(FILE *to, const struct analysis *a)
{
	char name[PRINT_MAX];

	print_matrix_head(to, a);
	for (unsigned int i = 0; i < STATES; i++) {
		if (!is_used(a, states[i].state, true))
			continue;
		fprintf(to, "%-12s", state_text(name, states[i].state));
		for (unsigned int j = 0; j < STATES; j++) {
			uint64_t count = a->matrix[states[i].state][states[j].state];

			if (!is_used(a, states[j].state, false))
				continue;
			if (count)
				fprintf(to, " %8" PRIu64, count);
			else
				fprintf(to, " %8s", ".");
		}
		putc('\n', to);
	}
}

static void print_short(FILE *to, const struct histogram *histogram)
{
	static const unsigned int quantiles[] = { 500, 900, 990, 1000 };
	char span[PRINT_MAX], text[64] = "-";
	size_t used = 0;

	for (unsigned int i = 0; histogram->count && i < 4; i++)
		used += snprintf(text + used, sizeof(text) - used, "%s%s", i ? "/" : "",
				 span_text(span, histogram__quantile(histogram, quantiles[i])));
	fprintf(to, " %27s", text);
}

static void print_reasons(FILE *to, const struct reasons *reasons)
{
	for (unsigned int i = 0; reasons->kind[i].name; i++)
		fprintf(to, " %s:" U64, reasons->kind[i].name, reasons->kind[i].count);
}

static unsigned int key_width(enum group_key key)
{
	static const unsigned int widths[GROUP_KEYS] = {
		[GROUP_COMM] = 16,  [GROUP_PID] = 8,	[GROUP_LPORT] = 6,   [GROUP_RPORT] = 6,
		[GROUP_RADDR] = 24, [GROUP_NETNS] = 11, [GROUP_CGROUP] = 40,
	};

	return widths[key];
}

static void print_group(FILE *to, const struct report *report, uint32_t number)
{
	const struct groups *groups = &report->analysis->groups;
	const struct group *group = &groups->list[number];
	char sent[PRINT_MAX], received[PRINT_MAX], text[PRINT_MAX];

	for (unsigned int i = 0; i < groups->by_count; i++)
		print_padded(to,
			     group_value(text, groups, groups__name(groups, number), groups->by[i]),
			     key_width(groups->by[i]));
	fprintf(to, "%8" PRIu64 " %9.1f %7" PRIu32 " %8" PRIu64 " %8s %8s %7" PRIu64,
		group->connections, report__rate(report, group->connections), group->open_most,
		group->failed, bytes_text(sent, group->bytes_sent),
		bytes_text(received, group->bytes_received), group->retransmits);
	print_short(to, &group->connect);
	print_short(to, &group->handshake);
	print_short(to, &group->life);
	putc(' ', to);
	print_reasons(to, &group->why_failed);
	print_reasons(to, &group->ended);
	putc('\n', to);
}

static void print_groups(FILE *to, const struct report *report)
{
	const struct groups *groups = &report->analysis->groups;

	if (!groups->by_count)
		return;
	putc('\n', to);
	for (unsigned int i = 0; i < groups->by_count; i++)
		print_padded(to, group_key__name(groups->by[i]), key_width(groups->by[i]));
	fprintf(to, "%8s %9s %7s %8s %8s %8s %7s %27s %27s %27s  %s\n", "CONNS", "A SECOND",
		"AT ONCE", "FAILED", "SENT", "RECEIVED", "RETRANS", "CONNECT P50/P90/P99/MAX",
		"HANDSHAKE P50/P90/P99/MAX", "LIFE P50/P90/P99/MAX", "WHY FAILED, HOW ENDED");
	for (size_t i = 0; i < report__groups(report); i++)
		print_group(to, report, report->groups[i]);
	if (report->group_count > report->top)
		fprintf(to, "and %zu more, see --top\n", report->group_count - report->top);
}

static void print_subject(FILE *to, const struct finding *finding)
{
	char text[PRINT_MAX];

	if (!finding->comm) {
		fprintf(to, "%s %s", finding->where->role == ROLE_ACTIVE ? "to" : "at",
			endpoint_text(text, finding->where));
		return;
	}
	fputs("program ", to);
	print_escaped(to, *finding->comm ? finding->comm : "-");
}

static void print_findings(FILE *to, const struct report *report)
{
	const struct findings *findings = &report->findings;
	char evidence[FINDING_EVIDENCE_MAX];
	size_t shown = 0;

	fputs(findings->count ? "\nFINDINGS\n" : "\nno findings\n", to);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];
		bool first = !i || finding[-1].kind != finding->kind;

		shown = first ? 0 : shown + 1;
		if (first)
			fprintf(to, "%s\n  %s\n", finding_kind__title(finding->kind),
				finding_kind__meaning(finding->kind));
		if (shown >= report->top)
			continue;
		finding__evidence(finding, evidence, sizeof(evidence));
		fputs("  - ", to);
		print_subject(to, finding);
		fprintf(to, ": %s\n", evidence);
	}
}

void report_text(FILE *to, const struct report *report)
{
	print_capture(to, report);
	print_churn(to, report);
	print_times(to, report->analysis);
	print_states(to, report->analysis);
	print_matrix(to, report->analysis);
	print_groups(to, report);
	print_findings(to, report);
}
