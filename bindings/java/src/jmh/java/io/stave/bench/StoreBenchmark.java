package io.stave.bench;

import io.stave.Direct;
import io.stave.Entry;
import io.stave.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The calls of CallBench, one at a time.
 *
 * <p>mvn -Pjmh test-compile exec:exec, as README.md says
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class StoreBenchmark {
  private static final int ENTRIES = 200_000;

  private final byte[] value = new byte[100];
  private final byte[] missing = "no such key at all".getBytes();
  private final byte[][] keys = new byte[ENTRIES][];
  private final ByteBuffer directKey = ByteBuffer.allocateDirect(16);
  private final ByteBuffer directValue = ByteBuffer.allocateDirect(100);
  private Path folder;
  private Store store;
  private Direct direct;
  private int next;

  @Setup(Level.Trial)
  public void fill() throws IOException {
    folder = Files.createTempDirectory("stave-jmh-");
    store = Store.open(folder.resolve("store"));
    direct = store.direct();
    for (int i = 0; i < ENTRIES; i++) {
      keys[i] = String.format("key%013d", i * 7919L % ENTRIES).getBytes();
      store.put(keys[i], value);
    }
  }

  @TearDown(Level.Trial)
  public void remove() throws IOException {
    store.close();
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).collect(Collectors.toList());
      for (Path file : all) Files.delete(file);
    }
  }

  private byte[] key() {
    next = next + 1 < ENTRIES ? next + 1 : 0;
    return keys[next];
  }

  @Benchmark
  public void put() {
    store.put(key(), value);
  }

  @Benchmark
  public byte[] get() {
    return store.get(key());
  }

  @Benchmark
  public byte[] miss() {
    return store.get(missing);
  }

  @Benchmark
  public void putDirect() {
    direct.put(directKey.clear().put(key()).flip(), directValue.clear());
  }

  @Benchmark
  public long getDirect() {
    return direct.get(directKey.clear().put(key()).flip(), directValue.clear());
  }

  /** Per walk over all entries. */
  @Benchmark
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  public long iterate() {
    long sum = 0;
    for (Entry entry : store) sum += entry.getValue().length;
    return sum;
  }
}
