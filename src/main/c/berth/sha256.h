/* SHA-256. */
#ifndef BERTH_SHA256_H
#define BERTH_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX 65

struct sha256 {
	uint32_t state[8];
	uint64_t bytes;
	unsigned char block[64];
};

void sha256_begin(struct sha256 *sum);
void sha256_add(struct sha256 *sum, const void *bytes, size_t size);

/* Ends SUM and writes it in lower-case hexadecimal digits. */
void sha256_hex(struct sha256 *sum, char hex[SHA256_HEX]);

#endif
