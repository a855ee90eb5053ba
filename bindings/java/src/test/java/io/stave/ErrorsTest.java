package io.stave;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Test;

/** The right code and text. */
public class ErrorsTest extends StoreCase {
  @Test
  public void codesAreThoseOfTheLibrary() {
    Set<String> names = new HashSet<>();
    for (int number = 0; number < 1000; number++) {
      String name = Native.status_name(number);
      if (name.equals("STAVE_UNKNOWN_STATUS") || number == 0) continue;
      assertNotEquals(name, Code.UNKNOWN, Code.of(number));
      assertEquals(name, "STAVE_" + Code.of(number));
      names.add(name);
    }
    assertEquals(names.size() + 1, Code.values().length);
    assertEquals(200, Code.BUSY.number());
    StaveException unknown = StaveException.of(999, "t\u00e4xt".getBytes(StandardCharsets.UTF_8));
    assertEquals(Code.UNKNOWN, unknown.code());
    assertEquals(999, unknown.number());
    assertEquals("t\u00e4xt", unknown.getMessage());
  }

  @Test
  public void opening() throws Exception {
    try (Store store = open()) {
      assertFails(Code.BUSY, dir.toString(), this::open);
    }
    Options fresh = new Options().set("error_if_exists", true);
    assertFails(Code.EXISTS, "store", () -> Store.open(dir, fresh));
    assertFails(
        Code.NO_STORE,
        "nothing",
        () -> Store.open(folder.resolve("nothing"), new Options().set("create_if_missing", false)));
    Path file = Files.createFile(folder.resolve("file"));
    assertFails(Code.IO, file.toString(), () -> Store.open(file));
    Options sink = new Options().set("sink", 1);
    assertFails(Code.UNKNOWN_OPTION, "\"sink\"", () -> Store.open(dir, sink));
    Options often = new Options().set("sync", "oft");
    assertFails(Code.BAD_OPTION, "sync", () -> Store.open(dir, often));
    assertThrows(IllegalArgumentException.class, () -> new Options().set("sync", "no\0ne"));
    try (Store reader = Store.open(dir, new Options().readOnly())) {
      assertFails(Code.READ_ONLY, "read", () -> reader.put(b("k"), b("v")));
      assertTrue(reader.stats().readOnly());
    }
  }

  @Test
  public void manyLongOptions() {
    Options options = new Options();
    for (int i = 0; i < 100; i++) options.set("option.that.is.not.there." + i, "value");
    assertFails(Code.UNKNOWN_OPTION, "option.that.is.not.there.0", () -> Store.open(dir, options));
  }

  @Test
  public void damage() throws Exception {
    Path log;
    try (Store store = open()) {
      for (int i = 0; i < 100; i++) store.put(b("key" + i), b("value".repeat(100)));
      store.sync();
      try (Stream<Path> files = Files.list(dir)) {
        log = files.filter(f -> f.toString().endsWith(".log")).sorted().findFirst().get();
      }
      int at = s(Files.readAllBytes(log)).indexOf("value");
      try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
        file.seek(at);
        file.write('V');
      }
      String name = log.getFileName().toString();
      assertFails(Code.CORRUPT, name, () -> store.get(b("key0")));
      assertFails(Code.CORRUPT, name, () -> store.many().get(List.of(b("key1"), b("key0"))));
      assertFails(Code.CORRUPT, name, () -> pairs(store));
      VerifyReport report = store.maintenance().verify();
      assertEquals(1, report.problems());
      assertEquals(1, report.badRecords());
      assertTrue(report.firstProblem(), report.firstProblem().contains(name));
      assertTrue(report.toString(), report.toString().contains("badRecords=1"));
      assertTrue(
          store.maintenance().logEvents().stream().anyMatch(e -> e.message().contains(name)));
      List<String> walked = new ArrayList<>();
      try (Cursor cursor = store.walk().cursor()) {
        while (true) {
          try {
            Entry entry = cursor.poll();
            if (entry == null) break;
            walked.add(s(entry.getKey()));
          } catch (StaveException error) {
            assertEquals(Code.CORRUPT, error.code());
          }
        }
      }
      assertEquals("a walk goes on past damage", 99, walked.size());
    }
  }

  @Test
  public void wrongArguments() {
    try (Store store = open()) {
      assertFails(Code.EMPTY_KEY, "key", () -> store.put(b(""), b("v")));
      assertFails(Code.KEY_TOO_LARGE, "65536 bytes", () -> store.put(new byte[65536], b("v")));
      store.put(b("word"), b("no number"));
      assertFails(Code.NOT_A_NUMBER, "not a number", () -> store.increment(b("word"), 1));
      assertFails(Code.INVALID_ARGUMENT, "", () -> store.feed(1L << 40));
      StaveIter iter = new StaveIter();
      assertFails(Code.CLOSED, "iterator", () -> iter.next(1));
      assertFails(
          Code.INVALID_ARGUMENT,
          "was opened before",
          () -> store.db.begin(new byte[1], new byte[0]));
      assertFails(
          Code.NULL_ARGUMENT, "", () -> new StaveDb().begin(Text.path(dir), b("no value\0")));
      assertFails(Code.INVALID_ARGUMENT, "packed list", () -> store.db.put_many(new byte[3], 0));
    }
  }

  @Test
  public void textsOf32ThreadsThatFailAtOnce() throws Exception {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 32; i++) files.add(Files.createFile(folder.resolve("file-" + i + "-")));
    Store closed = Store.open(folder.resolve("closed"));
    closed.close();
    try (Store store = open()) {
      store.put(b("word"), b("no number"));
      inThreads(
          32,
          number -> {
            byte[] tooLong = new byte[70000 + number];
            byte[] absent = b("absent " + number);
            String file = files.get(number).getFileName().toString();
            for (int i = 0; i < 50; i++) {
              assertFails(Code.KEY_TOO_LARGE, tooLong.length + " bytes",
                  () -> store.put(tooLong, absent));
              assertFails(Code.NOT_A_NUMBER, "not a number", () -> store.increment(b("word"), 1));
              assertFails(Code.CLOSED, "closed", () -> closed.get(absent));
              assertFails(Code.NOT_FOUND, "", () -> store.ttl(absent));
              assertFails(Code.IO, file, () -> Store.open(files.get(number)));
              try (Batch batch = store.batch()) {
                batch.requirePresent(absent);
                assertFails(Code.CONFLICT, s(absent), batch::write);
              }
            }
          });
    }
  }

  @Test
  public void optionsAreListed() {
    List<Option> options = Stave.options();
    List<String> names = options.stream().map(Option::name).collect(Collectors.toList());
    Option option = options.get(names.indexOf("create_if_missing"));
    assertEquals("true", option.defaultValue());
    assertEquals("bool", option.kind());
    assertTrue(options.get(names.indexOf("sync")).choices().contains("always"));
    Option size = options.get(names.indexOf("max_file_size"));
    assertTrue(size.toString(), !size.minimum().isEmpty() && !size.maximum().isEmpty());
    for (Option each : options) {
      assertTrue(each.description().length() > 5 && !each.since().isEmpty());
      assertTrue(each.choices().isEmpty() || each.kind().equals("choice"));
      assertTrue(each.name(), !each.kind().equals("bool") || each.minimum().isEmpty());
    }
  }
}
