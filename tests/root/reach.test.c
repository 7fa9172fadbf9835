// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which namespaces the numbers of `tcpflux stat` are about: those that come and go, and what no
 * walk can find.
 */
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"
#include "kcount.h"
#include "net.h"
#include "numbers.h"
#include "peer.h"
#include "rights.h"
#include "suite.h"
#include "wire.h"

#define PORT 7300

/* A process in a namespace of its own, which ends with it. */
static void be_elsewhere(const struct peer *parent, const void *arg)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	(void)arg;
	must(crowd);
	net__enter_new();
	crowd__open(crowd);
	/* The namespace stays, unreachable, as long as what ends on the wire. */
	if (!access("/dev/net/tun", F_OK))
		crowd__open_on_wire(crowd);
	peer__tell(parent, 0);
	peer__hear(parent);
}

/* One namespace goes whose sockets were there at the start, and one that came since. */
static void namespaces(void)
{
	struct kcount *in_init = kcount__start_in_init(NULL);
	struct peer early = peer__start("early", be_elsewhere, NULL), late;
	struct trace t;

	peer__hear(&early);
	t = numbers__start();
	late = peer__start("late", be_elsewhere, NULL);
	peer__hear(&late);
	peer__tell(&early, 0);
	peer__end(&early);
	peer__tell(&late, 0);
	peer__end(&late);
	suite__nap_us(500000);
	numbers__must_not_drift(trace__stop(&t), kcount__stop(in_init));
}

/* The only one that counts goes, and leaves sockets that end on the wire. */
static void only_namespace(void)
{
	struct kcount *in_init = kcount__start_in_init(NULL);
	struct peer peer = peer__start("only", be_elsewhere, NULL);
	char inode[16];
	struct trace t;
	int left;

	peer__hear(&peer);
	left = net__join(peer.pid);
	snprintf(inode, sizeof(inode), "%llu", (unsigned long long)net__inode());
	net__return(left);
	t = numbers__start("-N", inode);
	peer__tell(&peer, 0);
	peer__end(&peer);
	suite__nap_us(500000);
	numbers__must_not_drift(trace__stop(&t), kcount__stop(in_init));
}

/*
 * In a namespace without processes, which only a device keeps, something has been left behind. It
 * ends, and has never been in the numbers.
 */
static void unreachable(void)
{
	struct kcount *in_init = kcount__start_in_init(NULL), *kernel;
	int home = net__this();
	struct wire wire;
	struct trace t;

	net__enter_new();
	wire = wire__open();
	close(wire__connected(&wire, PORT));
	wire__expect(&wire, FIN | ACK);
	net__return(home);
	t = numbers__start();
	kernel = kcount__start("dport == 7300 && newstate == 7");
	wire__send(&wire, RST | ACK, 0);
	wait_until(kcount__so_far(kernel) == 1);
	numbers__must_not_drift(trace__stop(&t), kcount__stop(in_init));
}

static void unable_to_enter(void)
{
	rights__keep(0, RIGHT(CAP_BPF) | RIGHT(CAP_PERFMON));
}

static pid_t contained;

static void pass_on(int signal)
{
	kill(contained, signal);
}

/* The child, in a PID namespace of its own, is who becomes tcpflux. */
static void in_container(void)
{
	int status;

	must(!unshare(CLONE_NEWPID | CLONE_NEWNS));
	must(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	contained = fork();
	must(contained >= 0);
	if (!contained) {
		must(!prctl(PR_SET_PDEATHSIG, SIGKILL));
		must(!mount("proc", "/proc", "proc", 0, NULL));
		return;
	}
	signal(SIGINT, pass_on);
	must(waitpid(contained, &status, 0) == contained);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* What can't be found by a walk must not be counted either, whenever it begins. */
static void out_of_reach_for(void (*before_exec)(void), const char *notice)
{
	struct kcount *in_init = kcount__start_in_init(NULL);
	const struct trace_setup setup = { .format = "json",
					   .here = true,
					   .before_exec = before_exec };
	const struct capture *c;
	struct trace t = trace__start_as(&setup, (const char *const[]){ "stat", "100ms", NULL });
	struct peer peer = peer__start("elsewhere", be_elsewhere, NULL);
	struct pair here = net__pair("127.0.0.1");

	peer__hear(&peer);
	numbers__must_agree(&t);
	close(here.listener);
	numbers__must_agree(&t);
	c = trace__stop(&t);
	numbers__must_not_drift(c, kcount__stop(in_init));
	must(strstr(c->err, notice));
	peer__tell(&peer, 0);
	peer__end(&peer);
}

static void out_of_reach(void)
{
	out_of_reach_for(unable_to_enter, " namespaces or processes can't be looked at\n");
}

static void out_of_container(void)
{
	out_of_reach_for(in_container, "census: only of processes in this PID namespace\n");
}

SUITE(TEST(namespaces), TEST(only_namespace), TEST(unreachable), TEST(out_of_reach),
      TEST(out_of_container))
