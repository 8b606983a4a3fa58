/* What the launcher reads in the first line of a batch script. */
#include "check.h"

#include <fcntl.h>
#include <unistd.h>

#include "common/guarded.h"

static char path[] = "/tmp/berth-test-XXXXXX";

/* "INTERPRETER|ARGUMENT", or "none". */
static const char *read_as(const char *text)
{
	static char result[256];
	struct guarded guarded;
	int fd = open(path, O_WRONLY | O_TRUNC);

	if (write(fd, text, strlen(text)) < 0)
		return "unwritten";
	close(fd);
	if (guarded_read(&guarded, path))
		return "none";
	snprintf(result, sizeof result, "%s|%s", guarded.interpreter, guarded.argument ? guarded.argument : "");
	return result;
}

int main(void)
{
	close(mkstemp(path));
	check_text(read_as("#!/a/libexec/berth-rank /bin/sh\necho\n"), "/bin/sh|", "an interpreter");
	check_text(read_as("#!/a b/libexec/berth-rank /bin/bash -l -x \t\necho\n"), "/bin/bash|-l -x", "with one argument");
	check_text(read_as("#!/a/libexec/berth-rank \t/bin/sh"), "/bin/sh|", "and no end of line");
	check_text(read_as("#!/bin/sh\n#!/a/libexec/berth-rank /bin/sh\n"), "none", "only the first line counts");
	check_text(read_as("#!/a/libexec/berth-rank\n"), "none", "nothing follows");
	check_text(read_as("echo /libexec/berth-rank /bin/sh\n"), "none", "it is a script");
	check_text(read_as(""), "none", "it is not empty");
	unlink(path);
	check_text(guarded_read(&(struct guarded){ 0 }, path) ? "none" : "", "none", "it is there");
	return check_done();
}
