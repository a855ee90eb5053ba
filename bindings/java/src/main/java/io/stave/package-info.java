/**
 * An embedded key-value store. {@link io.stave.Store#open} is where to begin:
 *
 * <pre>{@code
 * try (Store store = Store.open(Path.of("shop"))) {
 *   store.put(key, value);
 *   for (Entry entry : store.walk().prefix(users)) ...
 * }
 * }</pre>
 *
 * <p>The native library {@code stave-jni} is loaded with the first call: the file that the system
 * property {@code stave.jni} names; or from {@code java.library.path}; or from the jar.
 */
package io.stave;
