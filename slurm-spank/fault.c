#include "fault.h"

#include <stdarg.h>
#include <stdio.h>

static char kept[1024];

int fault_keep(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(kept, sizeof kept, format, args);
	va_end(args);
	return -1;
}

const char *fault_text(void)
{
	return kept;
}
