#include "program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../common/sys.h"

#if defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#define MACHINE EM_X86_64
#endif

#define HEADERS_MAX 256

/* All SIZE bytes, or it is not such a file. */
static int bytes_at(int fd, void *to, size_t size, unsigned long long offset)
{
	return sys_call(SYS_pread64, fd, sys_pointer(to), (long)size, (long)offset, 0) == (long)size;
}

static int is_elf(const Elf64_Ehdr *elf)
{
	return !memcmp(elf->e_ident, ELFMAG, SELFMAG);
}

static int is_ours(const Elf64_Ehdr *elf)
{
	return elf->e_ident[EI_CLASS] == ELFCLASS64 && elf->e_machine == MACHINE &&
	       elf->e_phentsize == sizeof(Elf64_Phdr) && elf->e_phnum <= HEADERS_MAX;
}

/* The next program header of TYPE from number *AT on; steps over it. */
static int header_next(int fd, const Elf64_Ehdr *elf, unsigned type, unsigned *at,
		       Elf64_Phdr *header)
{
	while (*at < elf->e_phnum) {
		if (!bytes_at(fd, header, sizeof *header, elf->e_phoff + *at * sizeof *header))
			return 0;
		++*at;
		if (header->p_type == type)
			return 1;
	}
	return 0;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int is_loader(const char *name)
{
	return !strncmp(name, "ld-linux", 8) || !strncmp(name, "ld-2.", 5) ||
	       !strncmp(name, "ld.so", 5);
}

static int elf_look(struct program *program, int fd, const Elf64_Ehdr *elf, const char *file)
{
	Elf64_Phdr header;
	unsigned at = 0;

	if (!is_ours(elf)) {
		program->kind = PROGRAM_FOREIGN;
		return 0;
	}
	if (!header_next(fd, elf, PT_INTERP, &at, &header)) {
		program->kind = is_loader(name_of(file)) ? PROGRAM_LOADER : PROGRAM_STATIC;
		return 0;
	}
	if (header.p_filesz < 2 || header.p_filesz >= PROGRAM_INTERPRETER ||
	    !bytes_at(fd, program->interpreter, header.p_filesz, header.p_offset))
		return ENOEXEC;
	program->interpreter[header.p_filesz] = 0;
	program->kind = strncmp(name_of(program->interpreter), "ld-musl", 7) ? PROGRAM_DYNAMIC
									    : PROGRAM_FOREIGN;
	return 0;
}

static int open_look(struct program *program, int fd, const char *file)
{
	Elf64_Ehdr elf;
	long bytes;

	/* struct stat is the kernel's own on 64 bit machines */
	if (sys_call(SYS_fstat, fd, sys_pointer(&program->file), 0, 0, 0) ||
	    !S_ISREG(program->file.st_mode))
		return EACCES;
	if (bytes_at(fd, &elf, sizeof elf, 0) && is_elf(&elf))
		return elf_look(program, fd, &elf, file);
	bytes = sys_call(SYS_pread64, fd, sys_pointer(program->interpreter), PROGRAM_LINE - 1, 0, 0);
	if (bytes < 3 || program->interpreter[0] != '#' || program->interpreter[1] != '!')
		return ENOEXEC;
	program->interpreter[bytes] = 0;
	program->kind = PROGRAM_SCRIPT;
	return 0;
}

int program_look(struct program *program, const char *file)
{
	long fd = sys_call(SYS_openat, AT_FDCWD, sys_pointer(file),
			   O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0, 0);
	long access;
	int error;

	program->interpreter[0] = 0;
	if (fd < 0)
		return (int)-fd;
	error = open_look(program, (int)fd, file);
	sys_call(SYS_close, fd, 0, 0, 0, 0);
	/* A loader would start what may not be executed. */
	access = sys_call(SYS_faccessat, AT_FDCWD, sys_pointer(file), X_OK, 0, 0);
	return access < 0 ? (int)-access : error;
}

int program_script(char *line, const char **interpreter, const char **argument)
{
	char *at = line + 2, *end;

	at[strcspn(at, "\n")] = 0;
	at += strspn(at, " \t");
	end = at + strlen(at);
	while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = 0;
	if (!*at)
		return ENOEXEC;
	*interpreter = at;
	*argument = NULL;
	at += strcspn(at, " \t");
	if (*at) {
		*at++ = 0;
		*argument = at + strspn(at, " \t");
	}
	return 0;
}

/* Where ADDRESS of the loaded program is in the file; 0 when it is nowhere. */
static unsigned long long offset_of(int fd, const Elf64_Ehdr *elf, unsigned long long address)
{
	Elf64_Phdr header;
	unsigned at = 0;

	while (header_next(fd, elf, PT_LOAD, &at, &header))
		if (address >= header.p_vaddr && address - header.p_vaddr < header.p_filesz)
			return address - header.p_vaddr + header.p_offset;
	return 0;
}

struct dynamic {
	unsigned long long strings;
	unsigned long long name;
	int found;
};

/* RPATH counts before RUNPATH: patchelf makes one of both. */
static void dynamic_read(int fd, const Elf64_Phdr *header, struct dynamic *dynamic)
{
	Elf64_Dyn entry;

	for (unsigned long long at = 0; at + sizeof entry <= header->p_filesz; at += sizeof entry) {
		if (!bytes_at(fd, &entry, sizeof entry, header->p_offset + at) ||
		    entry.d_tag == DT_NULL)
			return;
		if (entry.d_tag == DT_STRTAB)
			dynamic->strings = entry.d_un.d_ptr;
		if (entry.d_tag == DT_RPATH || (entry.d_tag == DT_RUNPATH && !dynamic->found)) {
			dynamic->name = entry.d_un.d_val;
			dynamic->found = 1;
		}
	}
}

int program_library_path(int fd, char *path, size_t room)
{
	struct dynamic dynamic = { 0 };
	unsigned long long offset;
	Elf64_Phdr header;
	Elf64_Ehdr elf;
	unsigned at = 0;
	long bytes;

	if (!bytes_at(fd, &elf, sizeof elf, 0) || !is_elf(&elf) || !is_ours(&elf) ||
	    !header_next(fd, &elf, PT_DYNAMIC, &at, &header))
		return -1;
	dynamic_read(fd, &header, &dynamic);
	offset = dynamic.found ? offset_of(fd, &elf, dynamic.strings) : 0;
	if (!offset)
		return -1;
	bytes = sys_call(SYS_pread64, fd, sys_pointer(path), (long)room, (long)(offset + dynamic.name),
			 0);
	return bytes > 0 && memchr(path, 0, (size_t)bytes) ? 0 : -1;
}
