/* The copy of a batch script that nothing but the launcher starts. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "fault.h"
#include "file.h"
#include "script.h"

#define LAUNCHER "/opt/berth/libexec/berth-rank"

static char home[64];

static void file_is(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
}

/* What sbatch would be started with and send, as "WORDS: TEXT"; or the fault. COPY stands for the copy. */
static const char *sent(size_t at, const char *const *words)
{
	static char result[4096];
	struct words command = { 0 }, guarded = { 0 };
	char copy[PATH_MAX], *text;
	size_t size;
	struct stat entry;

	for (; *words; words++)
		words_add(&command, "", *words);
	if (script_guard(&command, at, LAUNCHER, copy, &guarded)) {
		words_free(&command);
		snprintf(result, sizeof result, "%s", fault_text());
		return result;
	}
	*result = 0;
	for (size_t i = 0; i < guarded.count; i++) {
		int is_copy = !strcmp(guarded.word[i], copy);

		strcat(strcat(result, is_copy ? "COPY" : guarded.word[i]), i + 1 < guarded.count ? " " : ": ");
		if (is_copy)
			check(!stat(copy, &entry) && (entry.st_mode & 0777) == 0700, "the copy is the user's alone");
	}
	strcat(strcat(result, strrchr(copy, '/') + 1), ": ");
	text = file_read(copy, &size);
	strcat(result, text ? text : "(none)");
	script_forget(copy);
	*strrchr(copy, '/') = 0;
	check(access(copy, F_OK) == -1, "the copy goes with its folder");
	free(text);
	words_free(&command);
	words_free(&guarded);
	return result;
}

#define SENT(at, ...) sent(at, (const char *const[]){ __VA_ARGS__, NULL })

static void files(void)
{
	char path[160], wanted[256];

	file_is("job.sh", "#! /bin/bash -l\n#SBATCH -n1\necho\n");
	check_text(SENT(2, "sbatch", "-N2", "job.sh", "a", ":b"),
		   "sbatch -N2 COPY a :b: job.sh: #!" LAUNCHER "  /bin/bash -l\n#SBATCH -n1\necho\n",
		   "the launcher is put in front of the interpreter, line by line as it was");
	check_text(SENT(1, "sbatch", "./job.sh"), "sbatch COPY: job.sh: #!" LAUNCHER "  /bin/bash -l\n#SBATCH -n1\necho\n",
		   "a path is taken as it is");
	file_is("sent.sh", "#!/old/libexec/berth-rank /bin/sh\necho /libexec/berth-rank \n");
	check_text(SENT(1, "sbatch", "sent.sh"),
		   "sbatch COPY: sent.sh: #!/old/libexec/berth-rank /bin/sh\necho /libexec/berth-rank \n",
		   "what was sent before is sent so again");
	file_is("late.sh", "#!/bin/sh\n# /libexec/berth-rank x\n");
	check_text(SENT(1, "sbatch", "late.sh"), "sbatch COPY: late.sh: #!" LAUNCHER " /bin/sh\n# /libexec/berth-rank x\n",
		   "which its first line tells");
	mkdir("path", 0700);
	mkdir("path/dir.sh", 0700);
	mkdir("more", 0700);
	file_is("more/dir.sh", "#!/bin/sh\nin path\n");
	snprintf(path, sizeof path, "%s/path:%s/more", home, home);
	setenv("PATH", path, 1);
	snprintf(wanted, sizeof wanted, "sbatch COPY: dir.sh: #!" LAUNCHER " /bin/sh\nin path\n");
	check_text(SENT(1, "sbatch", "dir.sh"), wanted, "a name is looked up in PATH");
	check_text(SENT(2, "sbatch", "-D/x", "job.sh"),
		   "sending the batch script: with --chdir, name it by its path (./job.sh)", "which another folder changes");
	check_text(SENT(3, "sbatch", "--chdir", "/x", "job.sh"),
		   "sending the batch script: with --chdir, name it by its path (./job.sh)", "however that is said");
	check(strstr(SENT(2, "sbatch", "-QD/x", "./job.sh"), "COPY") != NULL, "but not for a path");
	check(strstr(SENT(2, "sbatch", "-JD", "job.sh"), "COPY") != NULL, "a job's name is no folder");
	check_text(SENT(1, "sbatch", "nosuch"), "sending the batch script: nosuch cannot be read once more", "it must be there");
	file_is("bare.sh", "#! \t\necho\n");
	check_text(SENT(1, "sbatch", "bare.sh"), "sending the batch script: its first line names no interpreter",
		   "and name who runs it");
	check(strstr(SENT(1, "sbatch", "job.sh", ":", "-n2"), "heterogeneous") != NULL, "components are refused");
	setenv("TMPDIR", "/no/such", 1);
	check(strstr(SENT(1, "sbatch", "job.sh"), "writing the copy /no/such/berth-sbatch-") != NULL, "as is no place for it");
	unsetenv("TMPDIR");
}

static void others(void)
{
#define WRAPPED "#!" LAUNCHER " /bin/sh\n# This script was created by sbatch --wrap.\n\nhostname; date\n"
	int pair[2];

	check_text(SENT(4, "sbatch", "--wrap=hostname; date", "-n", "1"), "sbatch -n 1 COPY: wrap: " WRAPPED,
		   "--wrap is made a script");
	check_text(SENT(3, "sbatch", "--wrap", "hostname; date"), "sbatch COPY: wrap: " WRAPPED, "in two words too");
	check_text(SENT(4, "sbatch", "--wrap=a", "--wra", "hostname; date"), "sbatch COPY: wrap: " WRAPPED,
		   "the last one counts, and may be short");
	file_is("input", "#!/bin/sh\necho\n");
	close(0);
	check(!open("input", O_RDONLY) && lseek(0, 7, SEEK_SET) == 7, "sbatch has read its input");
	check_text(SENT(2, "sbatch", "-n1"), "sbatch -n1 COPY: sbatch: #!" LAUNCHER " /bin/sh\necho\n",
		   "which is read once more where it is a file");
	close(0);
	check(!pipe(pair) && !pair[0], "there is a pipe");
	check(strstr(SENT(1, "sbatch"), "it came through a pipe") != NULL, "and refused where it is none");
}

/* Whether what comes through a pipe can be read once more. */
static int is_kept(const char *const *words)
{
	struct words command = { 0 };
	struct stat entry;
	char text[16] = "";
	int pair[2], kept;

	close(0);
	check(!pipe(pair) && !pair[0] && write(pair[1], "#!/bin/sh\n", 10) == 10, "there is a pipe");
	close(pair[1]);
	for (; *words; words++)
		words_add(&command, "", *words);
	script_input_keep(&command);
	kept = !fstat(0, &entry) && S_ISREG(entry.st_mode);
	check(read(0, text, sizeof text) == 10 && !strcmp(text, "#!/bin/sh\n"), "sbatch finds all of it");
	words_free(&command);
	return kept;
}

#define KEPT(...) is_kept((const char *const[]){ __VA_ARGS__, NULL })

static void pipes(void)
{
	setenv("PATH", "/usr/bin:/bin", 1);
	check(KEPT("sbatch") && KEPT("sbatch", "-N", "2", "-p", "debug", "--container-batch", "-J", "a b"), "no word is a script");
	check(!KEPT("sbatch", "job.sh") && !KEPT("sbatch", "./job.sh") && !KEPT("sbatch", "-J", "env"), "one may be one");
	check(!KEPT("sbatch", "-D", "/x", "y.sh"), "or be found elsewhere");
	check(!KEPT("sbatch", "--version") && !KEPT("sbatch", "-vV") && !KEPT("sbatch", "--usage") && !KEPT("sbatch", "-h"),
	      "sbatch may read nothing");
	check(!KEPT("sbatch", "--wrap", "date") && !KEPT("sbatch", "--", "-x"), "nor need to");
}

static void forgets_only_copies(void)
{
	char path[128];

	snprintf(path, sizeof path, "%s/job.sh", home);
	script_forget(path);
	script_forget("job.sh");
	check(!access("job.sh", F_OK), "nothing but a copy is removed");
}

int main(void)
{
	struct words self = { 0 };
	char command[128];

	strcpy(home, "/tmp/berth-script-XXXXXX");
	if (!mkdtemp(home) || chdir(home))
		return 1;
	unsetenv("TMPDIR");
	check(!script_command(&self) && self.count == 1 && strstr(self.word[0], "test_script"), "the own words are known");
	words_free(&self);
	files();
	others();
	pipes();
	forgets_only_copies();
	setenv("PATH", "/usr/bin:/bin", 1);
	snprintf(command, sizeof command, "rm -rf %s", home);
	return system(command) || check_done();
}
