// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "requirements.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/message.h"
#include "../support/netns.h"

/* PROC_USER_INIT_INO and PROC_PID_INIT_INO in include/linux/proc_ns.h. */
#define INITIAL_USER_NAMESPACE 0xeffffffdu
#define INITIAL_PID_NAMESPACE  0xeffffffcu

bool requirements__is_kernel(const char *release)
{
	unsigned int major = 0, minor = 0;

	sscanf(release, "%u.%u", &major, &minor);
	return major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR);
}

static bool has(cap_t caps, cap_value_t cap)
{
	cap_flag_value_t value = CAP_CLEAR;

	cap_get_flag(caps, cap, CAP_EFFECTIVE, &value);
	return value == CAP_SET;
}

static void look_at_capabilities(struct requirements *needs)
{
	cap_t caps = cap_get_proc();
	bool admin;

	if (!caps) {
		/* The kernel will tell. */
		needs->cap_bpf = needs->cap_perfmon = needs->cap_sys_admin = true;
		needs->cap_sys_ptrace = true;
		return;
	}
	admin = has(caps, CAP_SYS_ADMIN);
	needs->cap_sys_admin = admin;
	needs->cap_bpf = admin || has(caps, CAP_BPF);
	needs->cap_perfmon = admin || has(caps, CAP_PERFMON);
	needs->cap_net_admin = admin || has(caps, CAP_NET_ADMIN);
	needs->cap_syslog = has(caps, CAP_SYSLOG);
	needs->cap_sys_ptrace = has(caps, CAP_SYS_PTRACE);
	cap_free(caps);
}

/* Without /proc, the first one is assumed. */
static bool is_other(const char *path, ino_t initial)
{
	struct stat st;

	return !stat(path, &st) && st.st_ino != initial;
}

void requirements__look(struct requirements *needs)
{
	*needs = (struct requirements){};
	uname(&needs->system);
	needs->kernel_suffices = requirements__is_kernel(needs->system.release);
	needs->btf = access(VMLINUX_BTF, R_OK) ? -errno : 0;
	needs->in_user_namespace = is_other("/proc/self/ns/user", INITIAL_USER_NAMESPACE);
	needs->in_pid_namespace = is_other("/proc/self/ns/pid", INITIAL_PID_NAMESPACE);
	look_at_capabilities(needs);
}

static int check_kernel(const struct requirements *needs)
{
	const char *release = needs->system.release;

	if (!needs->kernel_suffices)
		message("Linux %s is too old: BTF and Linux %d.%d or later are needed", release,
			KERNEL_MAJOR, KERNEL_MINOR);
	else if (needs->btf)
		message("Linux %s has no BTF (%s: %s): BTF and Linux %d.%d or later are needed",
			release, VMLINUX_BTF, strerror(-needs->btf), KERNEL_MAJOR, KERNEL_MINOR);
	else
		return 0;
	return -ENOTSUP;
}

static int check_capabilities(const struct requirements *needs)
{
	bool bpf = needs->cap_bpf, perfmon = needs->cap_perfmon;

	if (!bpf || !perfmon)
		message("not permitted: %s%s%s missing; run it as root", bpf ? "" : "CAP_BPF",
			bpf || perfmon ? "" : " and ", perfmon ? "" : "CAP_PERFMON");
	else if (needs->in_user_namespace)
		message("not permitted: capabilities of a user namespace don't count; run it as "
			"root outside");
	else
		return 0;
	return -EPERM;
}

int requirements__check(void)
{
	struct requirements needs;

	requirements__look(&needs);
	return check_kernel(&needs) ?: check_capabilities(&needs);
}

int requirements__check_netns(uint32_t netns)
{
	struct requirements needs;
	uint32_t own;

	requirements__look(&needs);
	if (needs.cap_sys_admin || !netns || (!parse_netns("self", &own) && own == netns))
		return 0;
	message("-N: not permitted: CAP_SYS_ADMIN missing; run it as root");
	return -EPERM;
}

bool requirements__reach_all_netns(void)
{
	struct requirements needs;

	requirements__look(&needs);
	return needs.cap_sys_admin && needs.cap_sys_ptrace && !needs.in_pid_namespace;
}
