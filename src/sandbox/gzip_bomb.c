/* gzip_bomb.c: one deflate block with the fixed codes (RFC 1951, 3.2.6): a literal zero, then matches
 * of length 258 at distance 1. */
#include "sandbox/gzip_bomb.h"

#include <string.h>

enum { PIECE = 8 * 1024, MATCH = 258 };

struct bits {
	char piece[PIECE];
	size_t count;
	unsigned pending, pending_bits;
	bool (*put)(void *to, const char *bytes, size_t count);
	void *to;
	bool is_over;
};

static void add_byte(struct bits *bits, unsigned byte)
{
	bits->piece[bits->count++] = (char)byte;
	if (bits->count < PIECE)
		return;
	bits->is_over = bits->is_over || !bits->put(bits->to, bits->piece, bits->count);
	bits->count = 0;
}

/* Lowest bit first, as deflate packs everything but codes. */
static void add_bit(struct bits *bits, unsigned bit)
{
	bits->pending |= bit << bits->pending_bits;
	if (++bits->pending_bits < 8)
		return;
	add_byte(bits, bits->pending);
	bits->pending = bits->pending_bits = 0;
}

/* Highest bit first, as deflate packs codes. */
static void add_code(struct bits *bits, unsigned code, unsigned length)
{
	while (length--)
		add_bit(bits, code >> length & 1);
}

static void add_32(struct bits *bits, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		add_byte(bits, value >> (8 * i) & 0xff);
}

/* CRC-32 of that many zeros. */
static uint32_t crc_of_zeros(int64_t zeros)
{
	uint32_t table[256], crc = 0xffffffff;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	while (zeros-- > 0)
		crc = table[crc & 0xff] ^ crc >> 8;
	return ~crc;
}

bool gzip_bomb(int64_t zeros, bool (*put)(void *to, const char *bytes, size_t count), void *to)
{
	static const unsigned char head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };
	struct bits bits = { .put = put, .to = to };
	int64_t left = zeros - 1;

	for (size_t i = 0; i < sizeof head; i++)
		add_byte(&bits, head[i]);
	add_bit(&bits, 1); /* last block */
	add_bit(&bits, 1); /* fixed codes: 01, low bit first */
	add_bit(&bits, 0);
	add_code(&bits, 0x30, 8); /* literal 0 */
	for (; left >= MATCH && !bits.is_over; left -= MATCH) {
		add_code(&bits, 0xc5, 8); /* length 258: symbol 285 */
		add_code(&bits, 0, 5);    /* distance 1 */
	}
	for (; left > 0 && !bits.is_over; left--)
		add_code(&bits, 0x30, 8);
	if (bits.is_over)
		return false;
	add_code(&bits, 0, 7); /* end of block */
	while (bits.pending_bits)
		add_bit(&bits, 0);
	add_32(&bits, crc_of_zeros(zeros));
	add_32(&bits, (uint32_t)zeros);
	return put(to, bits.piece, bits.count);
}
