/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What tracing needs of the kernel and of this process: the facts, and whether they suffice. */
#ifndef TCPFLUX_REQUIREMENTS_H
#define TCPFLUX_REQUIREMENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"

/* Since 5.12 a tracing program may ask for a socket's storage and its cookie. */
#define KERNEL_MAJOR 5
#define KERNEL_MINOR 12

struct requirements {
	struct utsname system; /* `release` is the kernel's */
	bool kernel_suffices;
	int btf; /* 0, or the negative errno of reading it */

	/* Whose root is nobody to BPF: capable_bpf() asks in the initial one. */
	bool in_user_namespace;
	/* Where process numbers are not those that BPF sees, nor are all processes there. */
	bool in_pid_namespace;

	/*
	 * In effect. CAP_SYS_ADMIN stands for the first three: bpf_capable(), perfmon_capable(),
	 * bpf_prog_load(); not in kallsyms_show_value() and ptrace_may_access().
	 */
	bool cap_bpf, cap_perfmon; /* needed */
	bool cap_net_admin;	   /* for a sockops program */
	bool cap_syslog;	   /* for addresses of the kernel's functions */
	bool cap_sys_admin;	   /* for a look into other network namespaces */
	bool cap_sys_ptrace;	   /* to find those of other users' processes */
};

/* Looks at all of them, and says nothing. */
void requirements__look(struct requirements *needs);

/* Is this release, as uname(2) has it, one that suffices? */
bool requirements__is_kernel(const char *release);

/*
 * Can this kernel and this process trace at all? Returns 0, or says the first thing that is
 * missing: -ENOTSUP (the kernel) or -EPERM (capabilities).
 */
int requirements__check(void);

/*
 * Are the sockets of this network namespace to be seen? It takes CAP_SYS_ADMIN to enter another one
 * than the own. netns: its inode number; 0: none in particular. Returns as requirements__check().
 */
int requirements__check_netns(uint32_t netns);

/* Can it reach the network namespaces of all processes of this machine? */
bool requirements__reach_all_netns(void);

#endif
