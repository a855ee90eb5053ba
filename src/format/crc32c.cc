// crc32c
