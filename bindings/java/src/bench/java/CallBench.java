import io.stave.Direct;
import io.stave.Entry;
import io.stave.Stave;
import io.stave.Store;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Nanoseconds per call, next to those of C in the same run.
 *
 * <p>usage: CallBench --c PATH-OF-stave_call_bench [--entries N] [--rounds N]
 *
 * <p>The figures are the best of the rounds, with the loop. "beyond C" is what the binding costs.
 */
final class CallBench {
  private static final byte[] VALUE = new byte[100];

  private final Path dir;
  private final byte[][] keys;
  private final byte[][] misses;
  private final Map<String, Double> found = new LinkedHashMap<>();

  private CallBench(Path dir, int entries) {
    this.dir = dir;
    Arrays.fill(VALUE, (byte) 'v');
    keys = new byte[entries][];
    misses = new byte[entries][];
    for (int i = 0; i < entries; i++) {
      keys[i] = String.format("key%013d", i * 7919L % entries).getBytes();
      misses[i] = Arrays.copyOf(keys[i], keys[i].length - 1);
    }
  }

  private interface Work {
    /** Gives back something of the work, so that it cannot be left out. */
    long run();
  }

  private void time(String name, Work work) {
    long start = System.nanoTime();
    long sum = work.run();
    double ns = (double) (System.nanoTime() - start) / keys.length;
    if (sum < keys.length) throw new IllegalStateException(name + ": only " + sum);
    found.merge(name, ns, Math::min);
  }

  private void run() {
    try (Store store = Store.open(dir)) {
      for (byte[] key : keys) store.put(key, VALUE); // puts are to meet a filled store, as in C
      time("empty", this::empty);
      time("put", () -> put(store));
      time("get", () -> get(store));
      time("miss", () -> miss(store));
      time("iterate", () -> iterate(store));
      time("put: direct", () -> putDirect(store.direct()));
      time("get: direct", () -> getDirect(store.direct()));
    }
  }

  private long empty() {
    long sum = 0;
    for (int i = 0; i < keys.length; i++) sum += Stave.liveHandles();
    return sum;
  }

  private long put(Store store) {
    for (byte[] key : keys) store.put(key, VALUE);
    return keys.length;
  }

  private long get(Store store) {
    long sum = 0;
    for (byte[] key : keys) sum += store.get(key).length;
    return sum;
  }

  private long miss(Store store) {
    long sum = 0;
    for (byte[] key : misses) sum += store.get(key) == null ? 1 : 0;
    return sum;
  }

  private long iterate(Store store) {
    long sum = 0;
    for (Entry entry : store) sum += entry.getValue().length;
    return sum;
  }

  private long putDirect(Direct store) {
    ByteBuffer key = ByteBuffer.allocateDirect(16);
    ByteBuffer value = ByteBuffer.allocateDirect(100).put(VALUE).flip();
    for (byte[] bytes : keys) store.put(key.clear().put(bytes).flip(), value);
    return keys.length;
  }

  private long getDirect(Direct store) {
    long sum = 0;
    ByteBuffer key = ByteBuffer.allocateDirect(16);
    ByteBuffer value = ByteBuffer.allocateDirect(100);
    for (byte[] bytes : keys) sum += store.get(key.clear().put(bytes).flip(), value.clear());
    return sum;
  }

  private static void runC(String program, Path dir, int entries, Map<String, Double> best)
      throws IOException {
    Process process =
        new ProcessBuilder(program, dir.toString(), Integer.toString(entries))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(process.getInputStream()))) {
      List<String> lines = reader.lines().collect(Collectors.toList());
      for (String line : lines) {
        String[] words = line.split(" ");
        best.merge(words[0], Double.valueOf(words[1]), Math::min);
      }
    }
  }

  private static void remove(Path dir) throws IOException {
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) {
        Files.delete(file);
      }
    }
  }

  public static void main(String[] arguments) throws IOException {
    Map<String, String> given = new LinkedHashMap<>(Map.of("--entries", "200000", "--rounds", "5"));
    for (int i = 0; i + 1 < arguments.length; i += 2) given.put(arguments[i], arguments[i + 1]);
    if (!given.containsKey("--c")) {
      System.err.println("usage: CallBench --c PROGRAM [--entries N] [--rounds N]");
      System.exit(2);
    }
    int entries = Integer.parseInt(given.get("--entries"));
    Path folder = Files.createTempDirectory("stave-bench-");
    CallBench bench = new CallBench(folder.resolve("store"), entries);
    Map<String, Double> c = new LinkedHashMap<>();
    for (int round = 0; round < Integer.parseInt(given.get("--rounds")); round++) {
      runC(given.get("--c"), bench.dir, entries, c);
      remove(bench.dir);
      bench.run();
      remove(bench.dir);
    }
    Files.delete(folder);
    System.out.printf("ns per call, %d entries of 16 + 100 bytes%n", entries);
    System.out.printf("%-14s%8s%8s%10s%n", "", "C", "Java", "beyond C");
    bench.found.forEach(
        (name, ns) -> {
          double inC = c.get(name.split(":")[0]);
          System.out.printf("%-14s%8.0f%8.0f%10.0f%n", name, inC, ns, ns - inC);
        });
  }
}
