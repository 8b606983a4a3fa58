#include "record.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "share.h"
#include "text.h"

void record_open(struct record *record, const struct plan *plan)
{
	char **file = plan_words(plan, PLAN_RECORD);

	*record = (struct record){ .fd = -1 };
	if (!file)
		return;
	record->start = share_start_time((unsigned long long)getpid());
	record->fd = open(file[0], O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
}

void record_write(const struct record *record)
{
	char line[16 + 2 * TEXT_DECIMAL] = "program ", number[TEXT_DECIMAL];

	if (record->fd < 0)
		return;
	strcat(strcat(line, text_decimal(number, getpid())), " ");
	strcat(strcat(line, text_decimal(number, (long long)record->start)), "\n");
	/* A full disk is no reason not to start: only nobody can join this run. */
	(void)!write(record->fd, line, strlen(line));
	close(record->fd);
}

void record_remove(const struct plan *plan)
{
	char **file = plan_words(plan, PLAN_RECORD);

	if (file)
		unlink(file[0]);
}
