package io.stave;

import java.time.Duration;
import java.time.Instant;

/** Times as the library takes and gives them: milliseconds, Unix time, 0 for never. */
final class Times {
  private Times() {}

  /** Of a time to live; a positive one has at least a millisecond, 0 is refused by the library. */
  static long ttl(Duration ttl) {
    if (ttl.isNegative()) {
      throw new IllegalArgumentException("a time to live of " + ttl + ": it must not be negative");
    }
    return ttl.isZero() ? 0 : Math.max(ttl.toMillis(), 1);
  }

  /** Of a time of expiry; one long past has passed as well. */
  static long until(Instant expires) {
    return Math.max(expires.toEpochMilli(), 1);
  }

  static Instant instant(long millis) {
    if (millis == 0) return null;
    return Instant.ofEpochMilli(millis < 0 ? Long.MAX_VALUE : millis); // unsigned in the library
  }
}
