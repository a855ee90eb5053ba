package io.stave;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * Turns objects into bytes and back, for {@link Store#asMap}. Equal objects must have equal bytes.
 * The order of a walk is that of the bytes.
 *
 * @param <T> of the objects
 */
public interface Codec<T> {
  /** Text as UTF-8. */
  Codec<String> UTF_8 =
      of(
          text -> text.getBytes(StandardCharsets.UTF_8),
          bytes -> new String(bytes, StandardCharsets.UTF_8));

  /** Arrays as they are. */
  Codec<byte[]> BYTES = of(byte[]::clone, bytes -> bytes);

  /** Numbers in 8 bytes, whose order is that of the numbers. */
  Codec<Long> LONG =
      of(
          number -> ByteBuffer.allocate(8).putLong(number ^ Long.MIN_VALUE).array(),
          bytes -> {
            if (bytes.length == 8) return ByteBuffer.wrap(bytes).getLong() ^ Long.MIN_VALUE;
            throw new IllegalArgumentException(
                "Codec.LONG reads 8 bytes, and not the " + bytes.length + " that are there");
          });

  /**
   * The bytes of an object.
   *
   * @param object not null
   * @return not null
   */
  byte[] encode(T object);

  /**
   * The object that bytes stand for.
   *
   * @param bytes as encode made them
   * @return not null
   */
  T decode(byte[] bytes);

  /**
   * A codec of two functions.
   *
   * @param encode to bytes
   * @param decode from bytes
   * @param <T> of the objects
   * @return that codec
   */
  static <T> Codec<T> of(Function<T, byte[]> encode, Function<byte[], T> decode) {
    return new Codec<>() {
      @Override
      public byte[] encode(T object) {
        return encode.apply(object);
      }

      @Override
      public T decode(byte[] bytes) {
        return decode.apply(bytes);
      }
    };
  }
}
