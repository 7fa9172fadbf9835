// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For people who would rather look: one page without outside references, and without a script. */
#include <inttypes.h>

#include "chart.h"
#include "diagram.h"
#include "print.h"
#include "report.h"

#define U64 "%" PRIu64

static const char style[] =
	":root{--paper:#fff;--ink:#1b1f24;--faint:#6b7280;--line:#d5d9df;--edge:#3b6fb5;--bad:#"
	"c62828;"
	"--box:#eef3fa;color-scheme:light dark}\n"
	"@media(prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e4e7eb;--faint:#98a1ad;"
	"--line:#363d47;--edge:#79a8e8;--bad:#ff6b6b;--box:#222b37}}\n"
	"@media print{:root{--paper:#fff;--ink:#000;--faint:#444;--line:#bbb;--edge:#2a5a9a;"
	"--bad:#b00000;--box:#f2f2f2}section{break-inside:avoid}body{max-width:none}"
	".wide{overflow:visible}}\n"
	"body{background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;"
	"max-width:72em;margin:2em auto;padding:0 1em}\n"
	"h1{font-size:1.6em;margin:0}h2{font-size:1.15em;margin:1.8em 0 .5em}p{margin:.3em 0}\n"
	".faint,dt{color:var(--faint)}.finding{border-left:4px solid var(--bad);padding-left:1em;"
	"margin:1em 0}\n"
	"dl{display:flex;flex-wrap:wrap;gap:.5em 2em}dd{margin:0;font-size:1.3em}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;"
	"font-size:.9em}\n"
	"td,th{padding:.2em .7em;text-align:right;border-bottom:1px solid var(--line)}"
	"th{font-weight:600}.text{text-align:left}td.unknown{color:var(--bad);font-weight:600}\n"
	"svg{display:block;width:100%;height:auto;margin:.8em 0}svg text{fill:var(--ink);"
	"font:13px system-ui,sans-serif}\n"
	".state rect{fill:var(--box);stroke:var(--ink)}.name,.count,.time{text-anchor:middle}"
	".name{font-weight:600}\n"
	".count,.time{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:"
	"round}"
	"svg .time{fill:var(--faint);font-size:12px}\n"
	".edge path{fill:none;stroke:var(--edge);opacity:.75}.edge.unused path{stroke:var(--line);"
	"stroke-dasharray:4 4}.edge.unknown path{stroke:var(--bad)}svg .unknown "
	".count{fill:var(--bad)}"
	"\n"
	"marker path{fill:var(--edge)}marker.unused path{fill:var(--line)}"
	"marker.unknown path{fill:var(--bad)}\n"
	".chart rect{fill:var(--edge)}.axis{stroke:var(--line)}.scale{text-anchor:end}"
	"svg.chart text{fill:var(--faint)}\n";

static void print_head(FILE *to, const struct report *report)
{
	const struct analysis *a = report->analysis;
	char text[PRINT_MAX];

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" "
	      "content=\"width=device-width,initial-scale=1\"/>\n<title>TCP "
	      "on ",
	      to);
	print_html(to, report->hostname);
	fprintf(to, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>TCP on ", style);
	print_html(to, report->hostname);
	fputs("</h1>\n<p class=\"faint\">Linux ", to);
	print_html(to, report->kernel);
	fputs(", recorded by tcpflux ", to);
	print_html(to, report->version);
	if (a->totals.transitions) {
		fprintf(to, ", %s", time_text(text, a->first));
		fprintf(to, " and %s on", span_text(text, a->last - a->first));
	}
	fprintf(to, "</p>\n<p>" U64 " transitions, " U64 " lost</p>\n", a->totals.transitions,
		a->totals.lost);
}

static void print_subject(FILE *to, const struct finding *finding)
{
	char text[PRINT_MAX];

	if (!finding->comm) {
		fprintf(to, "%s <b>%s</b>", finding->where->role == ROLE_ACTIVE ? "to" : "at",
			endpoint_text(text, finding->where));
		return;
	}
	fputs("program <b>", to);
	print_html(to, *finding->comm ? finding->comm : "-");
	fputs("</b>", to);
}

static void print_findings(FILE *to, const struct report *report)
{
	const struct findings *findings = &report->findings;
	char evidence[FINDING_EVIDENCE_MAX];
	size_t shown = 0;

	fputs("<section><h2>Findings</h2>\n", to);
	if (!findings->count)
		fputs("<p>None.</p>\n", to);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];
		bool first = !i || finding[-1].kind != finding->kind;
		bool last = i + 1 == findings->count || finding[1].kind != finding->kind;

		shown = first ? 0 : shown + 1;
		if (first)
			fprintf(to, "<div class=\"finding\"><b>%s</b>\n<p>%s</p>\n<ul>\n",
				finding_kind__title(finding->kind),
				finding_kind__meaning(finding->kind));
		if (shown < report->top) {
			finding__evidence(finding, evidence, sizeof(evidence));
			fputs("<li>", to);
			print_subject(to, finding);
			fprintf(to, ": %s</li>\n", evidence);
		}
		if (last)
			fputs("</ul></div>\n", to);
	}
	fputs("</section>\n", to);
}

static void print_number(FILE *to, const char *name, uint64_t number)
{
	fprintf(to, "<div><dt>%s</dt><dd>" U64 "</dd></div>\n", name, number);
}

static void print_churn(FILE *to, const struct analysis *a)
{
	const uint64_t *total = a->churn.total;
	struct closers closers;

	analysis__closers(a, &closers);
	fputs("<section><h2>Connections</h2>\n<dl>\n", to);
	print_number(to, "opened, active", total[HAPPENED_ACTIVE]);
	print_number(to, "opened, passive", total[HAPPENED_PASSIVE]);
	print_number(to, "closed", total[HAPPENED_CLOSED]);
	print_number(to, "failed", total[HAPPENED_FAILED]);
	print_number(to, "open at the end", a->open);
	print_number(to, "closed first by this side", closers.here);
	print_number(to, "by the peer", closers.peer);
	print_number(to, "by neither", closers.neither);
	fputs("</dl>\n", to);
	chart__print(to, &a->churn, HAPPENED_ACTIVE, "opened, active");
	chart__print(to, &a->churn, HAPPENED_PASSIVE, "opened, passive");
	chart__print(to, &a->churn, HAPPENED_CLOSED, "closed");
	chart__print(to, &a->churn, HAPPENED_FAILED, "failed");
	fputs("</section>\n", to);
}

static void print_percentiles(FILE *to, const struct histogram *histogram)
{
	static const unsigned int quantiles[] = { 500, 900, 990, 1000 };
	char span[PRINT_MAX];

	fprintf(to, "<td>" U64 "</td>", histogram->count);
	for (unsigned int i = 0; i < 4; i++)
		fprintf(to, "<td>%s</td>",
			histogram->count
				? span_text(span, histogram__quantile(histogram, quantiles[i]))
				: "-");
}

static void print_time_row(FILE *to, const char *name, const struct histogram *histogram)
{
	fprintf(to, "<tr><td class=\"text\">%s</td>", name);
	print_percentiles(to, histogram);
	fputs("</tr>\n", to);
}

static void print_times(FILE *to, const struct analysis *a)
{
	fputs("<section><h2>How long it took</h2>\n<div class=\"wide\"><table>\n<tr><th></th>"
	      "<th>count</th><th>p50</th><th>p90</th><th>p99</th><th>max</th></tr>\n",
	      to);
	print_time_row(to, "to connect", &a->connect);
	print_time_row(to, "handshake, passive side", &a->handshake);
	print_time_row(to, "life of a connection", &a->life);
	fputs("</table></div></section>\n<section><h2>States</h2>\n<div "
	      "class=\"wide\"><table>\n<tr>"
	      "<th class=\"text\">state</th><th>entered</th><th>left</th><th>timed</th><th>p50</th>"
	      "<th>p90</th><th>p99</th><th>max</th></tr>\n",
	      to);
	for (unsigned int state = 1; state < STATE_COUNT; state++) {
		fprintf(to, "<tr><td class=\"text\">%s</td><td>" U64 "</td><td>" U64 "</td>",
			state__name(state), a->totals.entered[state], a->totals.left[state]);
		print_percentiles(to, &a->in_state[state]);
		fputs("</tr>\n", to);
	}
	fputs("</table></div></section>\n", to);
}

static void print_matrix(FILE *to, const struct analysis *a)
{
	char name[PRINT_MAX];

	fputs("<section><h2>Transitions</h2>\n<div class=\"wide\"><table>\n"
	      "<tr><th class=\"text\">old \\ new</th>",
	      to);
	for (unsigned int state = 0; state < STATE_COUNT; state++)
		fprintf(to, "<th>%s</th>", state_text(name, state));
	fputs("</tr>\n", to);
	for (unsigned int old = 0; old < STATE_COUNT; old++) {
		fprintf(to, "<tr><th class=\"text\">%s</th>", state_text(name, old));
		for (unsigned int new = 0; new < STATE_COUNT; new ++) {
			if (!a->matrix[old][new])
				fputs("<td></td>", to);
			else
				fprintf(to, "<td%s>" U64 "</td>",
					diagram__knows(old, new) ? "" : " class=\"unknown\"",
					a->matrix[old][new]);
		}
		fputs("</tr>\n", to);
	}
	fputs("</table></div></section>\n", to);
}

static void print_reasons(FILE *to, const struct reasons *reasons)
{
	fputs("<td class=\"text\">", to);
	for (unsigned int i = 0; reasons->kind[i].name; i++)
		fprintf(to, "%s%s " U64, i ? ", " : "", reasons->kind[i].name,
			reasons->kind[i].count);
	fputs("</td>", to);
}

static void print_group(FILE *to, const struct report *report, uint32_t number)
{
	const struct groups *groups = &report->analysis->groups;
	const struct group_name *name = groups__name(groups, number);
	const struct group *group = &groups->list[number];
	char text[PRINT_MAX];

	fputs("<tr>", to);
	for (unsigned int i = 0; i < groups->by_count; i++) {
		fputs("<td class=\"text\">", to);
		print_html(to, group_value(text, groups, name, groups->by[i]));
		fputs("</td>", to);
	}
	fprintf(to, "<td>" U64 "</td><td>%.1f</td><td>%" PRIu32 "</td><td>" U64 "</td>",
		group->connections, report__rate(report, group->connections), group->open_most,
		group->failed);
	print_reasons(to, &group->why_failed);
	print_reasons(to, &group->ended);
	fprintf(to, "<td>%s</td>", bytes_text(text, group->bytes_sent));
	fprintf(to, "<td>%s</td><td>" U64 "</td>", bytes_text(text, group->bytes_received),
		group->retransmits);
	print_percentiles(to, &group->connect);
	print_percentiles(to, &group->handshake);
	print_percentiles(to, &group->life);
	fputs("</tr>\n", to);
}

static void print_groups(FILE *to, const struct report *report)
{
	const struct groups *groups = &report->analysis->groups;

	if (!groups->by_count)
		return;
	fputs("<section><h2>By", to);
	for (unsigned int i = 0; i < groups->by_count; i++)
		fprintf(to, " %s", group_key__name(groups->by[i]));
	fprintf(to, "</h2>\n<p class=\"faint\">%zu of %zu</p>\n<div class=\"wide\"><table>\n<tr>",
		report__groups(report), report->group_count);
	for (unsigned int i = 0; i < groups->by_count; i++)
		fprintf(to, "<th class=\"text\">%s</th>", group_key__name(groups->by[i]));
	fputs("<th>connections</th><th>a second</th><th>at once</th><th>failed</th>"
	      "<th class=\"text\">why</th><th class=\"text\">ended "
	      "by</th><th>sent</th><th>received</th>"
	      "<th>retransmits</th>",
	      to);
	for (unsigned int i = 0; i < 3; i++)
		fprintf(to, "<th>%s</th><th>p50</th><th>p90</th><th>p99</th><th>max</th>",
			i == 0	 ? "connects"
			: i == 1 ? "handshakes"
				 : "lives");
	fputs("</tr>\n", to);
	for (size_t i = 0; i < report__groups(report); i++)
		print_group(to, report, report->groups[i]);
	fputs("</table></div></section>\n", to);
}

void report_html(FILE *to, const struct report *report)
{
	print_head(to, report);
	print_findings(to, report);
	print_churn(to, report->analysis);
	fputs("<section><h2>State diagram</h2>\n<p class=\"faint\">The wider, the more "
	      "transitions; red: "
	      "not in the diagram of RFC 9293.</p>\n",
	      to);
	diagram__print(to, report->analysis);
	fputs("</section>\n", to);
	print_times(to, report->analysis);
	print_groups(to, report);
	print_matrix(to, report->analysis);
	fputs("</body>\n</html>\n", to);
}
