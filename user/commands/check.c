// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * check: what this kernel and these privileges allow, and whether a connection is then seen. It
 * goes as far as it can: what is missing is told along with all else.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../sources/live.h"
#include "../sources/requirements.h"
#include "../support/clock.h"
#include "../support/options.h"
#include "../support/parse.h"
#include "../support/privileges.h"
#include "command.h"
#include "facts.h"
#include "selftest.h"
#include "verdicts.h"

/* The last packets may still be on their way. */
#define PATIENCE_NS (2 * NS_PER_S)
#define NAP_US	    10000

struct check_options {
	bool verbose;
	bool help;
};

#define AT(member) offsetof(struct check_options, member)

static const struct option_row option_rows[] = {
	{ "verbose", 'v', NULL, parse_flag, AT(verbose), "show what libbpf says" },
	{ "help", 'h', NULL, parse_flag, AT(help), "this text" },
	{},
};

/* What a trace lacks without a probe, and what may help if the kernel did not permit it. */
static const struct {
	const char *name, *lacks, *remedy;
} degraded[] = {
	{ "snapshot",
	  "Sockets that are open when tracing starts have no owner until they are used.", NULL },
	{ "accept", "Who took a connection from another's listener is known by its close alone.",
	  NULL },
	{ "timewait", "TIME_WAIT is inferred from how a connection ends; its end is not shown.",
	  "Do: grant CAP_SYSLOG, with kernel.kptr_restrict below 2" },
	{ "request", "Half-open connections are not shown until their last ACK comes.",
	  "Do: grant CAP_SYSLOG, with kernel.kptr_restrict below 2, and CAP_NET_ADMIN" },
	{ "hidden", "What happens while process 1 has the CPU is counted as lost, and not shown.",
	  "Do: grant CAP_NET_ADMIN" },
};

/* The probe is off: its status tells why. */
static void explain(const struct probe *probe)
{
	for (size_t i = 0; i < sizeof(degraded) / sizeof(degraded[0]); i++) {
		if (strcmp(degraded[i].name, probe->name))
			continue;
		verdicts__hint("%s", degraded[i].lacks);
		if (degraded[i].remedy && strstr(probe->status, strerror(EPERM)))
			verdicts__hint("%s", degraded[i].remedy);
	}
}

/* A probe that has a `how` is in use, even if it lacks something. */
static void check_probe(struct verdicts *verdicts, const struct probe *probe)
{
	bool off = probe->lacking && !*probe->how;
	int how_len = strcspn(probe->how, "("); /* there: why not by better means */
	char name[64];

	snprintf(name, sizeof(name), "probe %s", probe->name);
	verdicts__line(verdicts, probe->lacking ? VERDICT_DEGRADED : VERDICT_OK, name, "%s%s%.*s",
		       off		? "off"
		       : probe->lacking ? "limited"
					: "on",
		       *probe->how ? ", " : "", how_len, probe->how);
	if (probe->lacking)
		verdicts__hint("%s%s%s", probe->status, probe->how[how_len] ? " " : "",
			       probe->how + how_len);
	if (off)
		explain(probe);
}

static int on_transition(void *ctx, struct transition *tr)
{
	selftest__note(ctx, tr);
	return 0;
}

/* A transition that was lost is one that the self-test misses. */
static void on_loss(void *ctx, const struct loss *loss)
{
	(void)ctx, (void)loss;
}

static int drain_until_seen(struct live *live, struct selftest *test)
{
	struct transition_handler handler = { on_transition, on_loss, test };
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + PATIENCE_NS;
	int err;

	for (;;) {
		err = live__drain(live, &handler);
		if (err || selftest__seen(test) == SELFTEST_TRANSITIONS ||
		    clock_ns(CLOCK_MONOTONIC) > end)
			return err;
		usleep(NAP_US);
	}
}

static int see_connection(struct live *live, struct loopback *loopback,
			  const struct requirements *needs, struct selftest *test)
{
	int err = loopback__run(loopback);

	if (err)
		return err;
	selftest__expect(test, loopback->story, !needs->in_pid_namespace);
	return drain_until_seen(live, test);
}

static void check_connection(struct verdicts *verdicts, struct live *live,
			     struct loopback *loopback, const struct requirements *needs)
{
	struct selftest test = {};
	int err = see_connection(live, loopback, needs, &test);
	unsigned int seen = selftest__seen(&test), right = selftest__right_owners(&test);
	bool well = seen == SELFTEST_TRANSITIONS && right == SELFTEST_OWNERS;

	if (err) {
		verdicts__line(verdicts, VERDICT_FAILED, "self-test", "%s", strerror(-err));
		verdicts__hint("A connection to 127.0.0.1 was to be made and seen.");
	} else {
		verdicts__line(verdicts, well ? VERDICT_OK : VERDICT_FAILED, "self-test",
			       "%u of %u transitions, %u of %u owners", seen, SELFTEST_TRANSITIONS,
			       right, SELFTEST_OWNERS);
	}
	if (!loopback->own_namespace)
		verdicts__hint("It ran in this network namespace, since no other could be made.");
}

/* As a trace does it: what is left to do when it has started needs no capabilities. */
static void check_tracing(struct verdicts *verdicts, const struct check_options *options,
			  const struct requirements *needs, struct loopback *loopback)
{
	struct live_options live_options = { .buffer = FACTS_BUFFER, .verbose = options->verbose };
	struct live *live = NULL;
	int err;

	err = live__open(&live_options, &live) ?: live__start(live);
	if (err) {
		verdicts__line(verdicts, VERDICT_FAILED, "probe transition", "%s", strerror(-err));
		verdicts__hint("See -v for the kernel's reasons.");
		verdicts__line(verdicts, VERDICT_UNKNOWN, "self-test", "not run");
		live__free(live);
		return;
	}
	for (const struct probe *probe = live__probes(live); probe->name; probe++)
		check_probe(verdicts, probe);
	err = privileges__drop();
	if (err)
		verdicts__line(verdicts, VERDICT_FAILED, "capabilities", "can't be given up: %s",
			       strerror(-err));
	check_connection(verdicts, live, loopback, needs);
	live__stop(live);
	live__free(live);
}

static void check_by_trying(struct verdicts *verdicts, const struct check_options *options,
			    const struct requirements *needs)
{
	struct loopback loopback;
	int err = loopback__prepare(&loopback);

	/* What goes wrong is said on standard error, at its place. */
	fflush(stdout);
	if (err)
		verdicts__line(verdicts, VERDICT_FAILED, "self-test", "no loopback: %s",
			       strerror(-err));
	else
		check_tracing(verdicts, options, needs, &loopback);
	loopback__end(&loopback);
}

static int check(const struct check_options *options)
{
	struct requirements needs;
	struct verdicts verdicts = {};

	requirements__look(&needs);
	if (facts__tell(&verdicts, &needs)) {
		check_by_trying(&verdicts, options, &needs);
	} else {
		verdicts__line(&verdicts, VERDICT_UNKNOWN, "probes", "not tried");
		verdicts__line(&verdicts, VERDICT_UNKNOWN, "self-test", "not run");
	}
	return verdicts__end(&verdicts) ? EXIT_FAILED : EXIT_DONE;
}

int check_command(int argc, char **argv)
{
	struct check_options options = {};

	if (options__parse_only(option_rows, argc, argv, &options))
		return EXIT_USAGE;
	if (!options.help)
		return check(&options);
	puts("Usage: tcpflux check [OPTION...]\n"
	     "Says what this kernel and these privileges allow, and tries it out.\n");
	options__help(option_rows, stdout);
	return EXIT_DONE;
}
