package io.stave;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.TreeMap;

/** What reports have in common: they can be printed. */
abstract class Report {
  Report() {}

  @Override
  public final String toString() {
    TreeMap<String, Object> fields = new TreeMap<>();
    for (Method method : getClass().getDeclaredMethods()) {
      if (!Modifier.isPublic(method.getModifiers()) || method.getParameterCount() > 0) continue;
      try {
        fields.put(method.getName(), method.invoke(this));
      } catch (ReflectiveOperationException error) {
        throw new IllegalStateException(error);
      }
    }
    return getClass().getSimpleName() + fields;
  }
}
