/*
 * Included before all other headers where a shared library is built that an image's glibc will load:
 * what glibc has renamed or moved since 2.14 is asked for by its first name and version.
 */
#ifndef BERTH_FAKE_OLDLIBC_H
#define BERTH_FAKE_OLDLIBC_H

#if defined(__x86_64__)
#define OLDLIBC_FIRST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define OLDLIBC_FIRST "GLIBC_2.17"
#else
#error "the first glibc of this architecture has to be named here"
#endif

__asm__(".symver dlsym, dlsym@" OLDLIBC_FIRST);
__asm__(".symver dlerror, dlerror@" OLDLIBC_FIRST);
/* by these names headers of glibc 2.38 and later mean the functions of C23 */
__asm__(".symver __isoc23_strtol, strtol@" OLDLIBC_FIRST);
__asm__(".symver __isoc23_strtoul, strtoul@" OLDLIBC_FIRST);
__asm__(".symver __isoc23_sscanf, sscanf@" OLDLIBC_FIRST);

#endif
