/* Programs of another kind of processor: in a user namespace of our own the kernel is told who runs them. */
#ifndef BERTH_EMULATOR_H
#define BERTH_EMULATOR_H

/* The words of `emulator`: 32 or 64, little or big, number of the machine in an ELF file, program. */
enum { EMULATOR_BITS, EMULATOR_ORDER, EMULATOR_MACHINE, EMULATOR_PROGRAM };

/*
 * Registers it in the namespace that this process has just made, in which it is root. It holds as long as the file system
 * at /proc/sys/fs/binfmt_misc is there. 0, or -1 with a message.
 */
int emulator_register(char *const *word);

#endif
