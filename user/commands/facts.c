// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "facts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "slot.h"

static void check_kernel(struct verdicts *verdicts, const struct requirements *needs)
{
	if (needs->kernel_suffices) {
		verdicts__line(verdicts, VERDICT_OK, "kernel", "%s", needs->system.release);
	} else {
		verdicts__line(verdicts, VERDICT_MISSING, "kernel", "%s", needs->system.release);
		verdicts__hint("Linux %d.%d or later is needed.", KERNEL_MAJOR, KERNEL_MINOR);
	}
	if (!needs->btf) {
		verdicts__line(verdicts, VERDICT_OK, "BTF", VMLINUX_BTF);
	} else {
		verdicts__line(verdicts, VERDICT_MISSING, "BTF", "%s", strerror(-needs->btf));
		verdicts__hint("There must be " VMLINUX_BTF ": take a kernel that was built with");
		verdicts__hint("CONFIG_DEBUG_INFO_BTF=y, as those of all large distributions are.");
	}
}

/* The first line of a small file. Returns 0 or a negative errno. */
static int read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	int err = 0;

	if (!file)
		return -errno;
	if (!fgets(line, size, file))
		err = -EIO;
	fclose(file);
	return err;
}

static void check_jit(struct verdicts *verdicts)
{
	const char *path = "/proc/sys/net/core/bpf_jit_enable";
	char line[16] = "";
	int err = read_line(path, line, sizeof(line));

	if (err) {
		verdicts__line(verdicts, VERDICT_UNKNOWN, "BPF JIT", "%s", strerror(-err));
		verdicts__hint(err == -ENOENT ? "%s is only in the first network namespace."
					      : "Only root may read %s.",
			       path);
	} else if (*line == '0') {
		verdicts__line(verdicts, VERDICT_DEGRADED, "BPF JIT", "off");
		verdicts__hint("Programs are interpreted, which makes tracing much costlier.");
		verdicts__hint("Do: sysctl net.core.bpf_jit_enable=1");
	} else {
		verdicts__line(verdicts, VERDICT_OK, "BPF JIT", "on");
	}
}

/* Nothing is said where there is no lockdown: it is in few kernels' way. */
static void check_lockdown(struct verdicts *verdicts)
{
	char line[64] = "";

	if (read_line("/sys/kernel/security/lockdown", line, sizeof(line)))
		return;
	if (strstr(line, "[confidentiality]")) {
		/* LOCKDOWN_BPF_READ_KERNEL in bpf_tracing_func_proto() */
		verdicts__line(verdicts, VERDICT_DEGRADED, "lockdown", "confidentiality");
		verdicts__hint(
			"The kernel refuses programs that copy its memory; if the probes are");
		verdicts__hint(
			"refused, this is why. Do: boot with lockdown=integrity or without it");
	} else {
		verdicts__line(verdicts, VERDICT_OK, "lockdown", "%s",
			       strstr(line, "[integrity]") ? "integrity" : "none");
	}
}

static void check_needed(struct verdicts *verdicts, const char *name, bool granted)
{
	verdicts__line(verdicts, granted ? VERDICT_OK : VERDICT_MISSING, name,
		       granted ? "yes" : "no");
	if (!granted)
		verdicts__hint("Do: run it as root, or grant it: see PRIVILEGES in tcpflux(8)");
}

/* The probes tell if that hurts. */
static void check_optional(struct verdicts *verdicts, const char *name, bool granted)
{
	verdicts__line(verdicts, VERDICT_OK, name,
		       granted ? "yes" : "no, needed only without fentry");
}

static void check_capabilities(struct verdicts *verdicts, const struct requirements *needs)
{
	check_needed(verdicts, "CAP_BPF", needs->cap_bpf);
	check_needed(verdicts, "CAP_PERFMON", needs->cap_perfmon);
	check_optional(verdicts, "CAP_SYSLOG", needs->cap_syslog);
	check_optional(verdicts, "CAP_NET_ADMIN", needs->cap_net_admin);
}

static void check_namespaces(struct verdicts *verdicts, const struct requirements *needs)
{
	if (needs->in_user_namespace) {
		verdicts__line(verdicts, VERDICT_MISSING, "user namespace", "not the first one");
		verdicts__hint("Its capabilities don't count for BPF. Do: run it outside, as root");
	}
	if (needs->in_pid_namespace) {
		/* bpf_iter_init_seq_pidns() */
		verdicts__line(verdicts, VERDICT_DEGRADED, "pid namespace", "not the first one");
		verdicts__hint(
			"The sockets that processes outside of it have open when tracing starts "
			"have no");
		verdicts__hint("owner until they are used. Do: run it outside");
	}
}

static bool can_trace(const struct requirements *needs)
{
	return needs->kernel_suffices && !needs->btf && needs->cap_bpf && needs->cap_perfmon &&
	       !needs->in_user_namespace;
}

static void check_ring(struct verdicts *verdicts)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	uint32_t slots = FACTS_BUFFER / sizeof(struct ring_slot);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "check", sizeof(uint32_t),
				sizeof(struct ring_slot), slots, &options);

	if (fd >= 0) {
		verdicts__line(verdicts, VERDICT_OK, "ring buffer", "%uM", FACTS_BUFFER >> 20);
		close(fd);
		return;
	}
	verdicts__line(verdicts, VERDICT_FAILED, "ring buffer", "%uM: %s", FACTS_BUFFER >> 20,
		       strerror(errno));
	verdicts__hint("Do: free memory, or trace with less of it (-b)");
}

bool facts__tell(struct verdicts *verdicts, const struct requirements *needs)
{
	check_kernel(verdicts, needs);
	check_jit(verdicts);
	check_lockdown(verdicts);
	check_capabilities(verdicts, needs);
	check_namespaces(verdicts, needs);
	if (!can_trace(needs))
		return false;
	check_ring(verdicts);
	return true;
}
