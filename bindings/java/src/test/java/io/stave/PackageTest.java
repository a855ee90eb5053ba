package io.stave;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.Test;

/** The jar as users have it: its README, how it loads its library, its version. */
public class PackageTest extends StoreCase {
  private static final Path SOURCE = Path.of(System.getProperty("stave.source"));
  private static final Path JAR = Path.of(System.getProperty("stave.jar"));
  private static final String CODE =
      "import io.stave.*;\n"
          + "class Run { public static void main(String[] a) throws Exception {%s} }\n";

  /** What a java in the test's folder prints, errors included. */
  private String java(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().putAll(environment);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.redirectErrorStream(true).start();
    byte[] output = process.getInputStream().readAllBytes();
    process.waitFor();
    return new String(output, java.nio.charset.StandardCharsets.UTF_8);
  }

  private String run(Path classes, String statements, String... options) throws Exception {
    Files.writeString(folder.resolve("Run.java"), String.format(CODE, statements));
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("-cp", classes.toString(), "Run.java"));
    return java(Map.of(), arguments.toArray(new String[0]));
  }

  /** The jar's classes alone, or its libraries alone. */
  private Path part(String... folders) throws Exception {
    Path part = Files.createTempDirectory(folder, "part");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "jar").toString());
    command.addAll(List.of("--extract", "--file", JAR.toString()));
    command.addAll(List.of(folders));
    assertEquals(0, new ProcessBuilder(command).directory(part.toFile()).start().waitFor());
    return part;
  }

  private Path classes() throws Exception {
    Path classes = part("io/stave");
    Files.move(classes.resolve("io/stave/native"), folder.resolve("natives"));
    return classes;
  }

  private Path natives() {
    return folder.resolve("natives").resolve(Library.platform());
  }

  @Test
  public void theExampleOfTheReadmePrintsWhatStandsThere() throws Exception {
    String text = Files.readString(SOURCE.resolve("README.md"));
    Pattern blocks = Pattern.compile("```java\n(.*?)```.*?```\n(.*?)```", Pattern.DOTALL);
    Matcher found = blocks.matcher(text);
    assertTrue(found.find());
    Files.writeString(folder.resolve("Shop.java"), found.group(1));
    assertEquals(found.group(2), java(Map.of(), "-cp", JAR.toString(), "Shop.java"));
  }

  @Test
  public void theJarBringsItsLibraryAndLeavesNothingBehind() throws Exception {
    Path temporaries = Files.createDirectory(folder.resolve("temporaries"));
    String printed =
        run(
            JAR,
            "System.out.println(Stave.version());",
            "-Djava.library.path=/nowhere",
            "-Djava.io.tmpdir=" + temporaries);
    assertEquals(Stave.version() + "\n", printed);
    File[] left = temporaries.toFile().listFiles((parent, name) -> name.contains("stave"));
    assertArrayEquals(new File[0], left);
  }

  @Test
  public void theLibraryIsFoundWhereItIsInstalledOrNamed() throws Exception {
    Path classes = classes();
    String code = "System.out.println(Stave.liveHandles());";
    assertEquals("0\n", run(classes, code, "-Djava.library.path=" + natives()));
    Path file = natives().resolve("libstave-jni.so");
    assertEquals("0\n", run(classes, code, "-Djava.library.path=/nowhere", "-Dstave.jni=" + file));
  }

  @Test
  public void aMissingLibraryIsSaidToBeMissing() throws Exception {
    String code = "Stave.version();";
    String printed = run(classes(), code, "-Djava.library.path=/nowhere");
    String[] wanted = {
      "UnsatisfiedLinkError", "libstave-jni.so", "java.library.path", "-Dstave.jni=FILE"
    };
    for (String words : wanted) assertTrue(printed, printed.contains(words));
    printed = run(JAR, code, "-Dstave.jni=/nowhere/libstave-jni.so");
    assertTrue(printed, printed.contains("/nowhere/libstave-jni.so"));
  }

  @Test
  public void aLibraryOfAnotherVersionIsRefused() {
    UnsatisfiedLinkError error =
        assertThrows(UnsatisfiedLinkError.class, () -> Library.check(7_012_003));
    assertTrue(error.getMessage(), error.getMessage().contains("version 7.12.3"));
    assertTrue(error.getMessage(), error.getMessage().contains(Stave.version()));
  }

  @Test
  public void aLocaleOfAsciiCanOpenAnyName() throws Exception {
    String name = "caf\u00e9 \u2603";
    Files.writeString(
        folder.resolve("Run.java"),
        String.format(
            CODE,
            "try (Store store = Store.open(\"caf\\u00e9 \\u2603\", new Options())) {"
                + " store.put(new byte[1], new byte[2]); }"
                + " for (java.io.File f : new java.io.File(\".\").listFiles())"
                + " if (f.getName().startsWith(\"caf\")) try (Store store = Store.open(f.toPath()))"
                + " { System.out.println(store.get(new byte[1]).length); }"));
    String printed = java(Map.of("LC_ALL", "C"), "-cp", JAR.toString(), "Run.java");
    // A Path cannot always name it there, but what it names, it names rightly.
    assertTrue(printed, printed.equals("2\n") || printed.contains("InvalidPathException"));
    Options there = new Options().set("create_if_missing", false);
    try (Store store = Store.open(folder + "/" + name, there)) {
      assertEquals(2, store.get(new byte[1]).length);
    }
  }

  @Test
  public void aProcessMayEndWithoutClosing() throws Exception {
    String code =
        "Store store = Store.open(\"store\", new Options()); store.put(new byte[1], new byte[7]);"
            + " store.iterator().next(); System.out.println(\"end\");";
    assertEquals("end\n", run(JAR, code));
    try (Store store = open()) {
      assertEquals(7, store.get(new byte[1]).length);
    }
  }

  @Test
  public void closedCursorsDoNotWaitForTheCollectorWithTheirBuffers() throws Exception {
    String code =
        "try (Store store = Store.open(\"store\", new Options())) { long before = 0;"
            + " for (int i = 0; i < 200; i++) store.put((\"k\" + i).getBytes(), new byte[200]);"
            + " for (int i = 0; i < 30000; i++) { if (i == 5000) before = kib();"
            + " try (Cursor cursor = store.walk().cursor()) { cursor.next(); } }"
            + " System.out.println(kib() - before); } }"
            + " static long kib() throws Exception { for (String line :"
            + " java.nio.file.Files.readAllLines(java.nio.file.Path.of(\"/proc/self/status\")))"
            + " if (line.startsWith(\"VmRSS:\"))"
            + " return Long.parseLong(line.replaceAll(\"[^0-9]\", \"\"));"
            + " throw new Exception();";
    // A heap that is resident from the first moment on, and in which nothing is collected.
    String printed =
        run(JAR, code, "-Xms400m", "-Xmx400m", "-Xmn350m", "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC");
    long more = Long.parseLong(printed.trim());
    assertTrue(more + " KiB more", more < 50_000); // it was 130 MB
  }

  @Test
  public void itIsOfOneVersion() throws Exception {
    Matcher pom =
        Pattern.compile("<artifactId>stave</artifactId>\\s*<version>(\\d+\\.\\d+)\\.")
            .matcher(Files.readString(SOURCE.resolve("pom.xml")));
    assertTrue(pom.find());
    assertEquals(Native.STAVE_VERSION_MAJOR + "." + Native.STAVE_VERSION_MINOR, pom.group(1));
    assertTrue(Stave.version().startsWith(pom.group(1) + "."));
  }
}
