package io.stave;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Finds and loads the native library, and frees native memory that nothing refers to. */
final class Library {
  static final Cleaner CLEANER = Cleaner.create();

  private static final String NAME = "stave-jni";
  private static final String PROPERTY = "stave.jni";
  /** In the order in which they are loaded: the second needs the first. */
  private static final String[] FILES = {
    "libstave.so." + Native.STAVE_VERSION_MAJOR, System.mapLibraryName(NAME)
  };

  private Library() {}

  /** Called once, by the class whose methods are native. */
  static void load() {
    String given = System.getProperty(PROPERTY);
    if (given != null) {
      System.load(Path.of(given).toAbsolutePath().toString());
      return;
    }
    UnsatisfiedLinkError missing;
    try {
      System.loadLibrary(NAME);
      return;
    } catch (UnsatisfiedLinkError error) {
      missing = error;
    }
    String folder = "native/" + platform() + "/";
    try {
      if (!loadResources(folder)) throw notFound(folder, missing);
    } catch (IOException error) {
      throw notFound(folder + " (" + error + ")", missing);
    }
  }

  /** The classes and the native library may come from different places. */
  static void check(int version) {
    int wanted =
        Native.STAVE_VERSION_MAJOR * 1_000_000
            + Native.STAVE_VERSION_MINOR * 1_000
            + Native.STAVE_VERSION_PATCH;
    if (version == wanted) return;
    throw new UnsatisfiedLinkError(
        System.mapLibraryName(NAME)
            + " is of version "
            + text(version)
            + ", the classes of io.stave are of "
            + text(wanted)
            + ". Install both of one version, or name the file by -D"
            + PROPERTY
            + "=FILE.");
  }

  private static String text(int version) {
    return version / 1_000_000 + "." + version / 1_000 % 1_000 + "." + version % 1_000;
  }

  /** "linux-amd64": where in a jar its libraries are. */
  static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).replace(' ', '-');
    return system + "-" + System.getProperty("os.arch");
  }

  private static UnsatisfiedLinkError notFound(String folder, UnsatisfiedLinkError first) {
    UnsatisfiedLinkError error =
        new UnsatisfiedLinkError(
            System.mapLibraryName(NAME)
                + " cannot be loaded: not from java.library.path ("
                + first.getMessage()
                + "), and not from the jar's "
                + folder
                + ". Install it, or name the file by -D"
                + PROPERTY
                + "=FILE.");
    error.initCause(first);
    return error;
  }

  /** From a folder of their own, which is empty again as soon as they are loaded. */
  private static boolean loadResources(String folder) throws IOException {
    if (Library.class.getResource(folder + FILES[1]) == null) return false;
    Path copies = Files.createTempDirectory("stave-jni-");
    try {
      for (String name : FILES) {
        Path copy = copies.resolve(name);
        try (InputStream resource = Library.class.getResourceAsStream(folder + name)) {
          if (resource == null) continue; // then the system has it
          Files.copy(resource, copy);
        }
        System.load(copy.toString());
      }
    } finally {
      for (String name : FILES) Files.deleteIfExists(copies.resolve(name));
      Files.deleteIfExists(copies);
    }
    return true;
  }
}
