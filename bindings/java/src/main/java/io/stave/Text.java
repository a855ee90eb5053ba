package io.stave;

import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/** Strings and paths as the library takes and gives them. */
final class Text {
  private Text() {}

  static String of(byte[] utf8) {
    return utf8 == null ? "" : new String(utf8, StandardCharsets.UTF_8);
  }

  /** With the NUL at its end. */
  static byte[] path(String path) {
    return terminated(Objects.requireNonNull(path, "path").getBytes(StandardCharsets.UTF_8), path);
  }

  /** The very bytes of the path, whatever the locale: its URI has them, in ASCII. */
  static byte[] path(Path path) {
    if (Objects.requireNonNull(path, "path").getFileSystem() != FileSystems.getDefault()) {
      throw new IllegalArgumentException("not a path of the operating system: " + path);
    }
    String uri = path.toUri().getRawPath();
    byte[] bytes = new byte[uri.length()];
    int length = 0;
    for (int i = 0; i < uri.length(); i++) {
      if (uri.charAt(i) == '%') {
        bytes[length++] = (byte) Integer.parseInt(uri.substring(i + 1, i + 3), 16);
        i += 2;
      } else {
        bytes[length++] = (byte) uri.charAt(i);
      }
    }
    // The URI of a directory ends in a slash.
    if (length > 1 && bytes[length - 1] == '/') length--;
    return terminated(Arrays.copyOf(bytes, length), path.toString());
  }

  private static byte[] terminated(byte[] bytes, String path) {
    for (byte one : bytes) {
      if (one == 0) throw new IllegalArgumentException("a NUL in the path \"" + path + '"');
    }
    return Arrays.copyOf(bytes, bytes.length + 1);
  }
}
