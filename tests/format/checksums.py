"""CRC-32C and XXH64, from their definitions: docs/format.md, sections 1 and 7."""

_MASK = (1 << 64) - 1
_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def _make_table():
    table = []
    for byte in range(256):
        state = byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
        table.append(state)
    return table


_TABLE = _make_table()


def crc32c(seed, data):
    state = seed ^ 0xFFFFFFFF
    table = _TABLE
    for byte in data:
        state = state >> 8 ^ table[(state ^ byte) & 255]
    return state ^ 0xFFFFFFFF


def _rotl(value, bits):
    return (value << bits | value >> 64 - bits) & _MASK


def _round(lane, word):
    return _rotl((lane + word * _P2) & _MASK, 31) * _P1 & _MASK


def xxh64(data, seed=0):
    at, size = 0, len(data)
    if size >= 32:
        lanes = [seed + _P1 + _P2, seed + _P2, seed, seed - _P1]
        while at + 32 <= size:
            for i in range(4):
                word = int.from_bytes(data[at + 8 * i:at + 8 * i + 8], "little")
                lanes[i] = _round(lanes[i] & _MASK, word)
            at += 32
        total = sum(_rotl(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18)))
        for lane in lanes:
            total = ((total ^ _round(0, lane)) * _P1 + _P4) & _MASK
    else:
        total = seed + _P5
    total = (total + size) & _MASK
    while at + 8 <= size:
        total ^= _round(0, int.from_bytes(data[at:at + 8], "little"))
        total = (_rotl(total, 27) * _P1 + _P4) & _MASK
        at += 8
    if at + 4 <= size:
        total ^= int.from_bytes(data[at:at + 4], "little") * _P1 & _MASK
        total = (_rotl(total, 23) * _P2 + _P3) & _MASK
        at += 4
    for byte in data[at:]:
        total = _rotl(total ^ byte * _P5 & _MASK, 11) * _P1 & _MASK
    total = (total ^ total >> 33) * _P2 & _MASK
    total = (total ^ total >> 29) * _P3 & _MASK
    return total ^ total >> 32
