// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "hook.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols.skel.h"

#define KALLSYMS "/proc/kallsyms"

/* Of a function's type, given any type that leads to it; -ESRCH if none does. */
static int count_args(const struct btf *kernel, int id)
{
	const struct btf_type *type = btf__type_by_id(kernel, id);

	while (type && (btf_is_typedef(type) || btf_is_ptr(type) || btf_is_func(type)))
		type = btf__type_by_id(kernel, type->type);
	return type && btf_is_func_proto(type) ? (int)btf_vlen(type) : -ESRCH;
}

static int load_empty(enum bpf_prog_type type, enum bpf_attach_type attach, int btf_id, int returns)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = returns },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		    .attach_btf_id = btf_id);
	int fd = bpf_prog_load(type, NULL, "Dual BSD/GPL", insns, 2, &opts);

	return fd < 0 ? -errno : fd;
}

static int try_trampoline(const struct btf *kernel, const char *function,
			  enum bpf_attach_type attach, int min_args)
{
	int id = btf__find_by_name_kind(kernel, function, BTF_KIND_FUNC);
	int fd;

	if (id < 0 || count_args(kernel, id) < min_args)
		return -ESRCH;
	/*
	 * Where it loads it attaches, but on arm64 before 6.0. To try that, too, would take a grace
	 * period of all tasks for each (bpf_trampoline_put()).
	 */
	fd = load_empty(BPF_PROG_TYPE_TRACING, attach, id, 0);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int try_tracepoint(const struct btf *kernel, const char *name, int min_args)
{
	char type[128];
	int id;

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	id = btf__find_by_name_kind(kernel, type, BTF_KIND_TYPEDEF);
	/* The first is the kernel's own. */
	return id < 0 || count_args(kernel, id) < min_args + 1 ? -ESRCH : 0;
}

static int try_sockops(int cgroup)
{
	int fd = load_empty(BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS, 0, 1);
	int link;

	if (fd < 0)
		return fd;
	link = bpf_link_create(fd, cgroup, BPF_CGROUP_SOCK_OPS, NULL);
	if (link < 0)
		link = -errno;
	else
		close(link);
	close(fd);
	return link < 0 ? link : 0;
}

int hook__try(const struct btf *kernel, const struct bpf_program *prog, unsigned int min_args,
	      int cgroup)
{
	const char *section = bpf_program__section_name(prog), *slash = strchr(section, '/');

	if (!strncmp(section, "fentry/", 7))
		return try_trampoline(kernel, slash + 1, BPF_TRACE_FENTRY, min_args);
	if (!strncmp(section, "fexit/", 6))
		return try_trampoline(kernel, slash + 1, BPF_TRACE_FEXIT, min_args);
	if (!strncmp(section, "tp_btf/", 7))
		return try_tracepoint(kernel, slash + 1, min_args);
	return try_sockops(cgroup);
}

/* A line: the address, a letter, the name, and for a module's the module. NULL: something else. */
static const char *name_in(char *line)
{
	char *space = strchr(line, ' '), *name = space && space[1] ? space + 3 : NULL;

	if (name)
		name[strcspn(name, "\t\n")] = '\0';
	return name;
}

static int read_kallsyms(const char *function, uint64_t *address)
{
	FILE *symbols = fopen(KALLSYMS, "re");
	char line[512], buffer[65536];
	int err = -ESRCH;

	if (!symbols)
		return -errno;
	/* Without memory for a buffer stdio would read a file of megabytes byte by byte. */
	setvbuf(symbols, buffer, _IOFBF, sizeof(buffer));
	while (err == -ESRCH && fgets(line, sizeof(line), symbols)) {
		const char *name = name_in(line);

		if (!name || strcmp(name, function))
			continue;
		*address = strtoull(line, NULL, 16);
		/* Shown as 0 to those who may not know (kallsyms_show_value()). */
		err = *address ? 0 : -EPERM;
	}
	fclose(symbols);
	return err;
}

/* Since Linux 6.2 in no time, where the whole text takes a tenth of a second. */
static int look_up(const char *function, uint64_t *address)
{
	struct symbols_bpf *skel = symbols_bpf__open_and_load();
	LIBBPF_OPTS(bpf_test_run_opts, run);
	int err = -errno;

	if (!skel)
		return err;
	if (!skel->bss) {
		symbols_bpf__destroy(skel);
		return -ENOTSUP;
	}
	snprintf(skel->bss->name, sizeof(skel->bss->name), "%s", function);
	err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.look_up), &run);
	err = err ? -errno : (int)run.retval;
	*address = skel->bss->address;
	symbols_bpf__destroy(skel);
	return err;
}

int hook__find_function(const char *function, uint64_t *address)
{
	return look_up(function, address) ? read_kallsyms(function, address) : 0;
}
