import io.stave.Entry;
import io.stave.Options;
import io.stave.Store;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes what programs of all languages can read, and reads what they wrote.
 *
 * <p>usage: Polyglot write DIR LANG | hold DIR LANG | read DIR | watch DIR
 *
 * <p>`hold` writes again and again until there is a file DIR.stop, and says `open` after the first
 * time.
 *
 * <p>Keys are LANG, a NUL, a number below 200 in four bytes, the highest first, and 1500 bytes of
 * 255 where it is divisible by 7. The value is the key's SHA-256, number modulo 5 times. Numbers
 * that end in 9 are deleted again.
 */
final class Polyglot {
  private static final int NUMBERS = 200;
  private static final int KEPT = 180;

  private Polyglot() {}

  private static byte[] key(String language, int number) {
    byte[] name = language.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer key = ByteBuffer.allocate(name.length + 5 + (number % 7 == 0 ? 1500 : 0));
    Arrays.fill(key.array(), (byte) 255);
    return key.put(name).put((byte) 0).putInt(number).array();
  }

  private static byte[] value(byte[] key, int number) throws NoSuchAlgorithmException {
    byte[] sum = MessageDigest.getInstance("SHA-256").digest(key);
    ByteBuffer value = ByteBuffer.allocate(number % 5 * sum.length);
    while (value.hasRemaining()) value.put(sum);
    return value.array();
  }

  private static void write(Store store, String language) throws Exception {
    for (int i = 0; i < NUMBERS; i++) store.put(key(language, i), value(key(language, i), i));
    for (int i = 9; i < NUMBERS; i += 10) {
      if (!store.delete(key(language, i))) throw new Exception("number " + i + " is not there");
    }
  }

  private static void hold(Store store, String folder, String language) throws Exception {
    Path stop = Path.of(folder + ".stop");
    write(store, language);
    System.out.println("open");
    while (!Files.exists(stop)) write(store, language);
  }

  private static Map<String, Integer> read(Store store) throws Exception {
    Map<String, Integer> counts = new TreeMap<>();
    byte[] last = {};
    for (Entry entry : store) {
      byte[] key = entry.getKey();
      if (Arrays.compareUnsigned(last, key) >= 0) throw new Exception("a key is out of order");
      last = key;
      counts.merge(check(key, entry.getValue()), 1, Integer::sum);
    }
    for (Map.Entry<String, Integer> count : counts.entrySet()) {
      if (count.getValue() != KEPT) {
        throw new Exception(count.getKey() + ": " + count.getValue() + " keys, not " + KEPT);
      }
    }
    return counts;
  }

  /** The language of an entry that is as it should be. */
  private static String check(byte[] key, byte[] value) throws Exception {
    int end = 0;
    while (end < key.length && key[end] > ' ' && key[end] <= '~') end++;
    if (end == 0 || key.length < end + 5) throw new Exception("a key without language and number");
    String language = new String(key, 0, end, StandardCharsets.US_ASCII);
    int number = ByteBuffer.wrap(key).getInt(end + 1);
    if (number < 0 || number >= NUMBERS || number % 10 == 9) {
      throw new Exception(language + ": a key with the number " + number);
    }
    String which = language + ": number " + number;
    if (!Arrays.equals(key, key(language, number))) throw new Exception(which + ": another key");
    if (!Arrays.equals(value, value(key, number))) throw new Exception(which + ": another value");
    return language;
  }

  private static long count(Store store) {
    long count = 0;
    for (byte[] key : store.walk().keys()) count += key.length > 0 ? 1 : 0;
    return count;
  }

  public static void main(String[] arguments) {
    String verb = arguments.length > 0 ? arguments[0] : "";
    boolean writes = verb.matches("write|hold");
    if (arguments.length != (writes ? 3 : 2) || !(writes || verb.matches("read|watch"))) {
      System.err.println("usage: Polyglot write DIR LANG | hold DIR LANG | read DIR | watch DIR");
      System.exit(2);
    }
    Options options = writes ? new Options() : new Options().readOnly();
    try (Store store = Store.open(Path.of(arguments[1]), options)) {
      if (verb.equals("hold")) {
        hold(store, arguments[1], arguments[2]);
      } else if (writes) {
        write(store, arguments[2]);
      } else if (verb.equals("read")) {
        read(store).forEach((language, count) -> System.out.println(language + " " + count));
      } else {
        System.out.println(count(store));
      }
    } catch (Exception error) {
      System.err.println("Polyglot: " + arguments[1] + ": " + error.getMessage());
      System.exit(1);
    }
  }
}
