package dev.outboard.bench;

import dev.outboard.engine.Engine;
import dev.outboard.engine.worker.GuestDevice;
import dev.outboard.engine.worker.GuestShare;
import dev.outboard.engine.worker.Worker;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What an engine keeps for one of its guests where frames go by: all that leads from the guest's
 * device, as workers see it, to objects that no other guest's device leads to. Sizes of objects are
 * those that the Java machine itself tells. Cold; while no guest comes or goes.
 */
final class GuestState {
  private static final String OURS = "dev.outboard.";

  /** Where a frame's way leads. What else a device knows, as who controls it, is none of that. */
  private static final List<String> WAY =
      List.of(
          "dev.outboard.engine.worker.",
          "dev.outboard.engine.virtqueue.",
          "dev.outboard.engine.memory.",
          "dev.outboard.engine.forwarding.");

  private static final int ARRAY_HEADER = 16;
  private static final int REFERENCE = 4;
  private static final int UNKNOWN_OBJECT = 16;

  private final Map<String, Long> sizes = new HashMap<>();

  /**
   * Objects of one class, or arrays of one field, of one guest.
   *
   * @param array whether they are arrays
   */
  record Part(String name, boolean array, int count, long bytes) {
    /** As one line without semicolons. */
    String line() {
      return "%s,%b,%d,%d".formatted(name, array, count, bytes);
    }

    static Part of(String line) {
      String[] words = line.split(",", -1);
      return new Part(
          words[0],
          Boolean.parseBoolean(words[1]),
          Integer.parseInt(words[2]),
          Long.parseLong(words[3]));
    }
  }

  private GuestState() throws IOException {
    // num  #instances  #bytes  class name (module)
    for (String line : histogram().split("\n", -1)) {
      String[] words = line.strip().split("\\s+", -1);
      if (words.length >= 4 && words[0].endsWith(":")) {
        sizes.put(words[3], Long.parseLong(words[2]) / Long.parseLong(words[1]));
      }
    }
  }

  /** The largest part first; nothing if there are not two guests to compare. */
  static List<Part> of(Engine engine) throws IOException {
    Set<Object> all = reach(List.of(engine), type -> type.getName().startsWith(OURS)).keySet();
    List<Object> devices = all.stream().filter(GuestDevice.class::isInstance).toList();
    if (devices.size() < 2) {
      return List.of();
    }
    IdentityHashMap<Object, String> own =
        reach(roots(devices.getLast(), all), GuestState::isOnTheWay);
    reach(roots(devices.getFirst(), all), GuestState::isOnTheWay).keySet().forEach(own::remove);
    return new GuestState().parts(own);
  }

  /** A device, and what workers have of it. */
  private static List<Object> roots(Object device, Set<Object> all) {
    List<Object> roots = new ArrayList<>(List.of(device));
    for (Object each : all) {
      if (each instanceof GuestShare
          && heldBy(each, GuestState::isOnTheWay, "").containsKey(device)) {
        roots.add(each);
      }
    }
    return roots;
  }

  private static boolean isOnTheWay(Class<?> type) {
    return type != Worker.class && WAY.stream().anyMatch(type.getName()::startsWith);
  }

  private List<Part> parts(IdentityHashMap<Object, String> objects) {
    Map<String, Part> parts = new TreeMap<>();
    objects.forEach(
        (object, held) -> {
          boolean array = object.getClass().isArray();
          String name = array ? held : object.getClass().getName().replaceFirst(".*\\.", "");
          parts.merge(
              name,
              new Part(name, array, 1, size(object)),
              (a, b) -> new Part(name, array, a.count + b.count, a.bytes + b.bytes));
        });
    return parts.values().stream()
        .sorted(Comparator.comparingLong(Part::bytes).reversed())
        .toList();
  }

  private long size(Object object) {
    Class<?> type = object.getClass();
    return type.isArray()
        ? arraySize(Array.getLength(object), type.getComponentType())
        : sizes.getOrDefault(type.getName(), (long) UNKNOWN_OBJECT);
  }

  /** Of an array: header, elements, and what fills the last eight bytes. */
  static long arraySize(int length, Class<?> element) {
    int each =
        switch (element.getName()) {
          case "boolean", "byte" -> 1;
          case "short", "char" -> 2;
          case "int", "float" -> 4;
          case "long", "double" -> 8;
          default -> REFERENCE;
        };
    return (ARRAY_HEADER + (long) length * each + 7) & -8;
  }

  /** All that objects lead to by way of such classes, with the field that holds it. */
  private static IdentityHashMap<Object, String> reach(List<?> from, Predicate<Class<?>> through) {
    IdentityHashMap<Object, String> found = new IdentityHashMap<>();
    from.forEach(root -> found.put(root, ""));
    Deque<Object> left = new ArrayDeque<>(from);
    boolean ofOneGuest = from.getFirst() instanceof GuestDevice;
    while (!left.isEmpty()) {
      Object object = left.remove();
      for (Map.Entry<Object, String> each : heldBy(object, through, found.get(object)).entrySet()) {
        boolean otherGuest = ofOneGuest && each.getKey() instanceof GuestDevice;
        if (!otherGuest && !found.containsKey(each.getKey())) {
          found.put(each.getKey(), each.getValue());
          left.add(each.getKey());
        }
      }
    }
    return found;
  }

  private static IdentityHashMap<Object, String> heldBy(
      Object object, Predicate<Class<?>> through, String name) {
    IdentityHashMap<Object, String> held = new IdentityHashMap<>();
    if (object instanceof Object[] array) {
      put(held, Arrays.asList(array), name);
    } else if (object instanceof Collection<?> collection) {
      put(held, collection, name);
    } else if (object instanceof Map<?, ?> map) {
      put(held, map.values(), name);
    } else if (through.test(object.getClass())) {
      for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
        for (Field field : type.getDeclaredFields()) {
          if (!field.getType().isPrimitive() && !Modifier.isStatic(field.getModifiers())) {
            put(held, value(field, object), type.getSimpleName() + "." + field.getName());
          }
        }
      }
    }
    return held;
  }

  private static void put(IdentityHashMap<Object, String> held, Object value, String name) {
    if (value != null && !(value instanceof String) && !(value instanceof Class<?>)) {
      held.put(value, name);
    }
  }

  private static void put(IdentityHashMap<Object, String> held, Collection<?> values, String name) {
    new ArrayList<>(values).forEach(value -> put(held, value, name));
  }

  private static Object value(Field field, Object object) {
    if (!field.trySetAccessible()) {
      return null;
    }
    try {
      return field.get(object);
    } catch (IllegalAccessException e) {
      return null;
    }
  }

  private static String histogram() throws IOException {
    try {
      return (String)
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new IOException("the Java machine does not tell its classes: " + e.getMessage(), e);
    }
  }
}
