/* What both sides of a runtime know: who starts it, and the init that it starts. */
#ifndef BERTH_RUNTIME_START_H
#define BERTH_RUNTIME_START_H

/* Descriptors that the init gets beside the caller's. */
enum { CONTROL, START, SELF, INPUT, OUTPUT, ERRORS, OURS };

#define SIGNALS 64

/* As the kernel has it. */
struct files {
	unsigned long long soft;
	unsigned long long hard;
};

#endif
